"""Illegal statements by each database role: refused with the right SQLSTATE by the right guard, all of them (G11)."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from jiangxin.ground import state
from tests.sql.attack import DENIED, Attack
from tests.sql.attacks_desk import DESK, LAW
from tests.sql.attacks_exams import EXAMS
from tests.sql.attacks_lines import LINES
from tests.sql.attacks_money import LEDGER, POOLS
from tests.sql.attacks_online import ONLINE
from tests.sql.attacks_payments import PAYMENTS
from tests.sql.attacks_people import PEOPLE
from tests.sql.attacks_recognition import RECOGNITION
from tests.sql.attacks_settlements import SETTLEMENTS
from tests.sql.attacks_texts import TEXTS
from tests.sql.attacks_training import TRAINING
from tests.sql.attacks_transfers import TRANSFERS
from tests.sql.attacks_vouchers import VOUCHER_ATTACKS
from tests.sql.attacks_workforce import WORKFORCE
from tests.sql.standing import Known, at_work, leave, prepare

ATTACKS = (
    *LEDGER,
    *POOLS,
    *PAYMENTS,
    *LINES,
    *DESK,
    *LAW,
    *PEOPLE,
    *EXAMS,
    *RECOGNITION,
    *TRAINING,
    *ONLINE,
    *TRANSFERS,
    *VOUCHER_ATTACKS,
    *SETTLEMENTS,
    *WORKFORCE,
    *TEXTS,
)
Connect = Callable[..., psycopg.Connection[Any]]


@pytest.fixture(scope="module")
def known(clone: str, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        bank: Path = tmp_path_factory.mktemp("bank")
        patch.setenv("JIANGXIN_BANK", str(bank))
        yield prepare(bank)
        leave()


def refusal(raw: Any, attack: Attack, known: Known) -> tuple[str, str | None]:
    """(SQLSTATE, constraint) of the last step's refusal; the steps that lead to it are lawful, or denied."""
    try:
        with raw.transaction(force_rollback=True):
            for step in attack.steps:
                raw.execute(step, known)
    except psycopg.Error as no:
        return no.sqlstate or "", no.diag.constraint_name
    return "", "nothing"


@pytest.mark.parametrize("role", state.ROLES)
def test_every_attack_is_refused_by_its_guard(known: Known, connect: Connect, role: str) -> None:
    with at_work(connect, role, known) as raw:
        ends = {attack.name: refusal(raw, attack, known) for attack in ATTACKS if role not in attack.lawful}
    wanted = {attack.name: attack.expected(role) for attack in ATTACKS}
    assert {name: (ends[name], wanted[name]) for name in ends if ends[name] != wanted[name]} == {}


def test_they_are_many_and_each_role_meets_guards_not_only_locked_doors() -> None:
    assert len(ATTACKS) == len({attack.name for attack in ATTACKS}) >= 150
    met = Counter(role for role in state.ROLES for attack in ATTACKS if attack.expected(role)[0] != DENIED)
    assert met["worker"] > 100
    assert met["owner"] > 140
    assert met["web"] > 80
    assert met["releaser"] > 20
    assert met["verifier"] == 0
