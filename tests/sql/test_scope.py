"""Row-level security (Z3): each role × each table; nothing without a scope, nothing of others, nothing left behind."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from jiangxin.ground import postgres, state
from tests.sql.people_seen import ABOUT_PEOPLE
from tests.sql.standing import Known, leave, prepare

HERE, THERE = 330421, 330122
Connect = Callable[..., psycopg.Connection[Any]]
LINE_IS_SEEN = "EXISTS (SELECT FROM subsidy_subsidy_line l WHERE l.id = t.line_id AND {})"
SEAT_IS_SEEN = "EXISTS (SELECT FROM training_enrolment e WHERE e.voucher_id = t.id AND {})"
SEAT_OF_V = "EXISTS (SELECT FROM training_enrolment e WHERE e.voucher_id = v.id AND {})"
POSTED = "EXISTS (SELECT FROM subsidy_notice n WHERE n.id = t.notice_id AND n.state = 'posted')"

SEAT_IN_CLASS = "EXISTS (SELECT FROM training_enrolment e WHERE e.class_id = t.id AND {})"
IN_FORCE = "t.state IN ('in_force', 'lifted', 'ended')"
PUBLIC_CLASS = "t.state IN ('open', 'running', 'finished')"
# What a scope sees of a table: of a region, of a person, of a body. The public notice is public.
PLAN_IS_PUBLIC = "t.state IN ('open', 'rostered', 'closed', 'supervised', 'published')"
OF_REGION = {
    "recognition_application": "t.region_id = %(region)s OR t.state = 'publicity'",
    "recognition_measure": f"t.region_id = %(region)s OR {IN_FORCE}",
    "recognition_yearly_plan": "t.region_id = %(region)s OR t.state = 'published'",
    "training_training_class": f"t.region_id = %(region)s OR {PUBLIC_CLASS}"
    f" OR {SEAT_IN_CLASS.format('e.region_id = %(region)s')}",
    "assessment_exam_plan": f"t.region_id = %(region)s OR {PLAN_IS_PUBLIC}",
    "assessment_number_series": "true",
    "assessment_certificate": "t.region_id = %(region)s OR EXISTS (SELECT FROM subsidy_subsidy_line l"
    " WHERE l.certificate_id = t.id AND l.region_id = %(region)s)",
    "assessment_result_file_error": "t.region_id = %(region)s OR EXISTS (SELECT FROM assessment_result_file f"
    " WHERE f.id = t.file_id AND f.region_id = %(region)s)",
    "subsidy_hold": "t.region_id = %(region)s OR " + LINE_IS_SEEN.format("l.region_id = %(region)s"),
    "subsidy_officer_answer": "t.region_id = %(region)s OR " + LINE_IS_SEEN.format("l.region_id = %(region)s"),
    "subsidy_heir_payee": "t.region_id = %(region)s OR " + LINE_IS_SEEN.format("l.region_id = %(region)s"),
    "subsidy_objection": "t.region_id = %(region)s OR " + LINE_IS_SEEN.format("l.region_id = %(region)s"),
    "subsidy_notice": "t.region_id = %(region)s OR t.state = 'posted'",
    "subsidy_notice_line": f"t.region_id = %(region)s OR {POSTED}",
    "payment_return_file": "t.region_id = %(region)s OR t.region_id IS NULL",
    "training_voucher": f"t.region_id = %(region)s OR {SEAT_IS_SEEN.format('e.region_id = %(region)s')}",
    "training_voucher_batch": "t.region_id = %(region)s OR EXISTS (SELECT FROM training_voucher v WHERE"
    f" v.batch_id = t.id AND (v.region_id = %(region)s OR {SEAT_OF_V.format('e.region_id = %(region)s')}))",
}
OF_PERSON = {
    "subsidy_settlement_head": "t.person_id = %(person)s",
    "parties_employment": "t.person_id = %(person)s",
    "recognition_application": "t.state = 'publicity'",
    "recognition_measure": IN_FORCE,
    "recognition_yearly_plan": "t.state = 'published'",
    "training_training_class": f"{PUBLIC_CLASS} OR {SEAT_IN_CLASS.format('e.person_id = %(person)s')}",
    **{
        table: "t.person_id = %(person)s"
        for table in (
            "training_enrolment",
            "training_attendance",
            "training_scan",
            "training_attendance_exception",
            "training_statement",
            "training_study_count",
            "training_transfer_offer",
        )
    },
    "assessment_exam_plan": PLAN_IS_PUBLIC,
    "assessment_number_series": "true",
    "assessment_candidate": "t.person_id = %(person)s",
    "subsidy_subsidy_line": "t.person_id = %(person)s",
    "assessment_certificate": "t.person_id = %(person)s",
    **{
        table: LINE_IS_SEEN.format("l.person_id = %(person)s")
        for table in ("subsidy_decision", "payment_payment", "subsidy_hold", "subsidy_objection")
    },
    "subsidy_officer_answer": LINE_IS_SEEN.format("l.person_id = %(person)s"),
    "subsidy_heir_payee": LINE_IS_SEEN.format("l.person_id = %(person)s"),
    "training_voucher": "t.person_id = %(person)s",
    "training_voucher_batch": "EXISTS (SELECT FROM training_voucher v WHERE v.batch_id = t.id"
    " AND v.person_id = %(person)s)",
    "subsidy_notice": "t.state = 'posted'",
    "subsidy_notice_line": POSTED,
}
OF_BODY = {
    "subsidy_settlement": "t.body_id = %(body)s",
    "subsidy_settlement_head": "t.body_id = %(body)s",
    "parties_employment": "t.body_id = %(body)s",
    "parties_roster_file": "t.body_id = %(body)s",
    "training_class_offer": "%(body)s IN (t.body_id, t.provider_id)",
    "recognition_application": "t.body_id = %(body)s OR t.state = 'publicity'",
    "recognition_application_material": "t.body_id = %(body)s",
    "recognition_promise_check": "t.body_id = %(body)s",
    "recognition_measure": f"t.body_id = %(body)s OR {IN_FORCE}",
    "recognition_yearly_plan": "t.body_id = %(body)s OR t.state = 'published'",
    "training_training_class": f"t.body_id = %(body)s OR {PUBLIC_CLASS}"
    f" OR {SEAT_IN_CLASS.format('%(body)s IN (e.body_id, e.employer_id)')}",
    "training_enrolment": "%(body)s IN (t.body_id, t.employer_id)",
    "training_statement": "%(body)s IN (t.body_id, t.sender_id)",
    **{
        table: "t.body_id = %(body)s"
        for table in (
            "training_attendance",
            "training_scan",
            "training_attendance_exception",
            "training_class_photo",
            "training_head_count",
            "training_study_count",
            "training_transfer_offer",
        )
    },
    "assessment_exam_plan": f"t.body_id = %(body)s OR {PLAN_IS_PUBLIC}",
    "assessment_number_series": "true",
    **{
        f"assessment_{table}": "t.body_id = %(body)s"
        for table in ("candidate", "examiner", "exam_duty", "score_entry", "score_change", "supervision")
    },
    "assessment_result_file": "t.body_id = %(body)s",
    "assessment_result_file_error": "EXISTS (SELECT FROM assessment_result_file f"
    " WHERE f.id = t.file_id AND f.body_id = %(body)s)",
    "assessment_certificate": "%(body)s IN (t.assessor_id, t.provider_id)",
    "training_voucher": SEAT_IS_SEEN.format("%(body)s IN (e.body_id, e.employer_id)"),
    "training_voucher_batch": "EXISTS (SELECT FROM training_voucher v WHERE v.batch_id = t.id AND"
    f" {SEAT_OF_V.format('%(body)s IN (e.body_id, e.employer_id)')})",
    "subsidy_notice": "t.state = 'posted'",
    "subsidy_notice_line": POSTED,
}
PUBLIC = {
    "recognition_application": "t.state = 'publicity'",
    "recognition_measure": IN_FORCE,
    "recognition_yearly_plan": "t.state = 'published'",
    "training_training_class": PUBLIC_CLASS,
    "subsidy_notice": "t.state = 'posted'",
    "subsidy_notice_line": POSTED,
    "assessment_exam_plan": PLAN_IS_PUBLIC,
    "assessment_number_series": "true",
}

# Tables about regions or people that every role may read whole, and why.
OPEN = {
    "training_online_platform": "signing in comes before a scope: a key, and the hash of a secret",
    "training_room": "public: where is taught",
    "training_teacher": "public: who teaches where",
    "catalogue_guidance_class": "public reference data",
    "catalogue_training_item": "public reference data",
    "ground_region_list": "public reference data",
    "parties_office": "public: names and telephones of the desks",
    "parties_organisation": "public: names of bodies",
    "recognition_title": "public: who may train and assess",
    "subsidy_adopted_standard": "the law is public",
    "ground_job": "ids only; a page shows the asker's own",
    "parties_account": "signing in comes before a scope",
    "parties_duty": "signing in comes before a scope",
    "parties_register_load": "coverage of registers, not their rows",
    # A name alone: whoever reads a list joins it, and a policy would be asked for every row of the list (decision 8).
    "parties_person": "a name and a day of birth; the number and all that is known lies in tables with a policy",
    "parties_person_name": "earlier names",
}
# Rows of tables that the attacks leave with fewer than two.
MORE = (
    "INSERT INTO assessment_result_file SELECT (jsonb_populate_record(f, jsonb_build_object('id', gen_random_uuid(),"
    " 'sha256', repeat('2', 64)))).* FROM assessment_result_file f",
    "INSERT INTO assessment_result_file_error"
    ' (id, file_id, region_id, sheet, row, "column", cell, given, problem, remedy)'
    " SELECT gen_random_uuid(), id, region_id, '', 1, '', '', '', '', '' FROM assessment_result_file",
    "INSERT INTO parties_register_file (id, register_id, region_id, office_id, from_on, until_on, extracted_on,"
    " file_name, sha256, sent_by_id, sent_at, wrongs) SELECT gen_random_uuid(), 'listing', %(region)s, %(office)s,"
    " '2026-01-01', '2026-01-01', '2026-01-01', '', '', %(as_register)s, %(at)s, '[]' FROM generate_series(1, 2)",
    *(
        f"INSERT INTO {table} SELECT (jsonb_populate_record(t,"
        f" jsonb_build_object('id', gen_random_uuid()) || '{other}')).*"
        f" FROM {table} t WHERE region_id = %(region)s LIMIT 1"
        for table, other in (
            ("subsidy_notice", '{"number": 90}'),
            ("subsidy_hold", '{"evidence": "x"}'),
            ("subsidy_officer_answer", '{"question": "x"}'),
            ("subsidy_heir_payee", '{"line_id": "00000000-0000-0000-0000-000000000001"}'),
            ("subsidy_objection", '{"line_id": "00000000-0000-0000-0000-000000000001"}'),
            ("payment_paying_account", '{"fund": "x"}'),
            ("payment_return_file", '{"sha256": "x"}'),
            ("payment_statement_entry", '{"reference": "x"}'),
        )
    ),
)
ABOUT = """
SELECT DISTINCT r.relname FROM pg_class r JOIN pg_attribute a ON a.attrelid = r.oid AND NOT a.attisdropped
 WHERE r.relnamespace = 'public'::regnamespace AND r.relkind = 'r' AND NOT (r.relrowsecurity AND r.relforcerowsecurity)
   AND (a.attname IN ('region_id', 'person_id', 'body_id', 'line_id', 'certificate_id', 'account_id', 'kept_id')
        OR r.relname = 'parties_person')
"""


@pytest.fixture(scope="module")
def known(clone: str, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    """The county of the attacks, with one row of every table moved to another county."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        bank: Path = tmp_path_factory.mktemp("bank")
        patch.setenv("JIANGXIN_BANK", str(bank))
        known = prepare(bank)
        with postgres.admin(clone) as raw:
            _move_away(raw, known)
        yield known | {"clone": clone, "body": known["assessor"]}
        leave()


def tables(raw: Any) -> list[str]:
    """The tables under row-level security whose rows belong to a region; those about people stand in a file beside."""
    rows = raw.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relrowsecurity ORDER BY relname"
    )
    return [name for (name,) in rows.fetchall() if name not in ABOUT_PEOPLE]


def _move_away(raw: Any, known: Known) -> None:
    raw.execute("SET session_replication_role = replica")
    for statement in MORE:
        raw.execute(statement, known)
    for table in tables(raw):
        moved = raw.execute(
            f"UPDATE {table} SET region_id = %s"
            f" WHERE id = (SELECT max(id::text)::uuid FROM {table} WHERE region_id = %s)",
            [THERE, HERE],
        )
        assert moved.rowcount == 1, table


def truth(known: Known, table: str, rule: str, **of: object) -> set[object]:
    """The keys that a rule names, seen past every policy."""
    with postgres.admin(known["clone"]) as raw:
        return {key for (key,) in raw.execute(f"SELECT t.id FROM {table} t WHERE {rule}", of).fetchall()}


def seen(raw: Any, table: str, **scope: object) -> set[object]:
    """The keys that a scope shows."""
    with raw.transaction():
        for name, value in scope.items():
            raw.execute("SELECT set_config(%s, %s, true)", [f"app.{name}", str(value)])
        return {key for (key,) in raw.execute(f"SELECT id FROM {table}").fetchall()}


@pytest.mark.parametrize("role", state.ROLES)
def test_without_a_scope_there_are_no_rows_but_posted_notices(known: Known, connect: Connect, role: str) -> None:
    raw = connect(role)
    for table in tables(raw):
        assert seen(raw, table) == truth(known, table, PUBLIC.get(table, "false")), table


@pytest.mark.parametrize("role", state.ROLES)
@pytest.mark.parametrize("region", [HERE, THERE])
def test_a_county_sees_its_own(known: Known, connect: Connect, role: str, region: int) -> None:
    raw = connect(role)
    for table in tables(raw):
        rule = OF_REGION.get(table, "t.region_id = %(region)s")
        wanted = truth(known, table, rule, region=region)
        assert wanted, table
        assert seen(raw, table, regions=f"{{{region}}}") == wanted, table


@pytest.mark.parametrize("role", state.ROLES)
def test_a_person_sees_the_own_and_posted_notices(known: Known, connect: Connect, role: str) -> None:
    raw, person = connect(role), known["person"]
    for table in tables(raw):
        wanted = truth(known, table, OF_PERSON.get(table, "false"), person=person)
        assert seen(raw, table, person=person, regions="{}") == wanted, table
    assert truth(known, "subsidy_subsidy_line", "t.person_id = %(person)s", person=person)
    assert truth(known, "subsidy_decision", OF_PERSON["subsidy_decision"], person=person)


@pytest.mark.parametrize("role", state.ROLES)
def test_a_body_sees_its_own_files_and_certificates(known: Known, connect: Connect, role: str) -> None:
    raw, body = connect(role), known["body"]
    for table in tables(raw):
        wanted = truth(known, table, OF_BODY.get(table, "false"), body=body)
        assert seen(raw, table, body=body, regions="{}") == wanted, table
    assert truth(known, "assessment_certificate", OF_BODY["assessment_certificate"], body=body)


@pytest.mark.parametrize("of", ["person", "body", "regions"])
def test_a_stranger_sees_nothing(known: Known, connect: Connect, of: str) -> None:
    raw = connect("web")
    stranger = "{330182}" if of == "regions" else uuid4()
    for table in tables(raw):
        open_to_all = truth(known, table, PUBLIC.get(table, "false"))
        if of == "regions":
            open_to_all |= truth(known, table, "t.region_id IS NULL")
        assert seen(raw, table, **{of: stranger}) == open_to_all, table


@pytest.mark.parametrize("ends", ["commit", "rollback"])
def test_a_scope_ends_with_its_transaction(known: Known, connect: Connect, ends: str) -> None:
    """What the next user of a pooled connection would see."""
    raw = connect("web")
    with raw.transaction(force_rollback=ends == "rollback"):
        raw.execute("SELECT set_config('app.regions', '{330421}', true)")
        raw.execute("SELECT set_config('app.person', %s, true)", [str(known["person"])])
        assert raw.execute("SELECT count(*) FROM subsidy_subsidy_line").fetchone()[0] > 3
    assert raw.execute("SELECT count(*) FROM subsidy_subsidy_line").fetchone()[0] == 0


@pytest.mark.parametrize("lawful", [True, False])
def test_a_guard_that_saw_everything_gives_the_scope_back(known: Known, connect: Connect, lawful: bool) -> None:
    raw = connect("worker")
    with raw.transaction(force_rollback=True):
        raw.execute("SELECT set_config('app.regions', '{330122}', true)")
        before = raw.execute("SELECT count(*) FROM subsidy_subsidy_line").fetchone()
        statement = (
            "UPDATE subsidy_subsidy_line SET due_on = due_on"
            if lawful
            else "UPDATE subsidy_subsidy_line SET amount_fen = amount_fen + 1, state = 'to_confirm', slot = 9"
        )
        try:
            with raw.transaction():
                raw.execute(statement)
        except psycopg.IntegrityError:
            assert not lawful
        assert raw.execute("SELECT current_setting('app.regions')").fetchone() == ("{330122}",)
        assert raw.execute("SELECT count(*) FROM subsidy_subsidy_line").fetchone() == before


def write(raw: Any, region: int, statement: str) -> None:
    """Write with one county in scope."""
    with raw.transaction():
        raw.execute("SELECT set_config('app.regions', %s, true)", [f"{{{region}}}"])
        raw.execute(statement)


@pytest.mark.parametrize("role", ["web", "worker", "owner"])
def test_nothing_is_written_into_a_region_out_of_scope(known: Known, connect: Connect, role: str) -> None:
    """A posted notice is seen by all and written by its county only; a row is not moved away from its county."""
    raw = connect(role)
    for table in ("subsidy_notice", "funds_pool", "funds_budget_line", "subsidy_hold", "subsidy_subsidy_line"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            write(
                raw,
                HERE,
                f"INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(),"
                f" 'region_id', {THERE}))).* FROM {table} t WHERE region_id = {HERE} LIMIT 1",
            )


def test_a_posted_notice_of_another_county_is_read_not_written(known: Known, connect: Connect) -> None:
    raw = connect("web")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        write(raw, 330182, "UPDATE subsidy_notice SET taken_down_at = posted_at")


def test_a_policy_gone_shows_the_rows_of_others(known: Known, connect: Connect) -> None:
    """The control, table by table: without its policy a third county reads what is not its own."""
    owner = connect("owner")
    for table in tables(owner):
        with owner.transaction(force_rollback=True):
            owner.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
            owner.execute(f'SET LOCAL ROLE "{state.role_name("web")}"')
            owner.execute("SELECT set_config('app.regions', '{330182}', true)")
            rows = owner.execute(f"SELECT count(*) FROM {table} WHERE region_id IN (330421, 330122)").fetchone()
            assert rows[0] > 1, table


def test_every_table_about_a_region_or_a_person_has_a_policy_or_a_reason(known: Known, connect: Connect) -> None:
    without = {name for (name,) in connect("owner").execute(ABOUT).fetchall()}
    named = {name for name in without if not name.startswith(("django_", "auth_", "procrastinate_", "axes_"))}
    assert named == OPEN.keys()
