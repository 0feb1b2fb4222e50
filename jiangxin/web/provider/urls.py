"""Addresses of the clerks of assessors and providers."""

from django.urls import include, path

urlpatterns = [
    path("", include("jiangxin.web.provider.assessment.pages")),
    path("", include("jiangxin.web.provider.assessment.certificates")),
    path("", include("jiangxin.web.provider.recognition.pages")),
    path("", include("jiangxin.web.provider.recognition.yearly_plan")),
    path("", include("jiangxin.web.provider.training.classes")),
    path("", include("jiangxin.web.provider.training.online")),
    path("", include("jiangxin.web.provider.training.lessons")),
    path("", include("jiangxin.web.provider.training.rosters")),
    path("", include("jiangxin.web.provider.training.places")),
    path("", include("jiangxin.web.provider.teaching.pages")),
    path("", include("jiangxin.web.provider.settlements.pages")),
    path("", include("jiangxin.web.provider.exams.plans")),
    path("", include("jiangxin.web.provider.exams.candidates")),
    path("", include("jiangxin.web.provider.exams.sheets")),
    path("", include("jiangxin.web.provider.exams.rooms")),
    path("", include("jiangxin.web.provider.exams.scores")),
    path("", include("jiangxin.web.provider.exams.results")),
    path("", include("jiangxin.web.provider.exams.examiners")),
]
