"""`jiangxin verify`: clean on work done rightly, and each invariant sees the violation that is planted for it."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jiangxin.commands.invariants import INVARIANTS
from jiangxin.commands.verify import NoSuchInvariant, verify
from jiangxin.ground import postgres
from tests.commands.planted_training import PLANTED_TRAINING
from tests.commands.planted_vouchers import PLANTED_VOUCHERS
from tests.sql.standing import Known, leave, prepare

IDS = [*(f"M{n}" for n in range(1, 21)), *(f"S{n}" for n in range(1, 4)), "P24",
       *(f"V{n}" for n in range(1, 4)), *(f"I{n}" for n in range(1, 5))]
LIVE_PAYMENT = (
    "DROP INDEX one_live_payment_per_line",
    "ALTER TABLE payment_payment DROP CONSTRAINT payment_place_in_batch",
)
NUMBER = "330499199005010015"
SHEET = "(SELECT sheet_id FROM subsidy_subsidy_line WHERE id = %(sealed_line_1)s)"
LATEST = "'ffffffff-ffff-7fff-bfff-ffffffffffff'"
BALANCE = (
    "UPDATE funds_pool_balance SET balance_fen = balance_fen + 1 WHERE account = 'available' AND pool_id = %(pool)s"
)


def copy(table: str, key: str, **changed: str) -> str:
    """Write a row once more with another key and these other values (SQL expressions)."""
    values = ", ".join(f"'{name}', {value}" for name, value in ({"id": "gen_random_uuid()"} | changed).items())
    return (
        f"INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object({values}))).*"
        f" FROM {table} t WHERE id = {key}"
    )


def earlier(count: int) -> str:
    """So many subsidies of the counted year that were paid to an employer for the person."""
    return (
        "INSERT INTO subsidy_earlier_subsidy (id, person_id, scheme, subject, level_rank, count_year, amount_fen,"
        " paid_on, payee, load_id) SELECT gen_random_uuid(), %(person)s, 'certificate_subsidy', 'x' || n, 1, 2026, 1,"
        f" '2026-01-05', 'employer', %(load)s FROM generate_series(1, {count}) n"
    )


RECONCILED = "UPDATE payment_batch SET state = 'reconciled', reconciled_at = returned_at WHERE id = %(returned)s"
CAME_BACK = "(SELECT amount_fen FROM payment_payment WHERE id = %(returned_2)s)"


def booked(fen: str) -> str:
    """A line of the bank's statement about the batch that came back."""
    return (
        "INSERT INTO payment_statement_entry (id, paying_account_id, region_id, booked_on, amount_fen, reference, text,"
        f" sha256, batch_id) SELECT gen_random_uuid(), paying_account_id, region_id, '2026-03-02', {fen},"
        " gen_random_uuid()::text, '', '', id FROM payment_batch WHERE id = %(returned)s"
    )


# Each by the invariant that must see it. Triggers and foreign keys are asleep; keys in the way are dropped.
PLANTED = [
    ("M1", "UPDATE funds_transfer SET amount_fen = amount_fen + 1 WHERE id = %(settle)s"),
    ("M1", "UPDATE funds_transfer SET subject_id = %(free)s WHERE id = %(settle)s"),
    ("M1", BALANCE),
    ("M2", "ALTER TABLE subsidy_decision DISABLE TRIGGER is_kept"),
    ("M2", "DROP TRIGGER is_kept ON ground_journal_entry"),
    ("M3", "UPDATE funds_transfer SET kind = 'gift' WHERE id = %(settle)s"),
    ("M3", "UPDATE funds_budget_line SET amount_fen = 1 WHERE id = %(budget)s"),
    ("M3", "UPDATE funds_transfer SET event_id = id WHERE id = %(settle)s"),
    ("M3", "UPDATE funds_transfer SET event_id = id WHERE id = %(send)s"),
    ("M4", BALANCE),
    ("M4", "UPDATE subsidy_subsidy_line SET state = 'sent' WHERE id = %(free)s"),
    ("M4", "UPDATE subsidy_subsidy_line SET state = 'struck', slot = NULL WHERE id = %(free)s"),
    ("M4", copy("funds_transfer", "%(reserve)s", event_id="gen_random_uuid()")),
    ("M5", "UPDATE subsidy_subsidy_line SET amount_fen = amount_fen + 1 WHERE id = %(sealed_line_1)s"),
    ("M5", "UPDATE payment_payment SET account_id = %(account)s WHERE id = %(sealed_1)s"),
    ("M5", "UPDATE subsidy_subsidy_line SET sheet_id = NULL WHERE id = %(sealed_line_1)s"),
    ("M5", "UPDATE parties_payee_account SET state = 'unconfirmed' WHERE id = %(sealed_account)s"),
    ("M5", "UPDATE parties_payee_account SET person_id = %(other)s WHERE id = %(sealed_account)s"),
    ("M5", "UPDATE subsidy_heir_payee SET line_id = %(sealed_line_1)s",
     "UPDATE payment_payment SET account_id = %(account)s WHERE id = %(sealed_1)s"),
    ("M5", "UPDATE subsidy_heir_payee SET line_id = %(sealed_line_1)s, state = 'confirmed', closed_by_id ="
           " %(as_checker)s, closed_at = %(at)s"),
    ("M5", "UPDATE subsidy_subsidy_line SET decision_id = %(decision)s WHERE id = %(sealed_line_1)s"),
    ("M5", f"DELETE FROM subsidy_approval WHERE step = 'lead' AND sheet_id = {SHEET}"),
    ("M5", f"UPDATE subsidy_approval_sheet SET sha256 = 'x' WHERE id = {SHEET}"),
    ("M5", "UPDATE subsidy_approval a SET account_id = s.made_by_id FROM subsidy_approval_sheet s"
           f" WHERE s.id = {SHEET} AND a.sheet_id = s.id AND a.step = 'lead'"),
    ("M5", "UPDATE subsidy_approval_sheet SET content = jsonb_set(content, '{0,name}', '\"x\"')"
           f" WHERE id = {SHEET}"),
    ("M6", *LIVE_PAYMENT, copy("payment_payment", "%(sent_1)s")),
    ("M7", "DROP INDEX once_per_occupation_and_level",
     copy("subsidy_subsidy_line", "%(promised)s", number="'n'", slot="2", certificate_id="%(same_level)s::uuid")),
    ("M7", "UPDATE subsidy_level_lock SET level_rank = 0"),
    ("M7", "DELETE FROM subsidy_level_lock"),
    ("M8", earlier(3)),
    ("M9", "UPDATE funds_pool SET fund = 'unemployment_fund' WHERE id = %(pool)s"),
    ("M10", "UPDATE payment_batch SET total_fen = total_fen + 1 WHERE id = %(sealed)s"),
    ("M10", "DELETE FROM payment_payment WHERE id = %(sealed_1)s"),
    ("M10", "UPDATE payment_batch SET sha256 = repeat('0', 64) WHERE id = %(sealed)s"),
    ("M10", "UPDATE payment_batch SET content = set_byte(content, 40, get_byte(content, 40) # 1) WHERE id = %(sent)s"),
    ("M11", "UPDATE payment_batch SET file_name = 'x'"),
    ("M12", "UPDATE payment_payment SET return_file_id = %(quarantined)s WHERE id = %(returned_1)s"),
    ("M12", "UPDATE payment_payment SET batch_id = %(sent)s, seq = 9 WHERE id = %(returned_1)s"),
    ("M13", BALANCE),
    ("M13", RECONCILED),
    ("M13", RECONCILED, booked("- total_fen")),
    ("M13", RECONCILED, booked("- total_fen"), booked(f"1 + {CAME_BACK}")),
    ("M13", RECONCILED, booked("1 - total_fen"), booked(CAME_BACK)),
    ("M13", booked("- total_fen"), "UPDATE payment_batch SET paying_account_id = %(sent)s WHERE id = %(returned)s"),
    ("M14", *LIVE_PAYMENT, copy("payment_payment", "%(sent_1)s", id=LATEST)),
    ("M15", copy("subsidy_hold", "%(hold)s", line_id="%(sealed_line_1)s::uuid")),
    ("M15", copy("subsidy_objection", "%(objection)s", line_id="%(sealed_line_1)s::uuid")),
    ("M15", copy("subsidy_hold", "%(hold)s", line_id="%(sent_line_1)s::uuid")),
    ("M15", copy("subsidy_hold", "%(hold)s", line_id="%(returned_line_1)s::uuid", state="'released'",
     released_at="%(at)s::timestamptz + interval '1 hour'", first_by_id="%(as_maker)s::uuid",
     second_by_id="%(as_checker)s::uuid")),
    ("M15", "ALTER TABLE subsidy_hold DROP CONSTRAINT hold_released_by_two",
     "UPDATE subsidy_hold SET state = 'released', first_by_id = %(as_maker)s, second_by_id = %(as_maker)s,"
     " released_at = %(at)s WHERE id = %(hold)s"),
    ("M15", "ALTER TABLE subsidy_objection DROP CONSTRAINT objection_upheld_by_two",
     "UPDATE subsidy_objection SET state = 'upheld', answer = '-', proposed_by_id = %(as_maker)s,"
     " answered_by_id = %(as_maker)s, answered_at = %(at)s WHERE id = %(objection)s"),
    ("M15", "ALTER TABLE subsidy_heir_payee DROP CONSTRAINT heir_by_two",
     "UPDATE subsidy_heir_payee SET state = 'confirmed', closed_by_id = entered_by_id, closed_at = %(at)s"),
    ("M16", "ALTER TABLE funds_pool ADD COLUMN more_fen int"),
    ("M16", "ALTER TABLE funds_pool ADD COLUMN share real"),
    ("M17", "UPDATE subsidy_decision SET facts_digest = '' WHERE id = %(decision)s"),
    ("M17", "UPDATE subsidy_decision SET facts = jsonb_set(facts, '{age}', '99') WHERE id = %(decision)s"),
    ("M17", "UPDATE subsidy_decision SET answers = jsonb_set(answers, '{yearly_cap}', '\"no\"')"
            " WHERE id = %(decision)s"),
    ("M17", "UPDATE subsidy_decision SET outcome = 'no' WHERE id = %(decision)s"),
    ("M17", "UPDATE subsidy_decision SET amount_fen = amount_fen + 1 WHERE id = %(decision)s"),
    ("M17", "UPDATE subsidy_decision SET law_digest = repeat('1', 64) WHERE id = %(decision)s"),
    ("M17", "UPDATE subsidy_decision SET amount_fen = amount_fen + 1, answer_digest = subsidy_answer_digest("
            "facts_digest, law_digest, outcome, amount_fen + 1, answers) WHERE id = %(decision)s"),
    ("M17", "UPDATE subsidy_decision SET facts = '{}', facts_digest = ground_sha256('{}'), answer_digest ="
            " subsidy_answer_digest(ground_sha256('{}'), law_digest, outcome, amount_fen, answers)"
            " WHERE id = %(decision)s"),
    ("M17", "DELETE FROM subsidy_decision WHERE id = %(decision)s"),
    ("M18", "ALTER TABLE subsidy_adopted_standard DROP CONSTRAINT one_standard_per_day",
     copy("subsidy_adopted_standard", "%(standard)s")),
    ("M19", "UPDATE subsidy_subsidy_line SET state = 'waiting' WHERE id = %(refused)s"),
    ("M19", "UPDATE subsidy_subsidy_line SET due_on = NULL WHERE id = %(promised)s"),
    ("M19", "UPDATE subsidy_subsidy_line SET due_on = '2026-01-29' WHERE id = %(promised)s"),
    ("M19", "UPDATE subsidy_subsidy_line SET state = 'silent', due_on = NULL, slot = NULL WHERE id = %(promised)s"),
    ("M19", "UPDATE subsidy_notice SET state = 'ended' WHERE id = %(notice)s"),
    ("M19", "UPDATE subsidy_objection SET state = 'rejected', answer = '-', answered_by_id = %(as_maker)s"
            " WHERE id = %(objection)s"),
    ("M19", "UPDATE subsidy_subsidy_line SET state = 'noticed', state_since = state_since - interval '2 days'"
            " WHERE id = %(shown)s"),
    ("M19", "DELETE FROM subsidy_hold WHERE line_id = %(loose)s"),
    ("M19", "UPDATE subsidy_approval_sheet SET state = 'returned' WHERE id = %(made)s"),
    ("M19", "UPDATE subsidy_subsidy_line SET state_since = state_since - interval '32 days' WHERE id = %(free)s"),
    ("M19", "UPDATE subsidy_subsidy_line SET state = 'in_batch' WHERE id = %(free)s"),
    ("M19", "UPDATE subsidy_subsidy_line SET state = 'sent' WHERE id = %(free)s"),
    ("M19", "UPDATE subsidy_subsidy_line SET state_since = state_since - interval '11 days'"
            " WHERE id = %(sent_line_1)s"),
    ("M19", "UPDATE subsidy_subsidy_line SET state = 'failed' WHERE id = %(free)s"),
    ("M19", "UPDATE assessment_certificate SET received_at = received_at - interval '2 days' WHERE id = %(lower)s"),
    ("M19", "INSERT INTO ground_job (id, kind, args, title, state, done, total, message, tries, asked_at)"
            " VALUES (gen_random_uuid(), 'mainline', '{}', '', 'running', 0, 0, '', 1, %(at)s)"),
    ("M20", copy("funds_transfer", "%(settle)s", kind="'recover'", amount_fen="amount_fen + 1", debit="'paid'",
     credit="'available'", continues_id="id")),
    ("M20", "UPDATE subsidy_subsidy_line SET state = 'struck', slot = NULL WHERE id = %(returned_line_1)s"),
    *PLANTED_TRAINING,
    *PLANTED_VOUCHERS,
    ("I1", "ALTER TABLE parties_person_document DROP CONSTRAINT one_person_per_document",
     copy("parties_person_document", "%(document)s", person_id="%(other)s::uuid")),
    ("I1", "UPDATE parties_person SET merged_into_id = %(other)s WHERE id = %(somebody)s",
     "UPDATE parties_person SET merged_into_id = %(somebody)s WHERE id = %(other)s"),
    ("I2", "UPDATE parties_person SET born_on = '1899-12-31' WHERE id = %(somebody)s"),
    ("I2", "UPDATE parties_person SET born_on = '2026-03-03' WHERE id = %(somebody)s"),
    ("I3", "ALTER TABLE ground_journal_entry DROP CONSTRAINT ground_journal_entry_names_no_number",
     f"UPDATE ground_journal_entry SET detail = '{{\"number\": \"{NUMBER}\"}}' WHERE id = %(entry_of_journal)s"),
    ("I3", "ALTER TABLE subsidy_objection DROP CONSTRAINT subsidy_objection_names_no_number",
     f"UPDATE subsidy_objection SET text = '他的号码是{NUMBER}。' WHERE id = %(objection)s"),
    ("I3", "UPDATE subsidy_decision SET facts = '{\"ref\": \"33049919900501004X\"}' WHERE id = %(decision)s"),
    ("I3", f"UPDATE parties_person SET name = '{NUMBER}' WHERE id = %(somebody)s"),
    ("I3", f"UPDATE parties_account SET username = '{NUMBER}' WHERE id = %(as_maker)s"),
    ("I4", "UPDATE parties_person_document SET number = 'x' WHERE id = %(document)s"),
    ("I4", "UPDATE parties_payee_account SET number = repeat('x', 40)::bytea WHERE id = %(account)s"),
    ("I4", "UPDATE parties_person_document d SET number = o.number FROM parties_person_document o"
           " WHERE d.id = %(document)s AND o.person_id = %(person)s"),
    ("I4", "UPDATE assessment_result_file SET content = set_byte(content, 15, get_byte(content, 15) # 1)"
           " WHERE id = %(result_file)s"),
]  # fmt: skip


@pytest.fixture(scope="module")
def known(clone: str, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        bank: Path = tmp_path_factory.mktemp("bank")
        patch.setenv("JIANGXIN_BANK", str(bank))
        yield prepare(bank) | {"clone": clone}
        leave()


@pytest.fixture(scope="module")
def past_all_guards(known: Known) -> Iterator[Any]:
    """A connection for which triggers and foreign keys are asleep."""
    with postgres.admin(known["clone"]) as raw:
        raw.execute("SET session_replication_role = replica")
        yield raw


@pytest.fixture
def _law_can_be_read(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def count(raw: Any, of: str, known: Known) -> tuple[int, int]:
    (one,) = [invariant for invariant in INVARIANTS if invariant.id == of]
    return one.count(raw.cursor(), known["at"])


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: f"{planted[0]}: {planted[-1][:60]}")
@pytest.mark.usefixtures("_law_can_be_read")
def test_a_planted_violation_is_counted(known: Known, past_all_guards: Any, planted: tuple[str, ...]) -> None:
    of, *steps = planted
    checked, violations = count(past_all_guards, of, known)
    assert checked > 0
    assert violations == 0
    with past_all_guards.transaction(force_rollback=True):
        for step in steps:
            assert past_all_guards.execute(step, known).rowcount != 0
        assert count(past_all_guards, of, known)[1] > 0


def test_what_was_reconciled_rightly_is_no_violation(known: Known, past_all_guards: Any) -> None:
    with past_all_guards.transaction(force_rollback=True):
        for step in (RECONCILED, booked("- total_fen"), booked(CAME_BACK)):
            past_all_guards.execute(step, known)
        assert count(past_all_guards, "M13", known)[1] == 0


def test_a_hold_opened_after_the_sealing_is_lawful(known: Known, past_all_guards: Any) -> None:
    later = copy("subsidy_hold", "%(hold)s", line_id="%(sent_line_1)s::uuid",
                 opened_at="%(at)s::timestamptz + interval '1 hour'")  # fmt: skip
    with past_all_guards.transaction(force_rollback=True):
        past_all_guards.execute(later, known)
        assert count(past_all_guards, "M15", known)[1] == 0


def test_every_invariant_has_its_plant() -> None:
    assert [invariant.id for invariant in INVARIANTS] == IDS
    assert list(dict.fromkeys(of for of, *_ in PLANTED)) == IDS


def test_no_invariant_asks_the_database_for_the_time() -> None:
    for invariant in INVARIANTS:
        for asked in ("now()", "current_date", "current_timestamp", "clock_timestamp", "localtime"):
            assert asked not in invariant.sql.lower(), invariant.id


def said(capsys: pytest.CaptureFixture[str], only: str = "", as_json: bool = True) -> tuple[int, str]:
    code = verify(argparse.Namespace(only=only, json=as_json))
    return code, capsys.readouterr().out


@pytest.mark.role("verifier")
def test_the_command_finds_nothing_after_lawful_work(
    known: Known, capsys: pytest.CaptureFixture[str], django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock():
        code, text = said(capsys)
        found = json.loads(text)
        assert (code, [one["id"] for one in found]) == (0, IDS)
        assert all(one.keys() == {"id", "checked", "violations"} for one in found)
        assert [one["id"] for one in found if not one["checked"] or one["violations"]] == []
        assert said(capsys, "M4", as_json=False)[1].startswith("✓ M4")
        with pytest.raises(NoSuchInvariant, match="没有不变量 ZZ"):
            said(capsys, "ZZ")


@pytest.mark.role("verifier")
def test_a_violation_is_said_and_the_command_fails(
    known: Known, past_all_guards: Any, capsys: pytest.CaptureFixture[str], django_db_blocker: Any
) -> None:
    past_all_guards.execute(BALANCE, known)
    with django_db_blocker.unblock():
        code, text = said(capsys)
        assert (code, {one["id"] for one in json.loads(text) if one["violations"]}) == (1, {"M1", "M4", "M13"})
        assert said(capsys, "M4", as_json=False)[1].startswith("✗ M4")
        assert said(capsys, "M5")[0] == 0
    past_all_guards.execute(BALANCE.replace("+ 1", "- 1"), known)
