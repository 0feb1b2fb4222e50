"""班级, for a school's clerk: apply, plan lessons, see what is not in order, submit; then learners and the end."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import SHANGHAI, day_of
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.rules.vocabulary import LEVELS
from jiangxin.subsidy.law import current_law
from jiangxin.subsidy.queries.worth import class_worth
from jiangxin.training.models import (
    CLASS_STATES,
    ENROLMENT_WAYS,
    INDUSTRIES,
    LESSON_KINDS,
    MODES,
    PAYS,
    TrainingClass,
)
from jiangxin.training.operations.attendance import finish_class
from jiangxin.training.operations.classes import (
    ClassPlan,
    LessonRow,
    cancel_class,
    draft_class,
    may_change_class,
    may_edit_class,
    plan_lessons,
    recall_class,
    revise_class,
    submit_class,
)
from jiangxin.training.operations.seats import leave_class
from jiangxin.training.operations.sending import may_fill_seats
from jiangxin.training.queries.attendance import hours_in
from jiangxin.training.queries.classes import (
    checks_of,
    class_of_body,
    classes_of_body,
    history_of,
    learners_of,
    lessons_of,
    rooms_of,
    state_counts,
    subjects_taught,
    teachers_of,
)
from jiangxin.training.queries.rosters import offers_of
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import DayInput, PlainForm

PER_PAGE = 50
SCHOOL = ("school", "head")
LOOKS = {
    "draft": "off", "submitted": "wait", "returned": "no", "refused": "no", "open": "run", "running": "run",
    "finished": "ok", "cancelled": "off",
}  # fmt: skip
LONGEST_PLAN = 200
KIND_OF_SUBJECT = {"item": "special_skill", "project": "training_pass"}


class ClassForm(PlainForm):
    """What a class teaches, to whom, how many, where, with what."""

    subject = forms.ChoiceField(label="学什么")
    level = forms.ChoiceField(label="等级", choices=[("", "没有等级"), *LEVELS.items()], required=False)
    mode = forms.ChoiceField(label="培训形式", choices=list(MODES.items()))
    industry = forms.ChoiceField(
        label="产业", choices=[("", "不属于十大标志性产业"), *((one, one) for one in INDUSTRIES)], required=False
    )
    enrolment = forms.ChoiceField(label="怎么招生", choices=list(ENROLMENT_WAYS.items()))
    pays = forms.ChoiceField(label="补贴给谁", choices=list(PAYS.items()))
    capacity = forms.IntegerField(label="计划人数", min_value=1, max_value=500)
    fee = forms.DecimalField(label="向学员收费（元）", min_value=0, max_digits=8, decimal_places=2, initial=0)
    room = forms.ChoiceField(label="主要教室", required=False)
    materials = forms.CharField(label="教材和数字资源", max_length=400, required=False)
    examination = forms.CharField(label="考核方案", max_length=400, required=False)

    def __init__(self, *args: Any, body_id: UUID, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject"].choices = subjects_taught(body_id, on)  # type: ignore[attr-defined]
        rooms = [("", "还没定"), *((str(room.id), f"{room.name}（{room.capacity} 座）") for room in rooms_of(body_id))]
        self.fields["room"].choices = rooms  # type: ignore[attr-defined]

    def plan(self) -> ClassPlan:
        """The form as the operation wants it."""
        given = self.cleaned_data
        kind = KIND_OF_SUBJECT.get(given["subject"].split(":")[0], "skill_level")
        return ClassPlan(
            kind=kind, subject=given["subject"], level=given["level"], industry=given["industry"], mode=given["mode"],
            enrolment=given["enrolment"], pays=given["pays"], capacity=given["capacity"],
            fee_fen=int(given["fee"] * 100), room_id=UUID(given["room"]) if given["room"] else None,
            materials=given["materials"], examination=given["examination"],
        )  # fmt: skip


class LessonsForm(PlainForm):
    """Lessons by a pattern: on which days of the week, from when to when, so many hours each."""

    first = forms.DateField(label="从哪天", widget=DayInput)
    last = forms.DateField(label="到哪天", widget=DayInput)
    weekdays = forms.MultipleChoiceField(
        label="星期几", choices=[(str(n), f"周{word}") for n, word in enumerate("一二三四五六日")],
        widget=forms.CheckboxSelectMultiple, initial=list("01234"),
    )  # fmt: skip
    begins = forms.TimeField(label="几点开始", widget=forms.TimeInput(attrs={"type": "time"}), initial=time(9))
    minutes = forms.IntegerField(label="上多少分钟", min_value=15, max_value=720, initial=180)
    hours = forms.IntegerField(label="算几课时", min_value=1, max_value=12, initial=4)
    kind = forms.ChoiceField(label="内容", choices=list(LESSON_KINDS.items()))
    topic = forms.CharField(label="课题", max_length=100)
    room = forms.ChoiceField(label="教室", required=False)
    teacher = forms.ChoiceField(label="教师", required=False)

    def __init__(self, *args: Any, body_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rooms = [(str(room.id), room.name) for room in rooms_of(body_id)]
        teachers = [(str(one.id), one.person.name) for one in teachers_of(body_id)]
        self.fields["room"].choices = [("", "没有选"), *rooms]  # type: ignore[attr-defined]
        self.fields["teacher"].choices = [("", "没有选"), *teachers]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The days run forward and are not too many."""
        given = super().clean()
        first, last = given.get("first"), given.get("last")
        if first and last and not first <= last <= first + timedelta(days=LONGEST_PLAN):
            self.add_error("last", f"要在开始那天之后，{LONGEST_PLAN} 天以内")
        return given

    def rows(self) -> list[LessonRow]:
        """One lesson on each day that fits."""
        given = self.cleaned_data
        days = (given["first"] + timedelta(days=n) for n in range((given["last"] - given["first"]).days + 1))
        begins = [
            datetime.combine(day, given["begins"], SHANGHAI) for day in days if str(day.weekday()) in given["weekdays"]
        ]
        room = UUID(given["room"]) if given["room"] else None
        teacher = UUID(given["teacher"]) if given["teacher"] else None
        length = timedelta(minutes=given["minutes"])
        return [
            LessonRow(given["kind"], f"{given['topic']} {n}", start, start + length, given["hours"], room, teacher)
            for n, start in enumerate(begins, 1)
        ]


def _body(actor: Actor) -> UUID:
    if actor.body_id is None:
        raise NotFound()
    return actor.body_id


@entry("provider", *SCHOOL)
def classes(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The school's classes, of one state when asked."""
    body_id, state = _body(actor), request.GET.get("state", "")
    state = state if state in CLASS_STATES.words else ""
    shown = Paginator(classes_of_body(body_id, state), PER_PAGE).get_page(request.GET.get("page"))
    counts = state_counts(body_id)
    page = {
        "rows": [(one, LOOKS[one.state]) for one in shown], "classes": shown, "state": state,
        "counts": [(code, word, counts[code]) for code, word in CLASS_STATES.words.items() if code in counts],
        "total": sum(counts.values()),
    }  # fmt: skip
    return TemplateResponse(request, "provider/training/classes.html", page)


@entry("provider", *SCHOOL, methods=("GET", "POST"))
def new(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Begin an application."""
    form = ClassForm(request.POST or None, body_id=_body(actor), on=day_of(at))
    if request.method == "POST" and form.is_valid():
        try:
            made = draft_class(actor, at, form.plan(), actor.region_id or 0)
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            messages.success(request, "已保存。接着排课。")
            return HttpResponseRedirect(reverse("provider-class", args=[made.id]))
    return TemplateResponse(request, "provider/training/class_form.html", {"form": form})


@entry("provider", *SCHOOL, methods=("GET", "POST"))
def edit(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """Change an application that was not decided."""
    found = _own(actor, class_id)
    initial = {
        "subject": found.subject, "level": found.level, "mode": found.mode, "industry": found.industry,
        "enrolment": found.enrolment, "pays": found.pays, "capacity": found.capacity, "fee": found.fee_fen / 100,
        "room": str(found.room_id or ""), "materials": found.materials, "examination": found.examination,
    }  # fmt: skip
    form = ClassForm(request.POST or None, body_id=_body(actor), on=day_of(at), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            revise_class(actor, at, class_id, form.plan())
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            messages.success(request, "已保存。")
            return HttpResponseRedirect(reverse("provider-class", args=[class_id]))
    return TemplateResponse(request, "provider/training/class_form.html", {"form": form, "found": found})


def _own(actor: Actor, class_id: UUID) -> TrainingClass:
    found = class_of_body(_body(actor), class_id)
    if found is None:
        raise NotFound()
    return found


def _page(request: Request, actor: Actor, at: datetime, found: TrainingClass, **more: object) -> HttpResponseBase:
    editable = may_edit_class(actor, found)
    hours = hours_in(found.id)
    shown = {
        "found": found, "look": LOOKS[found.state], "editable": editable, "may_change": may_change_class(actor, found),
        "checks": checks_of(found, at, current_law()) if editable else [], "lessons": lessons_of(found.id),
        "learners": [(one, *hours.get(one.id, (0, 0))) for one in learners_of(found.id)],
        "lessons_form": LessonsForm(body_id=_body(actor)), "history": history_of(found.id), "at": at,
        "fillable": may_fill_seats(actor, found), "offers": offers_of(found.id),
    }  # fmt: skip
    return TemplateResponse(request, "provider/training/class.html", shown | more)


@entry("provider", *SCHOOL)
def one(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """A class with all that belongs to it."""
    return _page(request, actor, at, _own(actor, class_id))


@entry("provider", *SCHOOL, methods=("POST",))
def lessons(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """Add lessons by a pattern, or begin the plan anew."""
    found = _own(actor, class_id)
    if "clear" in request.POST:
        plan_lessons(actor, at, class_id, [])
        messages.success(request, "课表已清空，请重新排。")
        return HttpResponseRedirect(reverse("provider-class", args=[class_id]))
    form = LessonsForm(request.POST, body_id=_body(actor))
    if not form.is_valid():
        return _page(request, actor, at, found, lessons_form=form)
    kept = [
        LessonRow(x.kind, x.topic, x.starts_at, x.ends_at, x.hours, x.room_id, x.teacher_id)
        for x in lessons_of(class_id)
    ]  # fmt: skip
    try:
        plan_lessons(actor, at, class_id, [*kept, *form.rows()])
    except Refusal as no:
        form.add_error(None, no.sentence + no.remedy)
        return _page(request, actor, at, found, lessons_form=form)
    messages.success(request, f"加了 {len(form.rows())} 次课。")
    return HttpResponseRedirect(reverse("provider-class", args=[class_id]))


@entry("provider", *SCHOOL, methods=("POST",))
def submit(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """Send the application to the county."""
    submit_class(actor, at, class_id, current_law())
    messages.success(request, "已提交，等县里审核。教师和教室已占好。")
    return HttpResponseRedirect(reverse("provider-class", args=[class_id]))


@entry("provider", *SCHOOL, methods=("POST",))
def recall(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """Take the application back."""
    recall_class(actor, at, class_id)
    messages.success(request, "已撤回，可以修改。")
    return HttpResponseRedirect(reverse("provider-class", args=[class_id]))


@entry("provider", *SCHOOL, methods=("POST",))
def finish(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """Close the class by its evidenced hours."""
    finish_class(actor, at, class_id, current_law())
    messages.success(request, "已结业。出勤够的学员可以参加考核。")
    return HttpResponseRedirect(reverse("provider-class", args=[class_id]))


@entry("provider", *SCHOOL, methods=("POST",))
def cancel(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """Cancel: every seat and voucher comes back."""
    cancel_class(actor, at, class_id, request.POST.get("reason", ""))
    messages.success(request, "班级已取消，学员的座位和培训券都已退回。")
    return HttpResponseRedirect(reverse("provider-class", args=[class_id]))


@entry("provider", *SCHOOL, methods=("POST",))
def take_out(request: Request, actor: Actor, at: datetime, enrolment_id: UUID) -> HttpResponseBase:
    """Take a learner out, with the reason."""
    left = leave_class(actor, at, enrolment_id, request.POST.get("reason", ""), current_law(), class_worth)
    messages.success(request, "已退班，空出的座位给了下一位候补。")
    return HttpResponseRedirect(reverse("provider-class", args=[left.training_class_id]))


urlpatterns = [
    path("classes/", classes, name="provider-classes"),
    path("classes/new/", new, name="provider-new-class"),
    path("classes/<uuid:class_id>/", one, name="provider-class"),
    path("classes/<uuid:class_id>/edit/", edit, name="provider-edit-class"),
    path("classes/<uuid:class_id>/lessons/", lessons, name="provider-class-lessons"),
    path("classes/<uuid:class_id>/submit/", submit, name="provider-submit-class"),
    path("classes/<uuid:class_id>/recall/", recall, name="provider-recall-class"),
    path("classes/<uuid:class_id>/finish/", finish, name="provider-finish-class"),
    path("classes/<uuid:class_id>/cancel/", cancel, name="provider-cancel-class"),
    path("learners/<uuid:enrolment_id>/out/", take_out, name="provider-take-out"),
]
