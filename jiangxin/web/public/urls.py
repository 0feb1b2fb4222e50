"""Addresses open to everybody."""

from django.urls import include, path

urlpatterns = [
    path("", include("jiangxin.web.public.home.pages")),
    path("", include("jiangxin.web.public.notices.pages")),
    path("", include("jiangxin.web.public.providers.pages")),
    path("", include("jiangxin.web.public.postings.pages")),
    path("", include("jiangxin.web.public.projects.pages")),
    path("", include("jiangxin.web.public.estimate.pages")),
    path("", include("jiangxin.web.public.rules.pages")),
    path("", include("jiangxin.web.public.entrance.pages")),
    path("", include("jiangxin.web.public.demo.pages")),
    path("", include("jiangxin.web.shared.text_size")),
]
