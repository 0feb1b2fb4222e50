"""Persons by document: found or made in sets, names and documents with dates, clear numbers read with a trace."""

from datetime import date

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection

from jiangxin.ground.actor import Actor
from jiangxin.ground.identity import IdentityNumberWrong, unseal
from jiangxin.ground.journal import JournalEntry
from jiangxin.ground.refusal import NotYourDuty
from jiangxin.parties.models import Person, PersonDocument, PersonName
from jiangxin.parties.operations.persons import (
    BirthAndSexNeeded,
    DocumentBelongsToAnother,
    DocumentHeldAlready,
    DocumentKindUnknown,
    DocumentNumberEmpty,
    NameChangeOutOfOrder,
    NameIsTheSame,
    NameMissing,
    PersonRow,
    PurposeMissing,
    add_document,
    change_name,
    register_persons,
    reveal_document,
)
from jiangxin.parties.queries.persons import DOCUMENT, find_person, fold_name, known_persons, name_on
from tests.parties.people import AT, DATA_KEEPER, NOBODY, number, person

pytestmark = pytest.mark.usefixtures("of_the_province")


def test_a_set_is_found_or_made_in_its_own_order() -> None:
    old = person(1, "单秀英")
    rows = [
        PersonRow("resident", number(n), name) for n, name in ((2, "李四"), (1, "单秀英"), (2, "李四"), (3, "王五"))
    ]
    found = register_persons(DATA_KEEPER, AT, rows)
    assert found.created == 2
    assert found.ids[1] == old.pk
    assert found.ids[0] == found.ids[2]
    assert [Person.objects.get(pk=pk).name for pk in found.ids] == ["李四", "单秀英", "李四", "王五"]
    assert Person.objects.count() == 3
    assert register_persons(DATA_KEEPER, AT, rows).created == 0


def test_the_number_says_sex_and_birthday_and_lies_sealed() -> None:
    made = person(12, "单秀英", phone="13900001111")
    assert (made.sex, made.born_on, made.pinyin) == ("female", date(1985, 6, 7), "shan xiu ying")
    document = made.documents.get()
    assert document.masked == f"3{'*' * 16}{number(12)[-1]}"
    assert number(12).encode() not in bytes(document.number)
    assert unseal(document.number, DOCUMENT.format(document.pk)).decode() == number(12)
    with pytest.raises(InvalidTag):
        unseal(document.number, DOCUMENT.format(made.pk))
    with connection.cursor() as cursor:
        for table in ("parties_person", "parties_person_document", "ground_journal_entry"):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
            said = cursor.fetchone()[0] or ""
            assert number(12) not in said
            assert number(12).encode().hex() not in said
            assert "13900001111" not in said


def test_old_and_wide_writings_are_one_number() -> None:
    made = person(7)
    fifteen = number(7)[:6] + number(7)[8:17]
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number(7)) + " "
    assert register_persons(DATA_KEEPER, AT, [PersonRow("resident", wide, "张三")]).ids == [made.pk]
    assert register_persons(DATA_KEEPER, AT, [PersonRow("resident", fifteen, "张三")]).ids == [made.pk]
    found = find_person(number(7))
    assert found == made
    assert find_person(fifteen) == made


def test_another_name_is_reported_and_not_taken_over() -> None:
    made = person(1, "阿卜杜拉·买买提")
    same = PersonRow("resident", number(1), "阿卜杜拉.买买提")
    other = PersonRow("resident", number(1), "张三")
    assert register_persons(DATA_KEEPER, AT, [same, other]).misnamed == [1]
    made.refresh_from_db()
    assert made.name == "阿卜杜拉·买买提"


def test_a_phone_fills_an_empty_one_only() -> None:
    made = person(1)
    for phone in ("13900001111", "13900002222"):
        person(1, phone=phone)
    made.refresh_from_db()
    assert made.phone is not None
    assert unseal(made.phone, f"parties_person|phone|{made.pk}") == b"13900001111"


@pytest.mark.parametrize(
    ("row", "refusal"),
    [
        (PersonRow("resident", number(1)[:-1] + "Y", "张三"), IdentityNumberWrong),
        (PersonRow("card", number(1), "张三"), DocumentKindUnknown),
        (PersonRow("resident", number(1), "  "), NameMissing),
        (PersonRow("passport", " ", "JOHN", "male", date(1990, 1, 1)), DocumentNumberEmpty),
        (PersonRow("passport", "X1234567", "JOHN"), BirthAndSexNeeded),
    ],
)
def test_a_wrong_row_stops_the_whole_set(row: PersonRow, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        register_persons(DATA_KEEPER, AT, [PersonRow("resident", number(2), "李四"), row])
    assert (Person.objects.count(), PersonDocument.objects.count(), JournalEntry.objects.count()) == (0, 0, 0)


def test_only_those_with_the_duty_bring_people_in() -> None:
    with pytest.raises(NotYourDuty):
        register_persons(NOBODY, AT, [PersonRow("resident", number(1), "张三")])
    assert not Person.objects.exists()


def test_a_name_changes_with_its_days() -> None:
    made = person(1, "张三")
    change_name(DATA_KEEPER, AT, made, "张叁", date(2020, 5, 1))
    change_name(DATA_KEEPER, AT, made, "章叁", date(2025, 5, 1))
    made.refresh_from_db()
    assert (made.name, made.pinyin) == ("章叁", "zhang san")
    days = [date(2020, 4, 30), date(2020, 5, 1), date(2025, 4, 30), date(2025, 5, 1)]
    assert [name_on(made, day) for day in days] == ["张三", "张叁", "张叁", "章叁"]
    known = known_persons([("resident", number(1)), ("resident", number(2))])
    assert known[0] is not None
    assert known[0].bears("张三")
    assert not known[0].bears("李四")
    assert known[1] is None
    assert register_persons(DATA_KEEPER, AT, [PersonRow("resident", number(1), "张三")]).misnamed == []


@pytest.mark.parametrize(
    ("name", "day", "refusal"),
    [
        ("张叁", date(2026, 1, 1), NameIsTheSame),
        ("", date(2026, 1, 1), NameMissing),
        ("章叁", date(2020, 5, 1), NameChangeOutOfOrder),
        ("章叁", date(2026, 3, 3), NameChangeOutOfOrder),
    ],
)
def test_a_name_change_that_does_not_fit_changes_nothing(name: str, day: date, refusal: type[Exception]) -> None:
    made = person(1, "张三")
    change_name(DATA_KEEPER, AT, made, "张叁", date(2020, 5, 1))
    before = list(PersonName.objects.order_by("id").values_list("name", "from_on", "until_on"))
    with pytest.raises(refusal):
        change_name(DATA_KEEPER, AT, made, name, day)
    made.refresh_from_db()
    assert made.name == "张叁"
    assert list(PersonName.objects.order_by("id").values_list("name", "from_on", "until_on")) == before


def test_a_person_may_hold_several_documents() -> None:
    made = person(1)
    add_document(DATA_KEEPER, AT, made, "passport", "E12345678", date(2020, 1, 1), date(2030, 1, 1))
    assert find_person("e12345678", "passport") == made
    given = PersonRow("passport", "E12345678", "张三", "male", date(1985, 6, 7))
    assert register_persons(DATA_KEEPER, AT, [given]).ids == [made.pk]


def test_a_document_has_one_holder() -> None:
    made, other = person(1), person(2)
    with pytest.raises(DocumentHeldAlready):
        add_document(DATA_KEEPER, AT, made, "resident", number(1), None, None)
    with pytest.raises(DocumentBelongsToAnother):
        add_document(DATA_KEEPER, AT, other, "resident", number(1), None, None)
    with pytest.raises(NotYourDuty):
        add_document(NOBODY, AT, other, "passport", "E12345678", None, None)
    with pytest.raises(NotYourDuty):
        change_name(NOBODY, AT, other, "李四", date(2026, 1, 1))
    assert PersonDocument.objects.count() == 2
    assert not PersonName.objects.exists()


def test_every_reading_of_a_number_is_in_the_journal() -> None:
    document = person(1).documents.get()
    before = JournalEntry.objects.count()
    assert reveal_document(DATA_KEEPER, AT, document, "核对纸质材料") == number(1)
    read = JournalEntry.objects.order_by("id").last()
    assert read is not None
    assert (read.verb, read.person_id, read.purpose) == ("revealed_document", document.person_id, "核对纸质材料")
    owner = Actor(name="本人", person_id=document.person_id)
    assert reveal_document(owner, AT, document, "本人查看") == number(1)
    with pytest.raises(PurposeMissing):
        reveal_document(DATA_KEEPER, AT, document, " ")
    with pytest.raises(NotYourDuty):
        reveal_document(NOBODY, AT, document, "看看")
    assert JournalEntry.objects.count() == before + 2


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        (" 张 三 ", "张三"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("JOHN  SMITH", "JOHN  SMITH"),
        ("J. SMITH", "J. SMITH"),
    ],
)
def test_names_are_compared_in_one_form(written: str, folded: str) -> None:
    assert fold_name(written) == folded
