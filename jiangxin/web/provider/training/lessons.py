"""课表, for a school's clerk: the plan as a sheet, out and in; one lesson moved with its reason."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import SHANGHAI
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.parties.register_files import RegisterFileWrong, WrongCell
from jiangxin.training.lesson_sheet import lessons_workbook, read_lessons
from jiangxin.training.models import Lesson
from jiangxin.training.operations.classes import may_change_class, may_edit_class, move_lesson, plan_lessons
from jiangxin.training.queries.classes import lesson_in_class, lessons_of, rooms_of, teachers_of
from jiangxin.web.door import entry
from jiangxin.web.provider.training.rosters import own_class
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import DayInput, PlainForm
from jiangxin.web.shared.rosters import download

SCHOOL = ("school", "head")
LARGEST, SHOWN = 5_000_000, 100


class PlanForm(PlainForm):
    """A filled plan of lessons."""

    file = forms.FileField(
        label="课表文件", help_text="模板填好的 .xlsx，或 CSV。5 MB 以内。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )  # fmt: skip

    def clean_file(self) -> object:
        """The file, if it is not too heavy to be read at all."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError("文件超过 5 MB，请分成几个班")
        return file


class MoveForm(PlainForm):
    """Where a lesson goes, and why."""

    day = forms.DateField(label="日期", widget=DayInput)
    begins = forms.TimeField(label="几点开始", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(label="几点结束", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    room = forms.ChoiceField(label="教室", required=False)
    teacher = forms.ChoiceField(label="教师", required=False)
    reason = forms.CharField(
        label="原因", max_length=200, min_length=5, help_text="学员和县里都看得到。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def __init__(self, *args: Any, body_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rooms = [(str(one.id), f"{one.name}（{one.capacity} 座）") for one in rooms_of(body_id)]
        teachers = [(str(one.id), one.person.name) for one in teachers_of(body_id)]
        self.fields["room"].choices = [("", "没有选"), *rooms]  # type: ignore[attr-defined]
        self.fields["teacher"].choices = [("", "没有选"), *teachers]  # type: ignore[attr-defined]


@entry("provider", *SCHOOL)
def plan_sheet(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """The plan of lessons as a workbook; an empty one is the template."""
    found = own_class(actor, class_id)
    content = lessons_workbook(lessons_of(class_id), rooms_of(found.body_id), teachers_of(found.body_id))
    return download(content, f"课表_{found.number}.xlsx")


@entry("provider", *SCHOOL, methods=("GET", "POST"))
def plan_send(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """Send a filled plan: it becomes the class's plan, or one wrong row leaves everything as it was."""
    found = own_class(actor, class_id)
    if not may_edit_class(actor, found):
        raise NotFound()
    form = PlanForm(request.POST, request.FILES) if request.method == "POST" else PlanForm()
    wrongs: list[WrongCell] = []
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            rows = read_lessons(file.name, file.read(), rooms_of(found.body_id), teachers_of(found.body_id))
            plan_lessons(actor, at, class_id, rows)
        except Refusal as no:
            wrongs = no.wrongs if isinstance(no, RegisterFileWrong) else []
            form.add_error("file", f"{len(wrongs)} 处要改，课表没有动。" if wrongs else no.sentence + no.remedy)
        else:
            messages.success(request, f"课表已换成表里的 {len(rows)} 次课。")
            return HttpResponseRedirect(reverse("provider-class", args=[class_id]))
    page = {"found": found, "form": form, "wrongs": wrongs[:SHOWN], "more": len(wrongs) - SHOWN}
    return TemplateResponse(request, "provider/training/lessons_sheet.html", page)


def _begun(lesson: Lesson) -> dict[str, object]:
    starts, ends = lesson.starts_at.astimezone(SHANGHAI), lesson.ends_at.astimezone(SHANGHAI)
    return {
        "day": starts.date(), "begins": starts.time(), "ends": ends.time(), "room": str(lesson.room_id or ""),
        "teacher": str(lesson.teacher_id or ""),
    }  # fmt: skip


def _key(text: str) -> UUID | None:
    return UUID(text) if text else None


@entry("provider", *SCHOOL, methods=("GET", "POST"))
def move(request: Request, actor: Actor, at: datetime, lesson_id: UUID) -> HttpResponseBase:
    """Move a lesson that did not begin: time, room, teacher, and why."""
    lesson = lesson_in_class(lesson_id)
    found = own_class(actor, lesson.training_class_id if lesson else None)
    if lesson is None or not may_change_class(actor, found):
        raise NotFound()
    form = MoveForm(request.POST or None, body_id=found.body_id, initial=_begun(lesson))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        starts, ends = (datetime.combine(given["day"], given[key], SHANGHAI) for key in ("begins", "ends"))
        try:
            move_lesson(
                actor, at, lesson_id, starts, ends, _key(given["room"]), _key(given["teacher"]), given["reason"]
            )
        except NotFound:
            form.add_error("room", "面授课要选教室和教师。")
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            messages.success(request, "已调课，学员的课表跟着改了。")
            return HttpResponseRedirect(reverse("provider-class", args=[found.id]))
    page = {"found": found, "lesson": lesson, "form": form, "over": lesson.starts_at <= at}
    return TemplateResponse(request, "provider/training/move_lesson.html", page)


urlpatterns = [
    path("classes/<uuid:class_id>/lessons.xlsx", plan_sheet, name="provider-lessons-sheet"),
    path("classes/<uuid:class_id>/lessons/send/", plan_send, name="provider-lessons-send"),
    path("classes/lessons/<uuid:lesson_id>/move/", move, name="provider-move-lesson"),
]
