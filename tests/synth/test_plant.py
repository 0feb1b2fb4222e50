"""A planted demo is what its manifest says: files load clean, the law answers as planted, holds are met."""

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import override_settings

from jiangxin.assessment.models import ResultFile, ResultFileError
from jiangxin.assessment.operations.files import check_file, finish_loading, load_file, receive_file
from jiangxin.commands import synth as command
from jiangxin.commands.refdata import load_refdata
from jiangxin.funds.operations import confirm_budget, open_pool, propose_budget
from jiangxin.ground.actor import acting, machine
from jiangxin.ground.clock import day_of, is_demo, opening_of
from jiangxin.ground.identity import unseal
from jiangxin.ground.sheets import read_sheet
from jiangxin.ground.staging import rows_of, run
from jiangxin.parties.models import Account, Duty, Office, Organisation, PayeeAccount, Person, PersonDocument, Spell
from jiangxin.parties.operations.registers import load_spells
from jiangxin.parties.queries.accounts import actor_of
from jiangxin.parties.queries.persons import DOCUMENT
from jiangxin.parties.queries.registers import coverage
from jiangxin.parties.register_files import read_whole, spell_builder, spell_columns
from jiangxin.subsidy.law import current_law
from jiangxin.subsidy.models import Decision, SubsidyLine
from jiangxin.subsidy.operations.decide import decide_certificates
from jiangxin.subsidy.operations.holds import DETECTORS
from jiangxin.subsidy.queries import due
from jiangxin.synth.courses import GAP
from jiangxin.synth.plant import NotADemo, PeopleAlreadyThere, ReferenceDataMissing, begin_demo, plant
from jiangxin.synth.records import revoke_planted
from jiangxin.synth.registers import STATUS_REGISTERS, extract_of
from tests.factories.whole import whole

PEOPLE, SEED = 2_000, 5
COUNTIES = {"jiashan": 330421, "tonglu": 330122, "ruian": 330381}
FAST = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def silent(*_: object) -> None:
    """Takes progress and shows nothing."""


@dataclass
class Demo:
    """The planted database and the folder of its files."""

    manifest: dict[str, Any]
    folder: Path


@pytest.fixture(scope="module")
def demo(clone: str, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    with django_db_blocker.unblock(), override_settings(PASSWORD_HASHERS=FAST):
        with acting(machine()) as at:
            load_refdata(machine(), at, silent)
        with acting(machine("演示")):
            manifest = plant(machine("演示"), begin_demo(), PEOPLE, SEED, folder, silent)
        yield Demo(manifest, folder)
        connections.close_all()


def send(demo: Demo, file: str, assessor: str, kind: str, received_on: date) -> ResultFile:
    """Send a workbook as its clerk on a day, have it checked, and loaded when clean."""
    clerk = Account.objects.get(username=assessor)
    actor = replace(machine(), body_id=clerk.body_id, duties=frozenset({"machine", "clerk"}))
    with acting(actor):
        at = opening_of(received_on)
        sent = receive_file(actor, at, kind, file, (demo.folder / file).read_bytes())
        sent = check_file(actor, at, sent, current_law(), silent)
        if sent.state == "clean":
            sent = finish_loading(actor, at, load_file(actor, at, sent), current_law(), silent)
    return sent


@pytest.fixture(scope="module")
def sent(demo: Demo) -> list[ResultFile]:
    books = demo.manifest["books"]
    return [send(demo, b["file"], b["assessor"], b["kind"], date.fromisoformat(b["received_on"])) for b in books]


@pytest.fixture(scope="module")
def decided(demo: Demo, sent: list[ResultFile]) -> Demo:
    for place, county in COUNTIES.items():
        office = Office.objects.get(region_id=county)
        first, second = (
            actor_of(Account.objects.get(username=f"{place}-{n}"), date(2026, 3, 2)) for n in ("budget", "budget2")
        )
        with acting(first) as at:
            line = propose_budget(
                first, at, open_pool(first, at, office, "employment_grant", 2026, "演示"), 10**9, "演示"
            )
        with acting(second) as at:
            confirm_budget(second, at, line.pk)
    numbers = demo.manifest["counties"][330421]["scenarios"]["revoked"]["certificates"]
    with acting(machine()) as at:
        assert revoke_planted(machine(), at, numbers) == len(numbers) > 0
    with acting(machine()) as at:
        decide_certificates(machine(), at, due.certificates_awaiting_decision(10_000), "新到证书")
    return demo


def answers() -> dict[str, tuple[str, dict[str, str]]]:
    """Certificate number → outcome and the rules that answered no or unknown."""
    with acting(machine(), read_only=True):
        decisions = {decision.pk: decision.answers for decision in Decision.objects.all()}
        lines = SubsidyLine.objects.filter(scheme="certificate_subsidy").select_related("certificate")
        return {line.certificate.number: (line.outcome, decisions[line.decision_id]) for line in lines}


# ── into which database ────────────────────────────────────────────────────────────────────────────────────────────
def test_a_database_in_use_is_refused(db: None) -> None:
    load_refdata(machine(), opening_of(date(2026, 3, 2)), silent)
    Organisation.objects.create(name="真实机构", credit_code="x", region_id=330421)
    with pytest.raises(NotADemo):
        begin_demo()
    assert not is_demo()


def test_reference_data_comes_first(db: None) -> None:
    with pytest.raises(ReferenceDataMissing):
        begin_demo()
    assert not is_demo()


def test_an_unused_database_becomes_a_demo_at_its_first_morning(db: None) -> None:
    load_refdata(machine(), opening_of(date(2026, 3, 2)), silent)
    assert begin_demo().isoformat() == "2026-03-02T09:00:00+08:00"
    assert is_demo()


def test_a_second_run_is_refused_and_changes_nothing(demo: Demo) -> None:
    with whole():
        before = Person.objects.count(), Spell.objects.count()
    arguments = argparse.Namespace(people=PEOPLE, seed=SEED, keep=False, json=True)
    with pytest.raises(PeopleAlreadyThere):
        command.run(arguments)
    arguments.keep = True
    assert command.run(arguments) == 0
    with whole():
        assert (Person.objects.count(), Spell.objects.count()) == before


# ── people, registers, accounts ────────────────────────────────────────────────────────────────────────────────────
def test_every_number_in_the_database_is_of_no_county(demo: Demo) -> None:
    with whole():
        documents = list(PersonDocument.objects.filter(kind="resident"))
    numbers = [unseal(document.number, DOCUMENT.format(document.pk)).decode() for document in documents]
    assert Person.objects.count() == sum(demo.manifest["people"].values()) + 1, "and the school's teacher"
    assert {number[4:6] for number in numbers} == {"99"}


@pytest.mark.parametrize("register", STATUS_REGISTERS)
def test_registers_answer_for_the_whole_province(demo: Demo, register: str) -> None:
    spans = [(span.from_on, span.until_on) for span in coverage(register, 330421)]
    year = [(date(2022, 1, 1), date(2026, 3, 1))]
    gap = [(date(2022, 1, 1), date(2025, 9, 14)), (date(2025, 9, 29), date(2026, 3, 1))]
    assert spans == (gap if register == "public_staff" else year)


def test_staff_hold_one_money_duty_each_and_the_city_lends_a_second_leader(demo: Demo) -> None:
    held = Counter(Duty.objects.filter(exclusive=True).values_list("account__username", "duty").distinct())
    assert max(Counter(username for username, _ in held).values()) == 1
    lent = Duty.objects.get(account__username="jiaxing-leader", office__region_id=330421)
    assert (lent.duty, bool(lent.reason)) == ("leader", True)
    for place in COUNTIES:
        assert Account.objects.filter(username__startswith=f"{place}-", kind="staff", is_demo=True).count() == 9 + 2 * (
            place == "jiashan"
        )


def test_workers_have_accounts_of_their_scenarios(demo: Demo, sent: list[ResultFile]) -> None:
    planted = demo.manifest["counties"][330421]["scenarios"]
    for username, scenario in demo.manifest["accounts"]["workers"].items():
        with acting(machine(), read_only=True):
            account = Account.objects.get(username=username)
            held = set(account.person.certificates.values_list("number", flat=True))
        assert held
        assert scenario == "plain" or held & set(planted[scenario]["certificates"])


def test_most_have_a_certified_account_and_some_a_new_one(demo: Demo) -> None:
    with whole():
        accounts = list(PayeeAccount.objects.filter(state="certified"))
    changed = [account for account in accounts if not account.first]
    wanted = demo.manifest["counties"][330421]["holds"]["account_changed"]
    assert len(changed) == wanted
    assert {day_of(account.since) for account in changed} == {date(2026, 3, 1)}
    assert len(accounts) == demo.manifest["rows"]["card"]


# ── files ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_every_workbook_of_the_year_loads_clean(demo: Demo, sent: list[ResultFile]) -> None:
    assert [(file.state, file.wrong_rows) for file in sent] == [("loaded", 0)] * len(demo.manifest["books"])
    assert sum(file.loaded_rows for file in sent) == sum(c["certificates"] for c in demo.manifest["counties"].values())


def test_the_fresh_workbooks_hold_what_the_manifest_says(demo: Demo, sent: list[ResultFile]) -> None:
    said = demo.manifest["fresh"]["wrong"]
    file = send(demo, said["file"], said["assessor"], said["kind"], date(2026, 3, 2))
    with acting(machine(), read_only=True):
        wrong = set(ResultFileError.objects.filter(file=file).values_list("row", flat=True))
    assert (file.state, file.rows, file.wrong_rows) == ("wrong", said["rows"], said["wrong_rows"])
    assert wrong == {row for rows in said["errors"].values() for row in rows}


# ── the law ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_law_answers_as_planted(decided: Demo) -> None:
    found = answers()
    for county, said in decided.manifest["counties"].items():
        with acting(machine(), read_only=True):
            here = SubsidyLine.objects.filter(scheme="certificate_subsidy", certificate__region_id=county)
            outcomes = Counter(here.values_list("outcome", flat=True))
        assert outcomes == said["outcomes"]
        for scenario in said["scenarios"].values():
            for number in scenario["certificates"]:
                outcome, rules = found[number]
                assert outcome == scenario["outcome"]
                assert all(rules[rule] == scenario["outcome"] for rule in scenario["rules"])


def test_every_hold_is_met_as_planted(decided: Demo) -> None:
    said = {**decided.manifest["counties"][330421]["holds"], "revoked": 0, "many_pleas": 0}
    with acting(machine()) as at:
        run("UPDATE subsidy_subsidy_line l SET account_id = a.id FROM parties_payee_account a"
            " WHERE a.person_id = l.person_id AND a.state = 'certified' AND l.outcome = 'yes'")  # fmt: skip
        run(
            "CREATE TEMP TABLE asked ON COMMIT DROP AS SELECT id AS line_id, region_id, %s::date AS today, 30 AS"
            " account_days, 1 AS new_body_batches, 2 AS phone_persons, 5 AS pleas_percent"
            " FROM subsidy_subsidy_line WHERE outcome = 'yes'",
            [day_of(at)],
        )
        met = {kind: len({line for line, _ in rows_of(sql)}) for kind, sql in DETECTORS.items()}
    assert met == said


def test_the_extract_left_out_answers_those_who_wait_for_it(decided: Demo) -> None:
    said = decided.manifest["counties"][330421]
    waiting = set(said["scenarios"]["staff_gap"]["certificates"])
    file = decided.manifest["missing_extract"]["file"]
    sheet = read_sheet((decided.folder / file).read_bytes(), file, spell_columns("public_staff"))
    rows = read_whole(sheet, spell_builder("public_staff", frozenset(COUNTIES.values())))
    with acting(machine()) as at:
        load_spells(machine(), at, extract_of("public_staff", *GAP, "late"), rows)
        decide_certificates(machine(), at, due.certificates_to_decide_again(10_000), "有新的数据")
    found = answers()
    assert len(rows) == decided.manifest["missing_extract"]["rows"]
    assert Counter(found[number][0] for number in waiting) == said["after_extract"]
