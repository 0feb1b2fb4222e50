"""线上学时, for a school: what each learner's online time came to and why; the list for the platform (11.2)."""

from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path

from jiangxin.ground.actor import Actor
from jiangxin.ground.cells import Column
from jiangxin.ground.identity import mask_name
from jiangxin.ground.refusal import NotFound
from jiangxin.ground.sheets import write_workbook
from jiangxin.training.models import TrainingClass
from jiangxin.training.queries.classes import class_of_body
from jiangxin.training.queries.online import learnt_in, online_in_class, online_lessons_of, seats_of
from jiangxin.training.xapi_reading import name_of_lesson, token_of_seat
from jiangxin.web.door import entry
from jiangxin.web.session import Request

PER_PAGE = 100
SCHOOL = ("school", "head")
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = (Column("place", "序号"), Column("name", "学员"), Column("token", "学习代码", kind="code"))


def _own(actor: Actor, class_id: UUID) -> TrainingClass:
    found = class_of_body(actor.body_id, class_id) if actor.body_id else None
    if found is None:
        raise NotFound()
    return found


@entry("provider", *SCHOOL)
def online(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """The class's online lessons, learner by learner."""
    found = _own(actor, class_id)
    shown = Paginator(online_in_class(found.id), PER_PAGE).get_page(request.GET.get("page"))
    page = {
        "found": found, "rows": learnt_in(shown), "shown": shown,
        "lessons": [(one, name_of_lesson(one.id)) for one in online_lessons_of(found.id)],
    }  # fmt: skip
    return TemplateResponse(request, "provider/training/online.html", page)


@entry("provider", *SCHOOL)
def roster(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """The list that the school hands to the platform: a code for each learner, and no more of the name than helps."""
    found = _own(actor, class_id)
    lessons = [f"{one.topic}：{name_of_lesson(one.id)}" for one in online_lessons_of(found.id)]
    notes = [
        f"班级：{found.title}（{found.number}）",
        "学习代码填在 xAPI 记录 actor.account.name 里，不要换成姓名或证件号。",
        "下面是每次线上课的编号，填在 object.id 或 context.contextActivities 里。",
        *lessons,
    ]
    rows = [(n, mask_name(one.person.name), token_of_seat(one.id)) for n, one in enumerate(seats_of(found.id), 1)]
    data = write_workbook("名单（给平台）", notes, "名单", COLUMNS, rows)
    said = f"attachment; filename*=UTF-8''{quote(f'名单_给平台_{found.number}.xlsx')}"
    return HttpResponse(data, content_type=SHEET_TYPE, headers={"Content-Disposition": said})


urlpatterns = [
    path("classes/<uuid:class_id>/online/", online, name="provider-class-online"),
    path("classes/<uuid:class_id>/online/roster.xlsx", roster, name="provider-online-roster"),
]
