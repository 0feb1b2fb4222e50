"""Addresses of the desk: offices of the state at every level."""

from django.urls import include, path

urlpatterns = [
    path("", include("jiangxin.web.staff.home.pages")),
    path("", include("jiangxin.web.staff.subsidy.decisions")),
    path("", include("jiangxin.web.staff.subsidy.notices")),
    path("", include("jiangxin.web.staff.subsidy.objections")),
    path("", include("jiangxin.web.staff.subsidy.holds")),
    path("", include("jiangxin.web.staff.subsidy.heirs")),
    path("", include("jiangxin.web.staff.subsidy.sheets")),
    path("", include("jiangxin.web.staff.subsidy.waiting")),
    path("", include("jiangxin.web.staff.subsidy.registers")),
    path("", include("jiangxin.web.staff.approval.pages")),
    path("", include("jiangxin.web.staff.payment.pages")),
    path("", include("jiangxin.web.staff.payment.failed")),
    path("", include("jiangxin.web.staff.payment.returns")),
    path("", include("jiangxin.web.staff.payment.paying")),
    path("", include("jiangxin.web.staff.payment.reconciliation")),
    path("", include("jiangxin.web.staff.funds.pages")),
    path("", include("jiangxin.web.staff.mainline.pages")),
    path("", include("jiangxin.web.staff.parties.pages")),
    path("", include("jiangxin.web.staff.assessment.pages")),
    path("", include("jiangxin.web.staff.training.vouchers")),
    path("", include("jiangxin.web.staff.recognition.pages")),
    path("", include("jiangxin.web.staff.recognition.reviews")),
    path("", include("jiangxin.web.staff.training.openings")),
    path("", include("jiangxin.web.staff.training.lessons")),
    path("", include("jiangxin.web.staff.exams.pages")),
    path("", include("jiangxin.web.staff.law.pages")),
    path("", include("jiangxin.web.staff.law.classes")),
    path("", include("jiangxin.web.staff.account.pages")),
]
