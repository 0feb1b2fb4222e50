"""Persons: found or made by their documents in sets, and what changes in an identity over a life (16.1, P33)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from jiangxin.ground.actor import Actor, everybody
from jiangxin.ground.clock import day_of
from jiangxin.ground.free_text import refuse_numbers
from jiangxin.ground.identity import blind_index, check_identity, mask_number, normalise_number, seal, unseal
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.pinyin import pinyin_of_name
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.staging import rows_of, run, stage
from jiangxin.parties.models import DOCUMENT_KINDS, Person, PersonDocument, PersonName
from jiangxin.parties.queries.persons import (
    DOCUMENT,
    OTHER_NAMES,
    document_index,
    find_person,
    fold_name,
    is_known_here,
    stage_keys,
)

PHONE = "parties_person|phone|{}"


class DocumentKindUnknown(Refusal):
    sentence = "证件类型“{kind}”不在目录里。"
    remedy = "请从证件类型的下拉列表里选。"


class DocumentNumberEmpty(Refusal):
    sentence = "{kind}的号码没有填，或太长。"
    remedy = "请对照证件填写号码。"


class BirthAndSexNeeded(Refusal):
    sentence = "{kind}的号码里没有出生日期和性别，需要另外填写。"
    remedy = "请补上出生日期和性别。"


class NameMissing(Refusal):
    sentence = "姓名没有填，或超过 60 个字。"
    remedy = "请对照证件填写姓名。"


class DocumentBelongsToAnother(Refusal):
    sentence = "这个证件已经登记在另一条人员记录上。"
    remedy = "如果是同一个人，请办理人员记录合并。"


class DocumentHeldAlready(Refusal):
    sentence = "这个证件已经登记在这个人名下。"
    remedy = "不需要再登记。"


class NameIsTheSame(Refusal):
    sentence = "新姓名和现在登记的姓名一样。"
    remedy = "不需要更改。"


class NameChangeOutOfOrder(Refusal):
    sentence = "这个日期早于上一次更名（{since}），或在今天之后。"
    remedy = "请核对更名日期。"


class PurposeMissing(Refusal):
    sentence = "查看完整号码要写明用途。"
    remedy = "请填写用途后再查看。"


class ConfirmedBeforehand(Refusal):
    sentence = "核实的日期不能在今天之后。"
    remedy = "请填实际核实的那一天。"


class UnableNeedsReason(Refusal):
    sentence = "核实为没有能力或没有意愿，要写明原因。"
    remedy = "写清怎么核实的、本人怎么说，至少 5 个字。"


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as a file names them; sex and day of birth are needed only where the number does not say them."""

    kind: str
    number: str
    name: str
    sex: str | None = None
    born_on: date | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """`ids` in the order of the rows given; `created` persons are new; `misnamed` rows differ from the register."""

    ids: list[UUID]
    created: int
    misnamed: list[int]


def may_register_persons(actor: Actor) -> bool:
    """Whether the actor may bring people in: the main line, data keepers, the counter, bodies for their own people."""
    return actor.has("machine", "register", "maker", "school", "head", "clerk", "employer")


def may_reveal(actor: Actor, person_id: UUID) -> bool:
    """Whether the actor may see a clear number: the person, or an officer who handles papers or money."""
    return actor.person_id == person_id or actor.has("machine", "register", "maker", "checker", "releaser")


def check_person(row: PersonRow) -> PersonRow:
    """The row with its number normalised and, from a resident number, sex and day of birth; refuses what is wrong."""
    name = fold_name(row.name)
    if row.kind not in DOCUMENT_KINDS:
        raise DocumentKindUnknown(kind=row.kind)
    if not 1 <= len(name) <= 60:
        raise NameMissing()
    if row.kind == "resident":
        identity = check_identity(row.number)
        return PersonRow("resident", identity.number, name, identity.sex, identity.born_on, row.phone)
    number = normalise_number(row.number)
    if not 1 <= len(number) <= 40:
        raise DocumentNumberEmpty(kind=DOCUMENT_KINDS[row.kind])
    if row.born_on is None or row.sex not in ("male", "female"):
        raise BirthAndSexNeeded(kind=DOCUMENT_KINDS[row.kind])
    return PersonRow(row.kind, number, name, row.sex, row.born_on, row.phone)


def register_persons(actor: Actor, at: datetime, rows: Sequence[PersonRow]) -> Registered:
    """Find the person of each row by document, making those not yet known; one person per number however many try.

    A name that differs from every name of the person is reported, never taken over; a phone fills an empty one only.
    Documents are written first, in order of their index, and the key decides the race: whoever loses reads the
    winner's row and leaves no person behind (I1).
    """
    if not may_register_persons(actor):
        raise NotYourDuty()
    checked = [check_person(row) for row in rows]
    stage_keys((row.kind, row.number) for row in checked)
    unknown = [place for (place,) in rows_of(UNKNOWN_KEYS)]
    stage("new_person", NEW_COLUMNS, _new_persons(checked[place] for place in unknown))
    run(INSERT_DOCUMENTS)
    created = run(INSERT_PERSONS, [at])
    if created:
        note(actor, at, "registered_persons", kind="Person", persons=created)
    found = rows_of(FOUND)
    _fill_phones(checked, found)
    ids = [person_id for person_id, _ in found]
    differ = [place for place, (row, (_, name)) in enumerate(zip(checked, found, strict=True)) if row.name != name]
    others = _other_names({ids[place] for place in differ})
    misnamed = [place for place in differ if checked[place].name not in others[ids[place]]]
    return Registered(ids, created, misnamed)


NEW_COLUMNS = (
    "document_id uuid, person_id uuid, kind text, number_index bytea, number bytea, masked text, name text,"
    " pinyin text, sex text, born_on date, phone bytea, phone_index bytea"
)
INSERT_DOCUMENTS = """
INSERT INTO parties_person_document (id, person_id, kind, number, number_index, masked, from_on, until_on)
SELECT document_id, person_id, kind, number, number_index, masked, NULL, NULL FROM new_person
 ORDER BY kind, number_index
    ON CONFLICT (kind, number_index) DO NOTHING
"""
# Only persons whose document went in: foreign keys are checked at the end of the transaction.
INSERT_PERSONS = """
INSERT INTO parties_person (id, name, pinyin, sex, born_on, registered_at, phone, phone_index)
SELECT n.person_id, n.name, n.pinyin, n.sex, n.born_on, %s, n.phone, n.phone_index
  FROM new_person n JOIN parties_person_document d ON d.id = n.document_id
"""
FOUND = """
SELECT d.person_id, p.name FROM person_key k
  JOIN parties_person_document d ON d.kind = k.kind AND d.number_index = k.number_index
  JOIN parties_person p ON p.id = d.person_id
 ORDER BY k.place
"""
UNKNOWN_KEYS = """
SELECT min(k.place) FROM person_key k
 WHERE NOT EXISTS (SELECT FROM parties_person_document d WHERE d.kind = k.kind AND d.number_index = k.number_index)
 GROUP BY k.kind, k.number_index ORDER BY 1
"""


def _new_persons(rows: Iterable[PersonRow]) -> Iterator[tuple[object, ...]]:
    for row in rows:
        person_id, document_id = new_id(), new_id()
        yield (
            document_id, person_id, row.kind, document_index(row.number),
            seal(row.number, DOCUMENT.format(document_id)), mask_number(row.number), row.name,
            pinyin_of_name(row.name), row.sex, row.born_on, *_sealed_phone(row.phone, person_id),
        )  # fmt: skip


def _sealed_phone(phone: str | None, person_id: UUID) -> tuple[bytes | None, bytes | None]:
    number = normalise_number(phone or "")
    if not number:
        return None, None
    return seal(number, PHONE.format(person_id)), blind_index(number, "phone")


def _fill_phones(checked: Sequence[PersonRow], found: Sequence[tuple[UUID, str]]) -> None:
    given = {person_id: row.phone for row, (person_id, _) in zip(checked, found, strict=True) if row.phone}
    silent = Person.objects.filter(id__in=given, phone=None).values_list("id", flat=True)
    stage(
        "new_phone", "id uuid, phone bytea, phone_index bytea", ((id, *_sealed_phone(given[id], id)) for id in silent)
    )
    run(
        "UPDATE parties_person p SET phone = n.phone, phone_index = n.phone_index FROM new_phone n"
        " WHERE n.id = p.id AND p.phone IS NULL"
    )


def _other_names(person_ids: set[UUID]) -> dict[UUID, set[str]]:
    names = rows_of(f"SELECT p.id, {OTHER_NAMES} FROM parties_person p WHERE p.id = ANY(%s)", [list(person_ids)])
    return {person_id: set(map(fold_name, others)) for person_id, others in names}


def change_name(actor: Actor, at: datetime, person: Person, name: str, from_on: date) -> PersonName:
    """Record that a person bears another name from a day on; the old one keeps its days (P33)."""
    if not may_register_persons(actor):
        raise NotYourDuty()
    person = Person.objects.select_for_update().get(pk=person.pk)
    new = fold_name(name)
    if not 1 <= len(new) <= 60:
        raise NameMissing()
    if new == fold_name(person.name):
        raise NameIsTheSame()
    last = PersonName.objects.filter(person=person, name=person.name, until_on=None).first()
    if from_on > day_of(at) or (last and last.from_on and from_on <= last.from_on):
        raise NameChangeOutOfOrder(since=last.from_on if last else person.born_on)
    ends = from_on - timedelta(days=1)
    if last:
        PersonName.objects.filter(pk=last.pk).update(until_on=ends)
    else:
        PersonName.objects.create(person=person, name=person.name, until_on=ends)
    borne = PersonName.objects.create(person=person, name=new, from_on=from_on)
    Person.objects.filter(pk=person.pk).update(name=new, pinyin=pinyin_of_name(new))
    note(actor, at, "changed_name", person, person_id=person.pk, from_on=from_on.isoformat())
    return borne


def add_document(
    actor: Actor, at: datetime, person: Person, kind: str, number: str, from_on: date | None, until_on: date | None
) -> PersonDocument:
    """Record a further document of a person; one that another record holds already is refused (P33)."""
    if not may_register_persons(actor):
        raise NotYourDuty()
    row = check_person(PersonRow(kind, number, person.name, person.sex, person.born_on))
    document = PersonDocument(
        person=person, kind=kind, masked=mask_number(row.number), from_on=from_on, until_on=until_on
    )
    document.number = seal(row.number, DOCUMENT.format(document.pk))
    document.number_index = document_index(row.number)
    PersonDocument.objects.bulk_create([document], ignore_conflicts=True)
    holder = PersonDocument.objects.get(kind=kind, number_index=document.number_index)
    if holder.pk != document.pk:
        raise DocumentHeldAlready() if holder.person_id == person.pk else DocumentBelongsToAnother()
    note(actor, at, "added_document", document, document_kind=kind)
    return document


def find_at_counter(actor: Actor, at: datetime, number: str, purpose: str) -> Person | None:
    """The person whose document number was typed at the counter, or None; every finding is in the journal."""
    if not purpose.strip():
        raise PurposeMissing()
    with everybody():
        person = find_person(number)
    if person:
        note(actor.for_purpose(purpose.strip()), at, "found_person", person, person_id=person.pk)
    return person


def reveal_document(actor: Actor, at: datetime, document: PersonDocument, purpose: str) -> str:
    """The clear number of a document; the one place where it is read, and every reading is in the journal (I6)."""
    if not may_reveal(actor, document.person_id):
        raise NotYourDuty()
    if not purpose.strip():
        raise PurposeMissing()
    note(actor.for_purpose(purpose.strip()), at, "revealed_document", document)
    return unseal(document.number, DOCUMENT.format(document.pk)).decode()


def reveal_phone(actor: Actor, at: datetime, person: Person, purpose: str) -> str:
    """A person's telephone in clear, empty where none is known; every reading is in the journal (I6)."""
    if not may_reveal(actor, person.pk):
        raise NotYourDuty()
    if not is_known_here(person.pk):
        raise NotFound()
    if not purpose.strip():
        raise PurposeMissing()
    if person.phone is None:
        return ""
    note(actor.for_purpose(purpose.strip()), at, "revealed_phone", person, person_id=person.pk)
    return unseal(person.phone, PHONE.format(person.pk)).decode()


def find_able_and_willing(
    actor: Actor, at: datetime, person_id: UUID, on: date, able: bool = True, reason: str = ""
) -> Person:
    """A maker found on a day whether a person past retirement age is able to work and willing to train (P8).

    Found not able, the law answers no: that needs a reason, and may be found anew when things change.
    """
    if not actor.has("maker"):
        raise NotYourDuty()
    person = Person.objects.select_for_update().filter(pk=person_id).first()
    if person is None:
        raise NotFound()
    if on > day_of(at):
        raise ConfirmedBeforehand()
    if not able and len(reason.strip()) < 5:
        raise UnableNeedsReason()
    refuse_numbers(reason)
    Person.objects.filter(pk=person.pk).update(able_and_willing=able, able_and_willing_on=on)
    note(
        actor, at, "found_able_and_willing", person, person_id=person.pk, on=on.isoformat(), able=able,
        reason=reason.strip(),
    )  # fmt: skip
    person.able_and_willing, person.able_and_willing_on = able, on
    return person
