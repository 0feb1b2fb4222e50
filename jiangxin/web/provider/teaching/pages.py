"""上课签到, on the teacher's phone or the room's device: the lessons of the day, codes in and out, photo, pleas."""

import json
from datetime import datetime, timedelta
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.parties.codes import step_now
from jiangxin.subsidy.law import current_law
from jiangxin.training.evidence import DIRECTIONS, Attendance
from jiangxin.training.models import Lesson
from jiangxin.training.operations.attendance import (
    LARGEST_PHOTO,
    Shown,
    may_sign_lesson,
    reveal_photo,
    sign,
    sign_buffered,
    sign_in_teacher,
    take_photo,
)
from jiangxin.training.operations.exceptions import propose_exception
from jiangxin.training.queries.attendance import board_of, exceptions_of_body, lesson_of, lessons_about, photo_of
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm

LOOKS = {
    "expected": "off", "present": "run", "attended": "ok", "late": "wait", "absent": "no", "excused": "off",
}  # fmt: skip
MOST_BUFFERED = 500
TEACHING = ("teacher", "school", "head")


class CodeForm(PlainForm):
    """What the device read: eight digits, and in which direction."""

    code = forms.CharField(
        label="签到码", max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "data-private": ""}),
    )  # fmt: skip
    direction = forms.ChoiceField(
        label="方向", choices=list(DIRECTIONS.items()), initial="in", widget=forms.RadioSelect
    )


class PhotoForm(PlainForm):
    """A photo of the class, by the phone's own camera."""

    photo = forms.FileField(
        label="课堂照片", widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png", "capture": "environment"})
    )


class FindingForm(PlainForm):
    """What the school found about a plea."""

    agreed = forms.ChoiceField(label="核实结果", choices=[("yes", "确实在场，提出补记"), ("no", "没有来，不补记")])
    finding = forms.CharField(label="查到的情况", max_length=200)


def _lesson(actor: Actor, lesson_id: UUID) -> Lesson:
    lesson = lesson_of(lesson_id)
    if lesson is None or not may_sign_lesson(actor, lesson, lesson.training_class.body_id):
        raise NotFound()
    return lesson


@entry("provider", *TEACHING)
def lessons(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The lessons I teach, or all of the school's for its clerks: today's first."""
    whole = actor.has("school", "head")
    found = lessons_about(at, body=actor.body_id) if whole else lessons_about(at, teacher=actor.person_id)
    shown = {"lessons": [(one, one.starts_at <= at <= one.ends_at) for one in found], "whole": whole}
    return TemplateResponse(request, "provider/teaching/lessons.html", shown)


def _page(request: Request, actor: Actor, at: datetime, lesson: Lesson, **more: object) -> HttpResponseBase:
    board = board_of(lesson)
    shown = {
        "lesson": lesson, "board": board, "rows": [(row, LOOKS[row.state]) for row in board.rows],
        "mine": lesson.teacher_person_id == actor.person_id, "photo_form": PhotoForm(),
        "form": CodeForm(initial={"direction": request.GET.get("d", "in")}),
    }  # fmt: skip
    return TemplateResponse(request, "provider/teaching/lesson.html", shown | more)


@entry("provider", *TEACHING, methods=("GET", "POST"))
def lesson(request: Request, actor: Actor, at: datetime, lesson_id: UUID) -> HttpResponseBase:
    """The device: codes are typed or scanned here, and everybody's state stands below."""
    found = _lesson(actor, lesson_id)
    if request.method == "GET":
        return _page(request, actor, at, found)
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _page(request, actor, at, found, form=form)
    given = form.cleaned_data
    shown = Shown(given["code"], given["direction"], _device(request), step_now())
    said = sign(actor, at, found.id, shown, current_law())
    if not said.accepted or said.attendance is None:
        messages.error(request, said.problem)
    else:
        messages.success(
            request, f"{said.attendance.person.name} {DIRECTIONS[given['direction']]}：{_word(said.attendance)}"
        )
    return HttpResponseRedirect(f"{reverse('provider-lesson', args=[found.id])}?d={given['direction']}")


def _word(attendance: Attendance) -> str:
    return f"计 {attendance.counted} 课时" if attendance.state in ("attended", "late") else "记下了"


def _device(request: Request) -> str:
    return request.headers.get("User-Agent", "")[:40]


@entry("provider", *TEACHING, methods=("POST",))
def buffer(request: Request, actor: Actor, at: datetime, lesson_id: UUID) -> HttpResponseBase:
    """What a device read while it had no network, with its own clock: each answered, all kept (issue 4, 4)."""
    found = _lesson(actor, lesson_id)
    try:
        scans = [
            Shown(str(row["code"])[:20], str(row["direction"]), _device(request), step_now(), _ago(row["ago"]))
            for row in json.loads(request.body)[:MOST_BUFFERED]
            if row["direction"] in DIRECTIONS
        ]
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"said": "上传的内容读不了，请重新扫码。"}, status=400)
    answers = []
    scans.sort(key=lambda one: one.ago, reverse=True)
    for shown, said in zip(scans, sign_buffered(actor, at, found.id, scans, current_law()), strict=True):
        name = said.attendance.person.name if said.attendance else ""
        answers.append({"name": name, "direction": DIRECTIONS[shown.direction], "problem": said.problem})
    return JsonResponse({"answers": answers}, json_dumps_params={"ensure_ascii": False})


def _ago(seconds: object) -> timedelta:
    return timedelta(seconds=max(0, min(float(str(seconds)), 30 * 86_400)))


@entry("provider", *TEACHING)
def board(request: Request, actor: Actor, at: datetime, lesson_id: UUID) -> HttpResponseBase:
    """The rows alone, asked for again while the page stands open."""
    found = board_of(_lesson(actor, lesson_id))
    shown = {"lesson": found.lesson, "board": found, "rows": [(row, LOOKS[row.state]) for row in found.rows]}
    return TemplateResponse(request, "provider/teaching/board.html", shown)


@entry("provider", "teacher", methods=("POST",))
def teacher_in(request: Request, actor: Actor, at: datetime, lesson_id: UUID) -> HttpResponseBase:
    """The teacher signs in."""
    sign_in_teacher(actor, at, lesson_id)
    messages.success(request, "您已签到。")
    return HttpResponseRedirect(reverse("provider-lesson", args=[lesson_id]))


@entry("provider", *TEACHING, methods=("POST",))
def photo(request: Request, actor: Actor, at: datetime, lesson_id: UUID) -> HttpResponseBase:
    """A photo of the class."""
    found = _lesson(actor, lesson_id)
    form = PhotoForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, actor, at, found, photo_form=form)
    file = form.cleaned_data["photo"]
    try:
        take_photo(actor, at, lesson_id, file.read(LARGEST_PHOTO + 1))
    except Refusal as no:
        form.add_error("photo", no.sentence + no.remedy)
        return _page(request, actor, at, found, photo_form=form)
    messages.success(request, "照片已保存。")
    return HttpResponseRedirect(reverse("provider-lesson", args=[lesson_id]))


@entry("provider", *TEACHING, writes=True)
def picture(request: Request, actor: Actor, at: datetime, photo_id: UUID) -> HttpResponseBase:
    """One photo, opened for whoever may see it; the looking is journalled."""
    found = photo_of(photo_id)
    if found is None:
        raise NotFound()
    content = reveal_photo(actor, at, found)
    return HttpResponse(content, content_type="image/png" if content.startswith(b"\x89PNG") else "image/jpeg")


@entry("provider", "school", "head", methods=("GET", "POST"))
def exceptions(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """补记: what learners said about missing scans, and what the school found."""
    form = FindingForm()
    if request.method == "POST":
        form = FindingForm(request.POST)
        if form.is_valid():
            given = form.cleaned_data
            try:
                asked = propose_exception(
                    actor,
                    at,
                    UUID(request.POST["exception"]),
                    given["agreed"] == "yes",
                    given["finding"],
                    current_law(),
                )
            except Refusal as no:
                form.add_error("finding", no.sentence + no.remedy)
            else:
                messages.success(request, f"已核实：{asked.get_state_display()}。{asked.opinion}")
                return HttpResponseRedirect(reverse("provider-exceptions"))
    body_id = actor.body_id
    found = list(exceptions_of_body(body_id)[:200]) if body_id else []
    shown = {
        "open": [one for one in found if one.state == "asked"],
        "answered": [one for one in found if one.state != "asked"],
        "form": form, "tried": request.POST.get("exception", ""),
    }  # fmt: skip
    return TemplateResponse(request, "provider/teaching/exceptions.html", shown)


urlpatterns = [
    path("lessons/", lessons, name="provider-lessons"),
    path("lessons/<uuid:lesson_id>/", lesson, name="provider-lesson"),
    path("lessons/<uuid:lesson_id>/board/", board, name="provider-lesson-board"),
    path("lessons/<uuid:lesson_id>/buffer/", buffer, name="provider-lesson-buffer"),
    path("lessons/<uuid:lesson_id>/teacher/", teacher_in, name="provider-teacher-in"),
    path("lessons/<uuid:lesson_id>/photo/", photo, name="provider-lesson-photo"),
    path("photos/<uuid:photo_id>/", picture, name="provider-photo"),
    path("exceptions/", exceptions, name="provider-exceptions"),
]
