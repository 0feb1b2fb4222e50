"""Approved lines with money behind them: as far as the last door of payment, for tests that begin there."""

import hashlib
import secrets
from datetime import date
from uuid import UUID

from jiangxin.funds.models import Pool
from jiangxin.funds.operations import begin_money
from jiangxin.ground.identity import blind_index, seal
from jiangxin.ground.keys import new_id
from jiangxin.parties.models import PayeeAccount, Person
from jiangxin.payment.bank_file import PAID
from jiangxin.payment.models import PayingAccount
from jiangxin.payment.operations.paying_accounts import open_paying_account
from jiangxin.subsidy.models import Decision, SubsidyLine
from jiangxin.subsidy.operations.approvals import make_sheet, sign_sheet
from jiangxin.subsidy.operations.holds import drawn
from jiangxin.synth.bank import usual_result
from tests.factories.world import World

EMPTY = hashlib.sha256(b"{}").hexdigest()
WAY = ("to_notice", "in_notice", "noticed", "to_approve")


def answer_digest(facts_digest: str, law_digest: str, outcome: str, amount_fen: int) -> str:
    """What the database keeps of an answer without a trace."""
    return hashlib.sha256(f"{facts_digest}|{law_digest}|{outcome}|{amount_fen}|{{}}".encode()).hexdigest()


def undrawn_id() -> UUID:
    """A key that the call sample does not draw, whatever share of up to half is asked for."""
    while drawn(key := new_id(), 50):
        pass
    return key


def paying_account(world: World, fund: str = "employment_grant", file_format: str = "fixed_gbk") -> PayingAccount:
    """The county's paying account for a fund."""
    return open_paying_account(
        world.staff["budget"], world.at, world.office, fund, bank="中国农业银行嘉善支行", holder="嘉善县财政局",
        number=f"1936{len(fund):012d}", file_format=file_format,
    )  # fmt: skip


def new_account(world: World, person: Person, state: str = "certified") -> PayeeAccount:
    """One more account of a person, with a number of its own that the simulated bank pays to."""
    key, number = new_id(), ""
    while usual_result(number := f"6228480{secrets.randbelow(10**12):012d}")[0] != PAID:
        pass
    return PayeeAccount.objects.create(
        id=key, person=person, bank="中国农业银行", holder=person.name, state=state, first=True, since=world.at,
        number=seal(number, f"parties_payee_account|number|{key}"), number_index=blind_index(number, "account"),
        tail=number[-4:], entered_by_name="测试",
    )  # fmt: skip


def reserved_lines(
    world: World, pool: Pool, n: int, *, amount_fen: int = 150_000, names: tuple[str, ...] = ()
) -> list[SubsidyLine]:
    """n persons with a certificate, an account and a line of this amount, noticed and ready to be approved."""
    lines = []
    for i in range(n):
        person = world.person(names[i] if i < len(names) else "", account=False)
        account = new_account(world, person)
        certificate = world.certificate(person, listed=False)
        lines.append(
            SubsidyLine(
                id=undrawn_id(), certificate=certificate, person=person, scheme="certificate_subsidy",
                number=f"T{new_id().hex[-12:]}", region_id=world.region, office=world.office, pool=pool, fund=pool.fund,
                state="to_confirm", outcome="yes", amount_fen=amount_fen + i, subject=certificate.occupation,
                level_rank=2, count_year=2026, slot=1, received_on=world.at.date(), issued_on=date(2026, 2, 2),
                first_decided_at=world.at, decided_at=world.at, decision_id=new_id(), reserved_at=world.at,
                account=account, state_since=world.at,
            )
        )  # fmt: skip
    SubsidyLine.objects.bulk_create(lines)
    Decision.objects.bulk_create(
        Decision(
            id=x.decision_id, line=x, person_id=x.person_id, region_id=x.region_id, decided_at=world.at, outcome="yes",
            amount_fen=x.amount_fen, answers={}, facts={}, facts_digest=EMPTY, law_digest="0" * 64, cause="测试",
            answer_digest=answer_digest(EMPTY, "0" * 64, "yes", x.amount_fen),
        )
        for x in lines
    )  # fmt: skip
    event = new_id()
    begin_money("reserve", world.at, [(pool.id, world.region, x.amount_fen, x.id, event) for x in lines])
    for state in WAY:
        SubsidyLine.objects.filter(id__in=[x.id for x in lines]).update(state=state)
    return lines


def approved_lines(
    world: World, n: int, *, pool: Pool | None = None, amount_fen: int = 150_000, names: tuple[str, ...] = ()
) -> list[SubsidyLine]:
    """n approved lines of amount_fen, amount_fen + 1, …, signed by checker and leader, their money reserved."""
    lines = reserved_lines(world, pool or world.pool(), n, amount_fen=amount_fen, names=names)
    sheet = make_sheet(world.staff["maker"], world.at, [x.id for x in lines])
    for step, duty in enumerate(("checker", "leader"), 1):
        sheet = sign_sheet(world.staff[duty], world.at, sheet.id, sheet.sha256, step)
    assert sheet.state == "approved"
    found = SubsidyLine.objects.in_bulk([x.id for x in lines])
    return [found[x.id] for x in lines]
