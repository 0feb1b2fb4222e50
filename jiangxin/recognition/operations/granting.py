"""The one place where a decided application becomes a title, with what is to be looked at afterwards (7.1)."""

from datetime import datetime, timedelta

from jiangxin.ground.actor import Actor
from jiangxin.ground.calendar import load_calendar
from jiangxin.ground.clock import add_months, day_of
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.recognition.cases import Application, PromiseCheck
from jiangxin.recognition.models import Title, TitleScope
from jiangxin.recognition.procedures import Procedure


def grant_title(actor: Actor, at: datetime, application: Application, procedure: Procedure) -> Title:
    """Give the title of a granted application from today on, for what it asked; lay down the checks of its promises."""
    today = day_of(at)
    years = procedure.validity_years
    title = Title.objects.create(
        id=new_id(), organisation_id=application.body_id, kind=procedure.gives, region_id=application.region_id,
        from_on=today, until_on=add_months(today, 12 * years) - timedelta(days=1) if years else None,
        source=procedure.name, loaded_at=at, application=application,
    )  # fmt: skip
    key = procedure.subjects_field
    pairs = application.answers.get(key, []) if key else [["*", ""]]
    TitleScope.objects.bulk_create([TitleScope(title=title, subject=subject, level=level) for subject, level in pairs])
    if procedure.check_within_days:
        due_on = load_calendar().not_before(today + timedelta(days=procedure.check_within_days)).ends_on
        PromiseCheck.objects.bulk_create(
            PromiseCheck(
                application=application, body_id=application.body_id, region_id=application.region_id,
                criterion=one.code, sentence=one.sentence, due_on=due_on,
            )
            for one in procedure.promised
        )  # fmt: skip
    note(actor, at, "granted_title", title, region_id=application.region_id, title_kind=title.kind)
    return title
