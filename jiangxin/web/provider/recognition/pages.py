"""我的资质, for a body: titles, what is asked for, the promise signed line by line, measures answered (7.1, P38)."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.recognition.cases import Application
from jiangxin.recognition.operations.applications import (
    LARGEST,
    add_material,
    begin_application,
    may_fill_in,
    may_withdraw_application,
    procedure_of,
    save_answers,
    still_missing,
    submit_application,
    text_to_sign,
    withdraw_application,
)
from jiangxin.recognition.operations.measures import answer_measure, may_answer_measure
from jiangxin.recognition.operations.papers import reveal_material
from jiangxin.recognition.procedures import Field, Procedure, check_answers, procedures
from jiangxin.recognition.reads import application_of, applications_of, measures_of, titles_of
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.answered import told_answers
from jiangxin.web.shared.downloads import as_file
from jiangxin.web.shared.forms import DayInput, PlainForm

BODY = ("head", "school", "clerk")
LOOKS = {
    "draft": "off", "submitted": "wait", "returned": "no", "reviewing": "run", "proposed": "run", "publicity": "run",
    "granted": "ok", "refused": "no", "withdrawn": "off",
}  # fmt: skip


def _question(one: Field) -> forms.Field:
    """The form's field for one question of a procedure."""
    common: dict[str, Any] = {"label": one.label, "required": False, "help_text": one.note}
    match one.kind:
        case "integer":
            return forms.IntegerField(min_value=0, **common)
        case "money":
            common["label"] = f"{one.label}（元）"
            return forms.DecimalField(min_value=0, decimal_places=2, max_digits=12, **common)
        case "choice":
            return forms.ChoiceField(choices=[("", "请选择"), *one.choices], **common)
        case "date":
            return forms.DateField(widget=DayInput, **common)
        case "subjects":
            common["help_text"] = "一行一个：职业编码，空格，等级（5 到 1，不写就是各级）。例如 6-31-01-03 4"
            return forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 4}), **common)
    return forms.CharField(max_length=400, **common)


def answers_form(procedure: Procedure, *args: Any, **kwargs: Any) -> "AnswersForm":
    """The form of a procedure's questions; what is not filled in yet may be filled in later."""
    questions = {one.key: _question(one) for one in procedure.fields}
    made: AnswersForm = type("Questions", (AnswersForm,), {**questions, "procedure": procedure})(*args, **kwargs)
    return made


class AnswersForm(PlainForm):
    """The questions of a procedure."""

    procedure: Procedure

    def answers(self) -> dict[str, Any]:
        """As the operation wants them: money in fen, subjects in pairs."""
        given = dict(self.cleaned_data)
        for one in self.procedure.fields:
            if one.kind == "money" and given.get(one.key) is not None:
                given[one.key] = int(given[one.key] * 100)
            elif one.kind == "subjects":
                rows = [line.split() for line in given.get(one.key, "").splitlines() if line.strip()]
                given[one.key] = [[row[0], row[1] if len(row) > 1 else ""] for row in rows]
        return given

    @staticmethod
    def shown(procedure: Procedure, answers: dict[str, Any]) -> dict[str, Any]:
        """Kept answers as the form shows them."""
        said = dict(answers)
        for one in procedure.fields:
            if one.kind == "money" and said.get(one.key) is not None:
                yuan, fen = divmod(said[one.key], 100)
                said[one.key] = f"{yuan}.{fen:02d}" if fen else yuan
            elif one.kind == "subjects":
                said[one.key] = "\n".join(" ".join(pair).strip() for pair in said.get(one.key, []))
        return said


class PaperForm(PlainForm):
    """A paper of an application."""

    code = forms.CharField(widget=forms.HiddenInput)
    file = forms.FileField(label="文件", widget=forms.FileInput(attrs={"accept": ".pdf,image/jpeg,image/png"}))


class StatementForm(PlainForm):
    """What the body says about a measure, and whether it wants a hearing."""

    text = forms.CharField(label="陈述和申辩", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    hearing = forms.ChoiceField(
        label="听证", required=False, choices=[("", "以后再说"), ("ask", "要求听证"), ("waive", "不要求听证")]
    )


def _body(actor: Actor) -> UUID:
    if actor.body_id is None:
        raise NotFound()
    return actor.body_id


@entry("provider", *BODY)
def titles(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """What the body holds, what it asked for, what is done about it, and what it can ask for."""
    body_id, today = _body(actor), day_of(at)
    held = [
        (one, one.ended_at is None and one.from_on <= today and (one.until_on is None or one.until_on >= today))
        for one in titles_of(body_id)
    ]
    page = {
        "titles": held, "applications": [(one, LOOKS[one.state]) for one in applications_of(body_id)],
        "measures": measures_of(body_id), "procedures": list(procedures().values()), "names": _names(),
    }  # fmt: skip
    return TemplateResponse(request, "provider/recognition/titles.html", page)


def _names() -> dict[str, str]:
    return {code: procedure.name for code, procedure in procedures().items()}


@entry("provider", *BODY, methods=("POST",))
def begin(request: Request, actor: Actor, at: datetime, code: str) -> HttpResponseBase:
    """Begin to ask for a title."""
    made = begin_application(actor, at, code)
    return HttpResponseRedirect(reverse("provider-application", args=[made.pk]))


def _page(request: Request, actor: Actor, found: Application, **more: object) -> HttpResponseBase:
    procedure = procedure_of(found)
    text = text_to_sign(found, procedure)
    papers = {one.code: one for one in found.materials.order_by("sent_at")}
    promised = [one.code for one in procedure.promised] if found.signed_at else []
    shown = {
        "found": found, "procedure": procedure, "look": LOOKS[found.state], "may": may_fill_in(actor, found),
        "is_head": actor.has("head"), "may_withdraw": may_withdraw_application(actor, found),
        "form": answers_form(procedure, initial=AnswersForm.shown(procedure, found.answers)),
        "checked": check_answers(procedure, found.answers, promised), "missing": still_missing(found, procedure),
        "papers": [(one, papers.get(one.code)) for one in procedure.materials],
        "told": told_answers(procedure, found.answers), "text": text,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }  # fmt: skip
    return TemplateResponse(request, "provider/recognition/application.html", shown | more)


def _own(actor: Actor, application_id: UUID) -> Application:
    found = application_of(_body(actor), application_id)
    if found is None:
        raise NotFound()
    return found


@entry("provider", *BODY, methods=("GET", "POST"))
def application(request: Request, actor: Actor, at: datetime, application_id: UUID) -> HttpResponseBase:
    """Fill in; what is kept stays a draft."""
    found = _own(actor, application_id)
    if request.method == "GET":
        return _page(request, actor, found)
    form = answers_form(procedure_of(found), request.POST)
    if not form.is_valid():
        return _page(request, actor, found, form=form)
    try:
        save_answers(actor, at, found.pk, form.answers())
    except Refusal as no:
        form.add_error(None, no.sentence + no.remedy)
        return _page(request, actor, found, form=form)
    messages.success(request, "已保存。")
    return HttpResponseRedirect(reverse("provider-application", args=[found.pk]))


@entry("provider", *BODY, methods=("POST",))
def paper(request: Request, actor: Actor, at: datetime, application_id: UUID) -> HttpResponseBase:
    """Hand in a paper."""
    found, form = _own(actor, application_id), PaperForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        add_material(actor, at, found.pk, form.cleaned_data["code"], file.name, file.read(LARGEST + 1))
        messages.success(request, "材料已上传，加密保存。")
    else:
        messages.error(request, "请选择文件。")
    return HttpResponseRedirect(reverse("provider-application", args=[found.pk]))


@entry("provider", *BODY, writes=True)
def material(request: Request, actor: Actor, at: datetime, material_id: UUID) -> HttpResponseBase:
    """A paper that the body sent, as it was sent; the looking is journalled."""
    found, content = reveal_material(actor, at, material_id)
    return as_file(content, found.file_name, found.content_type)


@entry("provider", "head", methods=("POST",))
def sign(request: Request, actor: Actor, at: datetime, application_id: UUID) -> HttpResponseBase:
    """The head signs each line; by promise it is decided on the spot."""
    promised, digest = request.POST.getlist("promised"), request.POST.get("sha256", "")
    done = submit_application(actor, at, application_id, promised, digest)
    said = "已签署，当场认定。县里会按期核查每一条承诺。" if done.state == "granted" else "已签署提交，等受理。"
    messages.success(request, said)
    return HttpResponseRedirect(reverse("provider-application", args=[done.pk]))


@entry("provider", *BODY, methods=("POST",))
def withdraw(request: Request, actor: Actor, at: datetime, application_id: UUID) -> HttpResponseBase:
    """Take the application back."""
    withdraw_application(actor, at, application_id)
    messages.success(request, "已撤回。")
    return HttpResponseRedirect(reverse("provider-titles"))


@entry("provider", *BODY, methods=("GET", "POST"))
def measure(request: Request, actor: Actor, at: datetime, measure_id: UUID) -> HttpResponseBase:
    """A measure about the body: the letter, and its answer by the head."""
    found = next((one for one in measures_of(_body(actor)) if one.pk == measure_id), None)
    if found is None:
        raise NotFound()
    form = StatementForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            answer_measure(actor, at, found.pk, form.cleaned_data["text"], form.cleaned_data["hearing"])
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            messages.success(request, "已提交。决定前您还可以补充。")
            return HttpResponseRedirect(reverse("provider-measure", args=[found.pk]))
    shown = {"found": found, "form": form, "may": may_answer_measure(actor, found, day_of(at))}
    return TemplateResponse(request, "provider/recognition/measure.html", shown)


urlpatterns = [
    path("titles/", titles, name="provider-titles"),
    path("titles/ask/<slug:code>/", begin, name="provider-begin-application"),
    path("applications/<uuid:application_id>/", application, name="provider-application"),
    path("applications/<uuid:application_id>/paper/", paper, name="provider-application-paper"),
    path("materials/<uuid:material_id>/", material, name="provider-material"),
    path("applications/<uuid:application_id>/sign/", sign, name="provider-sign-application"),
    path("applications/<uuid:application_id>/withdraw/", withdraw, name="provider-withdraw-application"),
    path("measures/<uuid:measure_id>/", measure, name="provider-measure"),
]
