"""An identity number typed into words: refused in plain words, what was typed stays, nothing of it is kept (A7, I3)."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from jiangxin.ground.actor import Actor, acting, machine
from jiangxin.ground.free_text import NumberInText
from jiangxin.ground.jobs import Job, ask
from jiangxin.ground.journal import JournalEntry, note
from jiangxin.ground.keys import new_id
from jiangxin.parties.models import Person
from jiangxin.subsidy.models import Hold, SubsidyLine
from jiangxin.subsidy.operations.confirm import confirm_line, decline_line
from jiangxin.subsidy.operations.holds import release_hold
from jiangxin.subsidy.operations.objections import file_objection, propose_upholding, reject_objection
from tests.web.staff.desk import at_desk, desk
from tests.web.village import Village, enter

pytestmark = pytest.mark.role("web")

NUMBER = "330499199005010015"
WORDS = f"他的证件是{NUMBER}，没有来上课。"
TABLES = """
SELECT relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
   AND has_table_privilege(c.oid, 'SELECT')
"""


@pytest.fixture(scope="module")
def village(clone: str) -> Village:
    return desk()


@pytest.fixture(autouse=True)
def _nothing_in_clear(village: Village) -> Iterator[None]:
    """After each test no row of any table holds the number, by letters and by the question of `verify`."""
    yield
    with acting(machine(), read_only=True), connection.cursor() as cursor:
        cursor.execute(TABLES)
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{NUMBER}%"])
            assert cursor.fetchone() == (0,), table
        cursor.execute("SELECT violations FROM ground_count_numbers_in_clear()")
        assert cursor.fetchone() == (0,)


def refused_and_kept(browser: Client, address: str, given: dict[str, str]) -> None:
    answer = browser.post(address, given)
    assert answer.status_code == 200
    said = answer.content.decode()
    assert "不要写证件号码" in said
    assert WORDS in said


def posted(village: Village) -> SubsidyLine:
    line = village.line()
    village.notice(line)
    return line


def held(village: Village) -> Hold:
    line = village.walk(posted(village), ("ended_notice", "noticed"), ("held", "held"))
    with acting(machine()) as at:
        return Hold.objects.create(
            id=new_id(), line=line, region_id=line.region_id, kind="sample_call", evidence="抽中", opened_at=at,
            due_on=at.date(),
        )  # fmt: skip


def row_of(line: SubsidyLine):
    with acting(machine()):
        return line.notice_lines.get()


def test_in_a_public_objection(village: Village) -> None:
    line = posted(village)
    address = f"/notices/lines/{row_of(line).pk}/objection"
    refused_and_kept(Client(), address, {"text": WORDS, "contact": ""})
    assert village.now(line).state == "in_notice"
    assert Client().post(address, {"text": "没有来上课。", "contact": ""}).status_code == 302
    assert village.now(line).state == "objected"


def test_in_a_worker_s_reason_to_decline(village: Village) -> None:
    line = village.line()
    browser = enter(Person.objects.get(pk=line.person_id))
    refused_and_kept(browser, f"/me/money/{line.pk}/decline", {"reason": WORDS})
    assert village.now(line).state == "to_confirm"


def test_in_the_finding_of_a_hold(village: Village) -> None:
    hold = held(village)
    refused_and_kept(at_desk("web-maker"), f"/desk/holds/{hold.id}/", {"finding": WORDS})
    with acting(machine()):
        assert Hold.objects.get(id=hold.id).first_by_id is None


def test_in_the_note_of_a_call(village: Village) -> None:
    line = village.line()
    answer = at_desk("web-maker").post(
        f"/desk/decisions/{line.pk}/confirm/", {"how": "telephone", "note": WORDS}, follow=True
    )
    assert "不要写证件号码" in answer.content.decode()
    assert village.now(line).state == "to_confirm"


def test_the_operations_refuse_it_whoever_asks(village: Village) -> None:
    maker, public = village.world.staff["maker"], Actor("公众")
    line, hold, shown, objected = village.line(), held(village), posted(village), posted(village)
    own = Actor("本人", person_id=line.person_id)
    row, other = row_of(shown).id, row_of(objected).id
    with acting(public) as at:
        objection = file_objection(public, at, other, "没有来上课。").id
    for actor, deed in (
        (own, lambda at: confirm_line(own, at, line.id, "telephone", WORDS)),
        (own, lambda at: decline_line(own, at, line.id, WORDS)),
        (maker, lambda at: release_hold(maker, at, hold.id, WORDS)),
        (maker, lambda at: reject_objection(maker, at, objection, WORDS)),
        (maker, lambda at: propose_upholding(maker, at, objection, WORDS)),
        (public, lambda at: file_objection(public, at, row, WORDS)),
    ):
        with pytest.raises(NumberInText), acting(actor) as at:
            deed(at)
    assert [village.now(one).state for one in (line, shown, objected)] == ["to_confirm", "in_notice", "objected"]


def test_the_journal_and_the_jobs_mask_what_slipped_through(village: Village) -> None:
    maker = village.world.staff["maker"]
    with acting(maker) as at:
        note(maker.for_purpose(WORDS), at, "tried", kind="Test", reason=WORDS, of=[WORDS])
        job = ask(maker, at, "mainline", f"记入 {NUMBER}.xlsx", reason=WORDS)
        entry = JournalEntry.objects.get(verb="tried")
        assert entry.detail == {"reason": WORDS.replace(NUMBER, "3****************5"), "of": [entry.detail["reason"]]}
        assert entry.purpose == entry.detail["reason"]
        assert Job.objects.get(id=job.id).title == "记入 3****************5.xlsx"
