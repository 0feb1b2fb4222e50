"""教室和教师, for a school's clerk: what a class needs before it can be applied for (9.1)."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.parties.models import DOCUMENT_KINDS
from jiangxin.parties.operations.persons import PersonRow
from jiangxin.rules.vocabulary import LEVELS
from jiangxin.training.models import Teacher
from jiangxin.training.operations.places import (
    Qualification,
    close_room,
    end_teaching,
    open_room,
    qualify_teacher,
    register_teacher,
)
from jiangxin.training.queries.classes import (
    rooms_of,
    subjects_taught,
    teacher_of,
    teachers_of,
    titles_of_subjects,
)
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PRIVATE, PlainForm

SCHOOL = ("school", "head")


class RoomForm(PlainForm):
    """A room and its place."""

    name = forms.CharField(label="教室名称", max_length=60)
    address = forms.CharField(label="地址", max_length=120)
    capacity = forms.IntegerField(label="能坐多少人", min_value=1, max_value=500)


class TeacherForm(PlainForm):
    """A teacher by document, and what may be taught by which certificate."""

    name = forms.CharField(label="姓名", max_length=60)
    kind = forms.ChoiceField(label="证件类型", choices=list(DOCUMENT_KINDS.items()))
    number = forms.CharField(label="证件号码", max_length=30, widget=forms.TextInput(attrs=PRIVATE))
    full_time = forms.ChoiceField(label="专职还是兼职", choices=[("yes", "专职"), ("no", "兼职")])
    certificate = forms.CharField(
        label="《职业技能培训教师合格证》编号", max_length=40, required=False, help_text="没有的不填。"
    )
    subjects = forms.MultipleChoiceField(label="能教什么", widget=forms.CheckboxSelectMultiple)
    level = forms.ChoiceField(label="能教到哪一级", choices=[("", "各级都能教"), *LEVELS.items()], required=False)
    document = forms.CharField(label="依据的证书", max_length=120, help_text="职业资格或技能等级证书的名称和编号。")


def _body(actor: Actor) -> UUID:
    if actor.body_id is None:
        raise NotFound()
    return actor.body_id


@entry("provider", *SCHOOL, methods=("GET", "POST"))
def rooms(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Rooms in use, and a form for another."""
    form = RoomForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            open_room(actor, at, region_id=actor.region_id or 0, **form.cleaned_data)
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            messages.success(request, "教室已登记。")
            return HttpResponseRedirect(reverse("provider-rooms"))
    shown = {"rooms": rooms_of(_body(actor)), "form": form}
    return TemplateResponse(request, "provider/training/rooms.html", shown)


@entry("provider", *SCHOOL, methods=("POST",))
def room_closed(request: Request, actor: Actor, at: datetime, room_id: UUID) -> HttpResponseBase:
    """Take a room out of use."""
    close_room(actor, at, room_id)
    messages.success(request, "教室已停用。")
    return HttpResponseRedirect(reverse("provider-rooms"))


@entry("provider", *SCHOOL, methods=("GET", "POST"))
def teachers(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Teachers with what they may teach, and a form for another."""
    form = TeacherForm(request.POST or None)
    form.fields["subjects"].choices = subjects_taught(_body(actor), day_of(at))  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        able = [Qualification(subject, given["level"], given["document"]) for subject in given["subjects"]]
        row = PersonRow(given["kind"], given["number"], given["name"])
        try:
            register_teacher(actor, at, row, given["full_time"] == "yes", day_of(at), given["certificate"], able)
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            messages.success(request, "教师已登记。")
            return HttpResponseRedirect(reverse("provider-teachers"))
    titles = dict(subjects_taught(_body(actor), day_of(at)))
    rows = [
        (
            one, "、".join(titles.get(able.subject, able.subject) for able in one.qualifications.all()),
            all(able.confirmed_at for able in one.qualifications.all()),
        )
        for one in teachers_of(_body(actor))
    ]  # fmt: skip
    return TemplateResponse(request, "provider/training/teachers.html", {"rows": rows, "form": form})


@entry("provider", *SCHOOL, methods=("POST",))
def teacher_left(request: Request, actor: Actor, at: datetime, teacher_id: UUID) -> HttpResponseBase:
    """A teacher leaves."""
    end_teaching(actor, at, teacher_id)
    messages.success(request, "已记下离任。")
    return HttpResponseRedirect(reverse("provider-teachers"))


class QualificationForm(PlainForm):
    """What a teacher may teach besides, by which certificate."""

    subjects = forms.MultipleChoiceField(label="能教什么", widget=forms.CheckboxSelectMultiple)
    level = forms.ChoiceField(label="能教到哪一级", choices=[("", "各级都能教"), *LEVELS.items()], required=False)
    document = forms.CharField(label="依据的证书", max_length=120, help_text="职业资格或技能等级证书的名称和编号。")


def _kept(teacher: Teacher, struck: str = "") -> list[Qualification]:
    """What a teacher may teach, but for the one struck out."""
    return [
        Qualification(one.subject, one.level, one.document, one.until_on)
        for one in teacher.qualifications.all()
        if str(one.id) != struck
    ]


@entry("provider", *SCHOOL, methods=("GET", "POST"))
def teacher(request: Request, actor: Actor, at: datetime, teacher_id: UUID) -> HttpResponseBase:
    """What one teacher may teach; posting adds to it, the county confirms it when it looks at a class."""
    found = teacher_of(_body(actor), teacher_id)
    if found is None:
        raise NotFound()
    form = QualificationForm(request.POST or None)
    taught = subjects_taught(_body(actor), day_of(at))
    form.fields["subjects"].choices = taught  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        more = [Qualification(subject, given["level"], given["document"].strip()) for subject in given["subjects"]]
        said = {(one.subject, one.level) for one in more}
        kept = [one for one in _kept(found) if (one.subject, one.level) not in said]
        try:
            qualify_teacher(actor, at, teacher_id, [*kept, *more])
        except Refusal as no:
            form.add_error("document", no.sentence + no.remedy)
        else:
            messages.success(request, "任教资格已补充，县里审核开班时核对。")
            return HttpResponseRedirect(reverse("provider-teacher", args=[teacher_id]))
    titles = titles_of_subjects({one.subject for one in found.qualifications.all()})
    rows = [(one, titles.get(one.subject, one.subject)) for one in found.qualifications.all()]
    return TemplateResponse(request, "provider/training/teacher.html", {"found": found, "rows": rows, "form": form})


@entry("provider", *SCHOOL, methods=("POST",))
def unqualified(request: Request, actor: Actor, at: datetime, teacher_id: UUID) -> HttpResponseBase:
    """Something a teacher may teach no longer."""
    found = teacher_of(_body(actor), teacher_id)
    if found is None:
        raise NotFound()
    struck = request.POST.get("qualification", "")
    qualify_teacher(actor, at, teacher_id, _kept(found, struck))
    messages.success(request, "已去掉。")
    return HttpResponseRedirect(reverse("provider-teacher", args=[teacher_id]))


urlpatterns = [
    path("rooms/", rooms, name="provider-rooms"),
    path("rooms/<uuid:room_id>/close/", room_closed, name="provider-close-room"),
    path("teachers/", teachers, name="provider-teachers"),
    path("teachers/<uuid:teacher_id>/", teacher, name="provider-teacher"),
    path("teachers/<uuid:teacher_id>/strike/", unqualified, name="provider-strike-qualification"),
    path("teachers/<uuid:teacher_id>/leave/", teacher_left, name="provider-teacher-left"),
]
