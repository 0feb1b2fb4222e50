"""Reads of who works for whom, and of the lists of people that bodies send (2.1, 4.2)."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from jiangxin.ground.actor import everybody
from jiangxin.ground.identity import unseal
from jiangxin.ground.refusal import NotFound
from jiangxin.ground.sheets import read_sheet
from jiangxin.parties.models import Person, PersonDocument
from jiangxin.parties.register_files import WrongCell
from jiangxin.parties.rosters import Roster, wrong_rows_workbook
from jiangxin.parties.workforce import Employment, RosterFile

CONTENT = "parties_roster_file|content|{}"


def _open_on(on: date) -> Q:
    return Q(Q(until_on=None) | Q(until_on__gte=on), from_on__lte=on)


def workforce_of(body_id: UUID, on: date, kind: str = "", find: str = "", gone: bool = False) -> QuerySet[Employment]:
    """A body's people on a day in order of name, or those who are gone; of one kind, by part of a name, or all."""
    found = Employment.objects.filter(body_id=body_id).select_related("person")
    found = found.exclude(_open_on(on)) if gone else found.filter(_open_on(on))
    if kind:
        found = found.filter(kind=kind)
    if find:
        found = found.filter(Q(person__name__contains=find) | Q(person__pinyin__startswith=find.lower()))
    return found.order_by("person__pinyin", "id")


def workforce_counts(body_id: UUID, on: date) -> dict[str, int]:
    """How many work for a body on a day, by kind."""
    found = Employment.objects.filter(_open_on(on), body_id=body_id).values_list("kind").annotate(Count("id"))
    return dict(found.values_list("kind", "id__count"))


def kinds_of_work(body_id: UUID, person_ids: Collection[UUID], on: date) -> dict[UUID, set[str]]:
    """How each of these persons works for a body on a day; whoever does not, is not in it."""
    found: dict[UUID, set[str]] = {}
    rows = Employment.objects.filter(_open_on(on), body_id=body_id, person_id__in=person_ids)
    for person_id, kind in rows.values_list("person_id", "kind"):
        found.setdefault(person_id, set()).add(kind)
    return found


def own_employments(person_id: UUID) -> list[Employment]:
    """Which bodies say that a person works for them, the latest first."""
    return list(Employment.objects.filter(person_id=person_id).select_related("body").order_by("-from_on", "id"))


def masked_numbers(person_ids: Collection[UUID]) -> dict[UUID, str]:
    """The masked document number of each person, the resident card's first; for lists of people that one may see."""
    with everybody():
        found = PersonDocument.objects.filter(person_id__in=person_ids).values_list("person_id", "kind", "masked")
        rows = sorted(found, key=lambda row: row[1] == "resident")
    return {person_id: masked for person_id, _, masked in rows}


def roster_files_of(body_id: UUID, purpose: str, about: UUID | None = None) -> QuerySet[RosterFile]:
    """The lists that a body sent, the newest first."""
    return RosterFile.objects.filter(body_id=body_id, purpose=purpose, about=about).order_by("-sent_at", "-id")


def roster_file_of(body_id: UUID | None, file_id: UUID, purpose: str) -> RosterFile:
    """One list that a body sent. Raises NotFound."""
    found = RosterFile.objects.filter(body_id=body_id, id=file_id, purpose=purpose).first()
    if body_id is None or found is None:
        raise NotFound()
    return found


def content_of(file: RosterFile) -> bytes:
    """The bytes of a list that was not dropped."""
    if file.content is None:
        raise NotFound()
    return unseal(file.content, CONTENT.format(file.pk))


def wrong_rows_of(file: RosterFile, roster: Roster) -> bytes:
    """The wrong rows of a list in their template; of one loaded in part, those that stayed behind. Raises NotFound."""
    if not file.wrong_rows:
        raise NotFound()
    data = content_of(file)
    if file.state == "loaded":
        return data
    sheet = read_sheet(data, file.file_name, roster.columns)
    return wrong_rows_workbook(roster, sheet, [WrongCell(**one) for one in file.wrongs])


def people_named(person_ids: Collection[UUID]) -> list[Person]:
    """These persons in order of name."""
    return list(Person.objects.filter(id__in=person_ids).order_by("pinyin", "id"))
