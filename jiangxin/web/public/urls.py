"""Addresses open to everybody."""

from django.urls import include, path

urlpatterns = [
    path("", include("jiangxin.web.public.home.pages")),
    path("", include("jiangxin.web.public.entrance.pages")),
    path("", include("jiangxin.web.public.demo.pages")),
    path("", include("jiangxin.web.shared.text_size")),
]
