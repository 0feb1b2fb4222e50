"""Statements of platforms: keys, kept once and whole, voided, counted into hours with reasons (11.2)."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from jiangxin.ground.journal import JournalEntry
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.mainline import STEPS
from jiangxin.recognition.models import Title
from jiangxin.subsidy.law import current_law
from jiangxin.training.evidence import Attendance
from jiangxin.training.models import Enrolment, Lesson
from jiangxin.training.operations.attendance import finish_class
from jiangxin.training.operations.online import count_online
from jiangxin.training.operations.platforms import (
    BodyIsNoPlatform,
    PlatformClosed,
    PlatformNameTaken,
    PlatformNeedsName,
    close_platform,
    fits_secret,
    open_platform,
    renew_platform,
)
from jiangxin.training.operations.statements import PlatformMayNotSend, StatementChanged, StatementTwice
from jiangxin.training.queries.due import seats_to_count
from jiangxin.training.queries.statements import Kept, Wanted, consistent_through, statement_of, statements_of
from jiangxin.training.statements import Statement
from jiangxin.training.xapi_form import StatementWrong
from jiangxin.training.xapi_reading import mark
from tests.factories.platform import DAY, HOUR, MINUTE, Online, statement, voiding
from tests.factories.refused import refused
from tests.factories.school import School
from tests.training.test_attendance import closes

pytestmark = pytest.mark.django_db


@pytest.fixture
def online(school: School) -> Online:
    return Online(school)


def kept(online: Online, number: str, *, voided: bool = False) -> Kept | None:
    online.alone()
    return statement_of(online.issued.platform.id, UUID(number), voided=voided)


def page(online: Online, wanted: Wanted) -> tuple[list[Kept], bool]:
    online.alone()
    return statements_of(online.issued.platform.id, wanted)


def due(online: Online) -> list[UUID]:
    return seats_to_count(online.lesson.starts_at + 3 * DAY, 10)


# ── platforms ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_secret_is_shown_once_and_renewed(online: Online) -> None:
    issued = online.issued
    assert issued.platform.key.startswith("p-")
    assert fits_secret(issued.platform, issued.secret)
    assert not fits_secret(issued.platform, "")
    assert issued.secret.encode() not in bytes(issued.platform.secret)
    anew = renew_platform(online.school.county, online.school.world.at, issued.platform.id)
    assert anew.secret != issued.secret
    assert not fits_secret(anew.platform, issued.secret)
    closed = close_platform(online.school.county, online.school.world.at, issued.platform.id)
    assert closed.closed_at
    verbs = JournalEntry.objects.filter(subject_id=issued.platform.id).order_by("at", "id")
    assert [one.verb for one in verbs] == ["opened_platform", "renewed_platform", "closed_platform"]
    assert issued.secret not in str([one.detail for one in verbs])


def test_who_gets_no_platform(online: Online) -> None:
    county, at, body = online.school.county, online.school.world.at, online.body.id
    with refused(NotFound):
        open_platform(county, at, new_id(), "学堂")
    with refused(NotYourDuty):
        open_platform(online.school.clerk, at, body, "学堂")
    with refused(NotYourDuty):
        open_platform(replace(county, regions=(330122,)), at, body, "学堂")
    with refused(PlatformNeedsName):
        open_platform(county, at, body, "  ")
    with refused(BodyIsNoPlatform):
        open_platform(county, at, online.school.world.provider.id, "学堂")
    with refused(PlatformNameTaken):
        open_platform(county, at, body, "云学堂")
    with refused(NotFound):
        close_platform(county, at, new_id())
    with refused(NotYourDuty):
        renew_platform(online.school.clerk, at, online.issued.platform.id)
    close_platform(county, at, online.issued.platform.id)
    with refused(PlatformClosed):
        close_platform(county, at, online.issued.platform.id)
    assert open_platform(county, at, body, "云学堂").platform.key != online.issued.platform.key


def test_a_platform_that_may_no_longer_send(online: Online) -> None:
    Title.objects.filter(organisation=online.body).update(until_on=online.school.world.at.date() - DAY)
    online.school.world.see_all()
    with refused(PlatformMayNotSend):
        online.send([statement()])
    online.school.world.see_all()
    online.issued = replace(
        online.issued, platform=close_platform(online.school.county, online.lesson.starts_at, online.issued.platform.id)
    )
    with refused(PlatformClosed):
        online.send([statement()])


# ── kept ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_kept_whole_with_what_we_set(online: Online) -> None:
    given = statement(id=str(uuid4()), result={"extensions": {"https://x.test/y": [1, None, {}]}})
    at = online.lesson.starts_at + HOUR
    [number] = online.send([given], at=at)
    assert number == given["id"]
    found = kept(online, number)
    assert found
    assert found.stored_at == at
    added = {name: found.given.pop(name) for name in ("stored", "timestamp", "authority", "version")}
    assert found.given == given
    assert added["authority"]["account"]["name"] == online.issued.platform.key
    assert (added["version"], added["stored"]) == ("1.0.0", added["timestamp"])
    row = Statement.objects.get()
    assert (row.enrolment_id, row.person_id, row.region_id) == (None, None, None)
    assert b"learner" not in bytes(row.content)


def test_whose_minutes_they_are_is_known_by_the_token_alone(online: Online) -> None:
    face = Lesson.objects.filter(training_class=online.found, kind="practice").first()
    sent = [
        statement(online.token(), online.lesson.id),
        statement(online.token()[:-2] + "xx", online.lesson.id),
        statement(online.token(), face.id),
        statement(online.token(), uuid4()),
        statement("陈小明", online.lesson.id),
        statement(online.token(), online.lesson.id, timestamp="0001-01-01T00:00:00Z"),
    ]
    online.send(sent)
    online.alone()
    rows = list(Statement.objects.order_by("id"))
    assert [row.enrolment_id for row in rows] == [online.places[0].enrolment.id] + [None] * 5
    assert rows[0].body_id == online.school.world.provider.id
    assert rows[0].sender_id == online.body.id


def test_the_same_again_is_no_news(online: Online) -> None:
    given = statement(id=str(uuid4()), timestamp="2026-03-12T10:00:00.000Z")
    online.send([given])
    again = given | {
        "timestamp": "2026-03-12T18:00:00+08:00",
        "verb": {"id": given["verb"]["id"]},
        "actor": {"account": given["actor"]["account"], "name": "某人"},
    }
    assert online.send([again, statement()])[0] == given["id"]
    online.alone()
    assert Statement.objects.count() == 2
    with refused(StatementChanged):
        online.send([statement(), given | {"result": {"success": True}}])
    with refused(StatementTwice):
        online.send([given, given])
    with refused(StatementWrong):
        online.send([statement(), statement() | {"verb": {"id": "did"}}])
    assert online.send([]) == []


def test_another_platform_may_use_the_same_number(online: Online) -> None:
    given = statement(id=str(uuid4()))
    online.send([given])
    first = online.issued
    online.issued = open_platform(online.school.county, online.school.world.at, online.body.id, "第二学堂")
    online.send([given | {"result": {"success": True}}])
    online.alone()
    assert Statement.objects.filter(number=given["id"]).count() == 2
    assert kept(online, given["id"]).given["result"]
    online.issued = first
    assert kept(online, given["id"]).given.get("result") is None


# ── voided ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("order", ["after", "before", "together"])
def test_voided_whichever_comes_first(order: str, online: Online) -> None:
    given = statement(id=str(uuid4()))
    void = voiding(given["id"]) | {"id": str(uuid4())}
    for batch in {"after": [[given], [void]], "before": [[void], [given]], "together": [[void, given]]}[order]:
        online.send(batch)
    assert kept(online, given["id"]) is None
    assert kept(online, given["id"], voided=True)
    # The voiding statement stands, and cannot be voided itself.
    online.send([voiding(void["id"])])
    assert kept(online, void["id"])
    found, more = page(online, Wanted())
    assert (len(found), more) == (2, False)


def test_found_by_what_it_says_and_by_what_it_refers_to(online: Online) -> None:
    given = statement("甲", verb="answered") | {"id": str(uuid4())}
    ref = statement("乙") | {"object": {"objectType": "StatementRef", "id": given["id"]}, "id": str(uuid4())}
    ref_of_ref = statement("丙") | {"object": {"objectType": "StatementRef", "id": ref["id"]}, "id": str(uuid4())}
    online.send([given, ref, ref_of_ref, statement("丁")])
    by_verb = Wanted(marks=[mark("v", given["verb"]["id"])], ascending=True)
    found, _ = page(online, by_verb)
    assert [one.given["id"] for one in found] == [given["id"], ref["id"], ref_of_ref["id"]]
    first, more = page(online, replace(by_verb, limit=2))
    assert more
    rest, more = page(online, replace(by_verb, limit=2, after=(first[-1].stored_at, first[-1].id)))
    assert ([one.given["id"] for one in rest], more) == ([ref_of_ref["id"]], False)
    at = first[0].stored_at
    assert page(online, Wanted(since=at))[0] == []
    assert len(page(online, Wanted(until=at))[0]) == 4
    assert consistent_through(online.issued.platform.id, at) <= at


# ── counted ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_clean_evening_becomes_hours(online: Online) -> None:
    online.send(online.session(minutes=100))
    assert online.count() > 100
    study = online.study()
    assert (study.claimed, study.counted, study.refused, study.pieces) == (6000, 6000, {}, [])
    row = online.attendance()
    assert (row.counted, row.state, row.certainty) == (2, "attended", "online")
    assert due(online) == []
    assert online.count() == 0


def test_more_comes_and_is_counted_with_what_was_there(online: Online) -> None:
    online.send(online.session(minutes=60))
    online.count()
    assert online.attendance().counted == 1
    online.send(online.session(minutes=60, start=online.lesson.starts_at + 21 * HOUR, seed=2))
    online.count()
    assert (online.study().counted, online.attendance().counted) == (7200, 2)


def test_nights_devices_and_lessons_in_a_room_are_refused_with_their_time(online: Online) -> None:
    night = online.lesson.starts_at + 22 * HOUR + 30 * MINUTE
    online.send(online.session(minutes=60, start=night), at=night + 2 * HOUR)
    online.count(at=night + 3 * HOUR)
    study = online.study()
    assert study.refused == {"night": 1800}
    assert study.counted == 1800
    [piece] = study.pieces
    assert piece[2:] == [1800, "night"]


def test_who_sits_in_a_room_learns_nothing_elsewhere(online: Online) -> None:
    face = Attendance.objects.filter(enrolment=online.places[0].enrolment, online=False).earliest("starts_at")
    online.send(online.session(minutes=60, start=face.starts_at))
    online.count()
    assert online.study().counted == 3600
    # The sign-in is known after the count: counted again.
    later = online.lesson.starts_at + 2 * DAY
    Attendance.objects.filter(id=face.id).update(state="present", in_at=face.starts_at, certainty="code")
    assert due(online) == []
    Attendance.objects.filter(id=face.id).update(state="attended", out_at=later)
    assert due(online) == [online.places[0].enrolment.id]
    online.count(at=later + HOUR)
    assert online.study().refused == {"lesson": 3600}
    row = online.attendance()
    assert (row.counted, row.state) == (0, "attended")
    assert due(online) == []


def test_one_device_for_many_is_seen_whoever_is_counted_first(online: Online) -> None:
    for place in range(3):
        start = online.lesson.starts_at + (9 + 2 * place) * HOUR
        online.send(online.session(place, start=start, device="pc", seed=place))
        online.count()
    assert online.study(0).counted == 3600
    online.send(online.session(3, start=online.lesson.starts_at + 16 * HOUR, device="pc", seed=9))
    assert due(online) == [online.places[3].enrolment.id]
    online.count()
    assert [online.study(place).refused for place in range(4)] == [{"device": 3600}] * 4
    assert online.attendance(0).counted == 0


def test_two_platforms_may_call_two_devices_by_one_name(online: Online) -> None:
    for place in range(4):
        start = online.lesson.starts_at + (9 + 2 * place) * HOUR
        online.send(online.session(place, start=start, device="web", seed=place))
        online.issued = open_platform(online.school.county, online.school.world.at, online.body.id, f"学堂{place}")
    online.count()
    assert [online.study(place).counted for place in range(4)] == [3600] * 4


def test_what_is_voided_counts_no_longer(online: Online) -> None:
    numbers = online.send(online.session(minutes=60))
    online.count()
    online.send([voiding(number) for number in numbers])
    online.count()
    assert (online.study().claimed, online.study().counted) == (0, 0)
    assert online.attendance().counted == 0


def test_what_nobody_lived_through_breaks_nothing(online: Online) -> None:
    long = [
        statement(
            online.token(), online.lesson.id, "completed", result={"duration": "P90000Y"},
            context={"registration": str(uuid4())},
        )
        for _ in range(5)
    ]  # fmt: skip
    online.send(long)
    online.count()
    assert online.study().counted == 0
    assert set(online.study().refused) == {"unseen"}


def test_the_end_of_the_class_counts_once_more_and_settles(online: Online) -> None:
    online.send(online.session(minutes=100))
    closes(online.school, online.found)
    finish_class(online.school.clerk, online.school.world.at, online.found.id, current_law())
    online.school.world.see_all()
    assert online.attendance().counted == 2
    assert Enrolment.objects.get(id=online.places[0].enrolment.id).state == "failed"
    # What is reported afterwards is told, and changes no hour.
    online.send(
        online.session(minutes=60, start=online.lesson.starts_at + DAY + 9 * HOUR, seed=3),
        at=online.school.world.at + HOUR,
    )
    online.count(at=online.school.world.at + 2 * HOUR)
    assert (online.study().counted, online.study().refused) == (6000, {"late": 3600})
    assert online.attendance().counted == 2


def test_the_main_line_knows_the_step(online: Online) -> None:
    [step] = [one for one in STEPS if one.name == "count_online"]
    world = online.school.world
    assert step.due(world.at.date()) == 0
    online.send(online.session(minutes=60))
    assert step.due(world.at.date()) == 1
    assert step.do
    assert step.do(world.machine, online.lesson.starts_at + DAY) == 1
    assert online.attendance().counted == 1
    assert count_online(world.machine, world.at, [], current_law()) == 0
