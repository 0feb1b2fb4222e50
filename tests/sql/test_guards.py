"""Each guard holds something: with it gone, at least one attack passes (G12); a new guard cannot be forgotten."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.sql.attack import DENIED, Attack
from tests.sql.guards import Guard, all_guards, without
from tests.sql.standing import Known, leave, prepare, role_identifier, scoped
from tests.sql.test_attacks import ATTACKS

EXEMPT = {
    "application_with_its_body": "holds nothing itself: the key that title_is_of_who_asked points to",
    "training_lesson.is_never_emptied": "second line: emptying it empties attendance too, and that is never emptied",
    "class_with_its_body": "holds nothing itself: the key that enrolment_is_of_its_class points to",
    "enrolment_with_person_and_class": "holds nothing itself: the key that attendance_is_of_its_seat points to",
    "teacher_with_its_person": "holds nothing itself: the key that lesson_names_its_teacher points to",
    "account_with_its_person": "holds nothing itself: the key that heir_has_an_own_account points to",
    "candidate_with_its_person": "holds nothing itself: the key that certificate_is_of_its_candidate points to",
    "examiner_with_its_person": "holds nothing itself: the key that duty_is_of_its_examiner points to",
    "certificate_with_its_person": "holds nothing itself: the key that line_is_of_its_certificate points to",
    "pool_with_office_and_fund": "holds nothing itself: the key that line_and_pool_agree points to",
    "voucher_with_its_person": "holds nothing itself: the key that seat_with_an_own_voucher points to",
    "training_voucher.is_never_emptied": "second line: emptying it empties the seats too, and those are never emptied",
    "source_only_gives": "second line: what a source takes back, the available account gave up below zero first",
    "payment_above_zero": "second line: a live line is above zero and payment_fits_its_line wants its own sum",
    "funds_pool.funds_open_accounts": "lays out the accounts of a new pool",
    "subsidy_subsidy_line.answer_again": "marks what is to be answered again (tests/subsidy/test_decide.py)",
}


@pytest.fixture(scope="module")
def known(clone: str, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        bank: Path = tmp_path_factory.mktemp("bank")
        patch.setenv("JIANGXIN_BANK", str(bank))
        yield prepare(bank)
        leave()


def aimed_at(guard: Guard) -> list[Attack]:
    """The attacks that this guard may be what stops: by its name, or for a trigger by the table they write to."""
    if guard.kind != "trigger":
        return [attack for attack in ATTACKS if attack.guard == guard.name]
    return [attack for attack in ATTACKS if any(f" {guard.table}" in step for step in attack.steps)]


def passes(raw: Any, attack: Attack, role: str, known: Known) -> bool:
    """Whether an attack goes through as this role."""
    try:
        with raw.transaction(force_rollback=True):
            raw.execute(sql.SQL("SET LOCAL ROLE {}").format(role_identifier(role)))
            scoped(raw, known["as_checker"])
            for step in attack.steps:
                raw.execute(step, known)
    except psycopg.Error:
        return False
    return True


def holds_something(raw: Any, guard: Guard, known: Known) -> bool:
    """Whether some attack that is refused now would pass without the guard."""
    with without(raw, guard):
        for attack in aimed_at(guard):
            roles = [role for role in ("owner", "worker", "web", "releaser") if role not in attack.lawful]
            if any(attack.expected(role)[0] != DENIED and passes(raw, attack, role, known) for role in roles):
                return True
    return False


@pytest.mark.slow
def test_with_each_guard_gone_an_attack_passes(known: Known, connect: Callable[..., psycopg.Connection[Any]]) -> None:
    raw = connect("owner")
    guards = [guard for guard in all_guards(raw) if guard.words not in EXEMPT]
    assert len(guards) > 150
    idle = [guard.words for guard in guards if not holds_something(raw, guard, known)]
    assert not idle, idle


def test_every_exemption_is_a_guard_that_exists(known: Known, connect: Callable[..., psycopg.Connection[Any]]) -> None:
    assert EXEMPT.keys() <= {guard.words for guard in all_guards(connect("owner"))}


def test_the_score_sees_a_guard_that_holds_nothing(
    known: Known, connect: Callable[..., psycopg.Connection[Any]]
) -> None:
    """The control: a check that is always true stops no attack."""
    raw = connect("owner")
    with raw.transaction(force_rollback=True):
        raw.execute("ALTER TABLE funds_pool ADD CONSTRAINT idle_check CHECK (year > 0)")
        (idle,) = [guard for guard in all_guards(raw) if guard.name == "idle_check"]
        assert not holds_something(raw, idle, known)
