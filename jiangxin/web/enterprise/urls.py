"""Addresses of those who keep a workforce: employers and platforms."""

from django.urls import include, path

urlpatterns = [
    path("", include("jiangxin.web.enterprise.workforce.pages")),
    path("", include("jiangxin.web.enterprise.training.pages")),
]
