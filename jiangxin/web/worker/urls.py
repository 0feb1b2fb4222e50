"""Addresses of the worker's phone."""

from django.urls import include, path

urlpatterns = [
    path("", include("jiangxin.web.worker.home.pages")),
    path("", include("jiangxin.web.worker.learning.pages")),
    path("", include("jiangxin.web.worker.assessment.pages")),
    path("", include("jiangxin.web.worker.training.vouchers")),
    path("", include("jiangxin.web.worker.training.presence")),
    path("", include("jiangxin.web.worker.training.classes")),
    path("", include("jiangxin.web.worker.training.online")),
    path("", include("jiangxin.web.worker.training.transfers")),
    path("", include("jiangxin.web.worker.exams.pages")),
    path("", include("jiangxin.web.worker.subsidy.pages")),
    path("", include("jiangxin.web.worker.parties.pages")),
]
