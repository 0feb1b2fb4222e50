"""Only includes: every audience brings its own addresses."""

from django.urls import include, path

urlpatterns = [
    path("", include("jiangxin.web.public.urls")),
    path("me/", include("jiangxin.web.worker.urls")),
    path("provider/", include("jiangxin.web.provider.urls")),
    path("xapi/", include("jiangxin.api.urls")),
    path("provider/", include("jiangxin.web.enterprise.urls")),
    path("desk/", include("jiangxin.web.staff.urls")),
]
handler400 = "jiangxin.web.errors.not_understood"
handler403 = "jiangxin.web.errors.forbidden"
handler404 = "jiangxin.web.errors.not_found"
handler500 = "jiangxin.web.errors.failed"
