"""Addresses for platforms of online learning."""

from django.urls import path

from jiangxin.api import xapi

urlpatterns = [
    path("statements", xapi.statements, name="xapi-statements"),
    path("about", xapi.about, name="xapi-about"),
    path("<path:rest>", xapi.not_offered, name="xapi-other"),
]
