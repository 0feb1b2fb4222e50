"""Addresses of the clerks of assessors and providers."""

from django.urls import include, path

urlpatterns = [
    path("", include("jiangxin.web.provider.assessment.pages")),
    path("", include("jiangxin.web.provider.assessment.certificates")),
]
