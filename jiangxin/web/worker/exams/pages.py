"""My exams: where and when, what came out, and the admission slip to print (peers D)."""

from datetime import datetime
from uuid import UUID

from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path

from jiangxin.assessment.exam_queries import exam_of_person, exams_of_person
from jiangxin.ground.actor import Actor
from jiangxin.ground.refusal import NotFound
from jiangxin.web.door import entry
from jiangxin.web.session import Request

LOOKS = {"admitted": "ok", "passed": "ok", "sat": "run", "signed_up": "wait", "failed": "no", "refused": "no"}


@entry("worker")
def exams(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """All my exams, the latest first."""
    rows = [(exam, LOOKS.get(exam.candidate.state, "off")) for exam in exams_of_person(actor.the_person)]
    return TemplateResponse(request, "worker/exams/exams.html", {"rows": rows})


@entry("worker")
def slip(request: Request, actor: Actor, at: datetime, candidate_id: UUID) -> HttpResponseBase:
    """The admission slip: made for paper, printed by the browser."""
    exam = exam_of_person(actor.the_person, candidate_id)
    if not exam.has_slip:
        raise NotFound()
    return TemplateResponse(request, "worker/exams/slip.html", {"exam": exam})


urlpatterns = [
    path("exams", exams, name="worker-exams"),
    path("exams/<uuid:candidate_id>/slip", slip, name="worker-exam-slip"),
]
