"""A county in the middle of its work, and connections to it as each role: what the attacks are aimed at."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, connections, transaction
from psycopg import sql

from jiangxin.assessment.models import ResultFile
from jiangxin.funds.models import BudgetLine, Transfer
from jiangxin.funds.operations import close_pool, drop_budget, propose_budget
from jiangxin.ground import state
from jiangxin.ground.identity import seal
from jiangxin.ground.journal import JournalEntry
from jiangxin.ground.keys import new_id
from jiangxin.ground.staging import run
from jiangxin.parties.models import Office, PayeeAccount, PersonDocument, RegisterLoad
from jiangxin.payment.models import StatementEntry
from jiangxin.payment.operations.returns import apply_return, close_return
from jiangxin.subsidy.heirs import HeirPayee
from jiangxin.subsidy.models import AdoptedStandard, Approval, Hold, SubsidyLine
from jiangxin.subsidy.officer import OfficerAnswer
from jiangxin.subsidy.operations.approvals import make_sheet, sign_sheet
from jiangxin.subsidy.operations.objections import file_objection
from tests.factories.bank import answer, built, sent
from tests.factories.lines import approved_lines, new_account, paying_account, reserved_lines
from tests.factories.steps import adopt, decided, posted
from tests.factories.world import World
from tests.sql.standing_exams import exams
from tests.sql.standing_online import online
from tests.sql.standing_recognition import recognition
from tests.sql.standing_settlements import settlements
from tests.sql.standing_training import training
from tests.sql.standing_transfers import transfers
from tests.sql.standing_vouchers import vouchers
from tests.sql.standing_workforce import workforce

Known = dict[str, Any]
REGIONS = "{330000,330400,330421}"


def prepare(bank: Path) -> Known:
    """Fill the current database; returns the keys of what stands in it, by name."""
    with transaction.atomic():
        world = World()
        known = _money(world) | _lines(world) | _paid(world, bank) | _desk(world) | _people(world)
        known |= vouchers(world, known["pool"])
        known |= exams(world)
        known |= training(world)
        known |= online(world)
        known |= recognition(world)
        known |= settlements(world)
        known |= workforce(world)
        known |= transfers(world)
    return known | {"region": world.region, "elsewhere": 330122, "at": world.at, "office": world.office.id}


def _money(world: World) -> Known:
    pool, other = world.pool(), world.pool(year=2025)
    closed, over = world.pool("special_account"), world.pool("local_talent")
    close_pool(world.staff["budget"], world.at, closed)
    type(over).objects.filter(id=over.id).update(last_reservation_on="2026-01-01")
    open_line = propose_budget(world.staff["budget"], world.at, pool, 70_000, "嘉财〔2026〕5号")
    ready = propose_budget(world.staff["budget"], world.at, pool, 70_000, "嘉财〔2026〕6号")
    BudgetLine.objects.filter(id=ready.id).update(
        confirmed_by_id=world.staff["budget2"].account_id, confirmed_at=world.at
    )
    wrong = propose_budget(world.staff["budget"], world.at, pool, 70_000, "嘉财〔2026〕7号")
    drop_budget(world.staff["budget"], world.at, wrong.id, "文号登记错了")
    city = Office.objects.get(region_id=330400)
    insurance = world.pool_of(city, "unemployment_fund")
    return {
        "pool": pool.id, "other_pool": other.id, "closed_pool": closed.id, "over_pool": over.id,
        "insurance": insurance.id, "open_budget": open_line.id, "ready_budget": ready.id, "dropped_budget": wrong.id,
        "budget": BudgetLine.objects.get(pool=pool, amount_fen=100_000_000).id,
    } | {f"as_{duty}": actor.account_id for duty, actor in world.staff.items()}  # fmt: skip


def _lines(world: World) -> Known:
    """One person with two promised levels, one refused line, one certificate not decided, one line off the law's"
    " path."""
    person = world.person()
    promised = decided(world, world.certificate(person, level="3"))[0]
    retired = world.person()
    world.spell(retired, "public_staff", world.region)
    refused = decided(world, world.certificate(retired))[0]
    assert (promised.state, refused.state) == ("to_confirm", "refused")
    fresh = [world.certificate(person, level=level) for level in ("4", "2")]
    again = world.certificate(person, level="3", assessor=world.body("另一评价中心", "91330421MA00000009", "assessor"))
    revoked = world.certificate()
    type(revoked).objects.filter(id=revoked.id).update(revoked_on="2026-03-01", revoked_reason="替考")
    reserve = Transfer.objects.get(subject_id=promised.id)
    uplift = SubsidyLine.objects.get(certificate_id=promised.certificate_id, scheme="skill_uplift")
    return {
        "person": person.id, "promised": promised.id, "promised_certificate": promised.certificate_id,
        "reserve": reserve.id, "reserve_fen": reserve.amount_fen, "reserve_event": reserve.event_id,
        "uplift": uplift.id, "refused": refused.id, "lower": fresh[0].id, "higher": fresh[1].id, "same_level": again.id,
        "certificate_number": fresh[0].number, "revoked": revoked.id, "decision": promised.decision_id,
    }  # fmt: skip


def _paid(world: World, bank: Path) -> Known:
    """Batches of two: one returned (a row paid, a row failed), one on its way; one sealed; and lines approved."""
    paying = paying_account(world)
    pool = BudgetLine.objects.filter(pool__year=2026, pool__fund="employment_grant").first().pool  # type: ignore[union-attr]
    keys: Known = {"paying": paying.id}
    for name in ("returned", "sent", "sealed"):
        approved_lines(world, 2, pool=pool)
        batch = built(world)
        keys |= {name: batch.id, f"{name}_number": batch.number}
        if name != "sealed":
            batch = sent(world, batch)
            run("SET CONSTRAINTS ALL DEFERRED")
        if name == "returned":
            kept = apply_return(world.machine, world.at, "r.txt", answer(batch, {2: "户名不符"})).file
            keys |= {"return_file": kept.id, "return_sha256": kept.sha256}
        for payment in batch.payments.order_by("seq"):
            keys |= {f"{name}_{payment.seq}": payment.id, f"{name}_line_{payment.seq}": payment.line_id}
    doubtful = apply_return(world.machine, world.at, "x.txt", b"doubtful").file
    closed = apply_return(world.machine, world.at, "y.txt", b"strange").file
    run(f'SET LOCAL ROLE "{state.role_name("web")}"')
    close_return(world.staff["releaser"], world.at, closed.id, "银行发错了单位")
    run(f'SET LOCAL ROLE "{state.role_name("worker")}"')
    entry = StatementEntry.objects.create(
        paying_account=paying, region_id=world.region, booked_on=world.at.date(), amount_fen=-1, reference="R1",
        text="代发", sha256="0" * 64,
    )  # fmt: skip
    settle = Transfer.objects.get(subject_id=keys["returned_line_1"], kind="settle")
    send = Transfer.objects.get(subject_id=keys["sent_line_1"], kind="send")
    return keys | {
        "quarantined": doubtful.id, "closed_return": closed.id,
        "entry": entry.id, "settle": settle.id, "settle_fen": settle.amount_fen,
        "send": send.id, "send_fen": send.amount_fen,
        "sent_account": PayeeAccount.objects.get(payment__id=keys["sent_1"]).id,
        "sealed_account": PayeeAccount.objects.get(payment__id=keys["sealed_1"]).id,
    }  # fmt: skip


def _desk(world: World) -> Known:
    """Approved and ready to be paid; held; on a sheet just made; on a sheet checked; in a notice, one objected to."""
    pool = SubsidyLine.objects.get(state="to_confirm").pool
    assert pool
    free, second, held = approved_lines(world, 3, pool=pool)
    hold = Hold.objects.create(
        line=held, region_id=world.region, kind="sample_call", evidence="抽中", opened_at=world.at,
        due_on=world.at.date(),
    )  # fmt: skip
    made_lines, checked_lines = (reserved_lines(world, pool, 1) for _ in range(2))
    made = make_sheet(world.staff["maker"], world.at, [line.id for line in made_lines])
    checked = make_sheet(world.staff["maker"], world.at, [line.id for line in checked_lines])
    sign_sheet(world.staff["checker"], world.at, checked.id, checked.sha256, 1)
    (large,) = reserved_lines(world, pool, 1, amount_fen=300_000)
    led = make_sheet(world.staff["maker"], world.at, [large.id])
    for step, duty in enumerate(("checker", "leader"), 1):
        led = sign_sheet(world.staff[duty], world.at, led.id, led.sha256, step)
    (loose,) = reserved_lines(world, pool, 1)
    SubsidyLine.objects.filter(id=loose.id).update(state="held")
    Hold.objects.create(
        line=loose, region_id=world.region, kind="sample_call", evidence="抽中", opened_at=world.at,
        due_on=world.at.date(),
    )  # fmt: skip
    notice, (shown, objected) = posted(world, world.certificate(), world.certificate())
    objection = file_objection(world.machine, world.at, objected.notice_lines.get().id, "没有参加培训。")
    of_line = SubsidyLine.objects.filter(state="refused").first()
    assert of_line
    answer = OfficerAnswer.objects.create(
        line=of_line, region_id=world.region, question="requested", answer=True, found_on=world.at.date(),
        evidence="受理登记本", entered_by_id=world.staff["maker"].account_id, entered_at=world.at,
    )  # fmt: skip
    adopt(world, "sample_share_percent", 12)
    standard = AdoptedStandard.objects.get()
    return {
        "free": free.id, "second": second.id, "free_account": free.account_id,
        "held": held.id, "held_account": held.account_id,
        "hold": hold.id, "answer": answer.id, "answered": of_line.id,
        "made": made.id, "made_sha": made.sha256, "made_line": made_lines[0].id,
        "checked": checked.id, "checked_sha": checked.sha256,
        "signature": Approval.objects.filter(sheet=checked).get().id,
        "loose": loose.id, "led": led.id, "led_sha": led.sha256,
        "as_checker2": world.official("checker2", "checker").account_id,
        "notice": notice.id, "notice_number": notice.number, "shown": shown.id,
        "notice_line": shown.notice_lines.get().id, "objection": objection.id, "objected": objected.id,
        "standard": standard.id, "entry_of_journal": JournalEntry.objects.first().id,  # type: ignore[union-attr]
    }  # fmt: skip


def _people(world: World) -> Known:
    person, other = world.person(), world.person(account=False)
    spare = new_account(world, other, state="unconfirmed")
    account = PayeeAccount.objects.get(person=person)
    inherited = SubsidyLine.objects.filter(state="held").first()
    assert inherited
    heir = HeirPayee.objects.create(
        line=inherited, region_id=world.region, person=person, account=account, relation="配偶",
        papers="死亡证明、结婚证", entered_by_id=world.staff["maker"].account_id, entered_at=world.at,
    )  # fmt: skip
    file_id = new_id()
    file = ResultFile.objects.create(
        body=world.assessor, region_id=world.region, kind="skill_level", file_name="a.xlsx", sha256="1" * 64,
        content=seal(b"x", f"assessment_result_file|content|{file_id}"), id=file_id, uploaded_by_name="测试",
        received_at=world.at,
    )  # fmt: skip
    load = RegisterLoad.objects.filter(state="active").order_by("register_id").first()
    assert load
    gone = RegisterLoad.objects.filter(state="active").order_by("register_id").last()
    RegisterLoad.objects.filter(id=gone.id).update(state="withdrawn")  # type: ignore[union-attr]
    return {
        "heir": heir.id, "inherited": inherited.id,
        "somebody": person.id, "other": other.id, "account": account.id, "spare": spare.id,
        "document": PersonDocument.objects.get(person=person).id, "result_file": file.id, "load": load.id,
        "load_sha": load.sha256, "gone_load": gone.id, "assessor": world.assessor.id,  # type: ignore[union-attr]
        "clerk_office": world.office.id, "code": world.assessor.credit_code,
    }  # fmt: skip


# ── connections ────────────────────────────────────────────────────────────────────────────────────────────────────
@contextmanager
def at_work(connect: Callable[..., psycopg.Connection[Any]], role: str, known: Known) -> Iterator[Any]:
    """A transaction of a role with the county in scope, as its checker; rolled back whatever happens in it."""
    raw = connect(role)
    try:
        with raw.transaction(force_rollback=True):
            scoped(raw, known["as_checker"])
            yield raw
    finally:
        raw.close()


def scoped(raw: psycopg.Connection[Any], account: object) -> None:
    """Set the scope as the product does, for this transaction only."""
    raw.execute(
        "SELECT set_config('app.regions', %s, true), set_config('app.actor', %s, true)", [REGIONS, str(account)]
    )


def role_identifier(role: str) -> sql.Identifier:
    return sql.Identifier(state.role_name(role))


def leave() -> None:
    """Let go of the clone."""
    connection.close()
    connections.close_all()
