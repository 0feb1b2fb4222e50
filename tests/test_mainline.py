"""The whole line, from certificates to money on the card, by its own steps and people; then every decision again."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction

from jiangxin.assessment.models import Certificate
from jiangxin.commands.verify import check
from jiangxin.funds.models import Pool, PoolBalance
from jiangxin.funds.operations import confirm_budget, propose_budget
from jiangxin.ground.actor import Actor, acting, machine
from jiangxin.ground.calendar import load_calendar
from jiangxin.ground.clock import move_clock, opening_of
from jiangxin.mainline import STEPS, run_step, run_until_idle, what_is_due
from jiangxin.parties.models import Office, RegisterLoad
from jiangxin.parties.operations.payees import confirm_account, propose_account
from jiangxin.payment.models import Batch, Payment
from jiangxin.payment.operations.batches import release_batch
from jiangxin.payment.operations.statements import reconcile
from jiangxin.rules.engine import evaluate, facts_digest
from jiangxin.rules.schemes import SCHEMES
from jiangxin.subsidy.law import current_law
from jiangxin.subsidy.models import Decision, Hold, Notice, SubsidyLine
from jiangxin.subsidy.operations.approvals import make_sheet, sign_sheet
from jiangxin.subsidy.operations.confirm import confirm_line, decline_line
from jiangxin.subsidy.operations.holds import release_hold
from jiangxin.subsidy.operations.notices import release_notice
from jiangxin.subsidy.operations.objections import file_objection, propose_upholding, reject_objection, uphold_objection
from jiangxin.synth.bank import Bank, order_next
from tests.factories.lines import paying_account
from tests.factories.refused import everything
from tests.factories.world import COUNTY, World

TONGLU = 330122
THERE = {"region_id": TONGLU, "training_region_id": TONGLU, "class_region_id": TONGLU}
NUMBERS = ("6228480402564890018", "6228480402637874213")
OLD_TRAINING = {"training_first_on": date(2019, 11, 1), "training_last_on": date(2019, 12, 15)}


@dataclass
class Story:
    """A county's weeks: `who` are the certificates by the part they play."""

    world: World
    bank: Bank
    folder: Path
    pool: Pool
    who: dict[str, Certificate] = field(default_factory=dict)

    # ── the line itself ────────────────────────────────────────────────────────────────────────────────────────────
    def settle(self) -> None:
        """The steps until nothing is due; then each of them once more does nothing and leaves all as it is."""
        run_until_idle()
        with acting(machine(), read_only=True):
            before = everything()
        assert {step.name: done for step in STEPS if (done := run_step(step))} == {}
        with acting(machine(), read_only=True):
            assert everything() == before

    def days(self, working: int) -> None:
        with acting(machine()) as at:
            move_clock(opening_of(load_calendar().add(at.date(), working).ends_on))
        self.settle()

    def line(self, part: str) -> SubsidyLine:
        with acting(machine()):
            found = SubsidyLine.objects.filter(certificate=self.who[part], scheme="certificate_subsidy")
            return found.select_related("certificate").get()

    def states(self, *parts: str) -> list[str]:
        return [self.line(part).state for part in parts]

    def keys(self, state: str, **more: Any) -> list[Any]:
        with acting(machine()):
            return list(SubsidyLine.objects.filter(state=state, region_id=COUNTY, **more).values_list("id", flat=True))

    # ── people ─────────────────────────────────────────────────────────────────────────────────────────────────────
    def own(self, part: str) -> Actor:
        return Actor("本人", person_id=self.who[part].person_id)

    def confirm(self, *parts: str) -> None:
        for line in map(self.line, parts):
            own = Actor("本人", person_id=line.person_id)
            with acting(own) as at:
                confirm_line(own, at, line.id)

    def decline(self, part: str) -> None:
        line, own = self.line(part), self.own(part)
        with acting(own) as at:
            decline_line(own, at, line.id, "暂不需要")

    def allot(self, yuan: int) -> None:
        staff = self.world.staff
        with acting(staff["budget"]) as at:
            line = propose_budget(staff["budget"], at, self.pool, yuan * 100, "追加")
        with acting(staff["budget2"]) as at:
            confirm_budget(staff["budget2"], at, line.id)
        self.settle()

    def post(self) -> Notice:
        maker = self.world.staff["maker"]
        waiting = self.keys("to_notice")
        with acting(maker) as at:
            return release_notice(maker, at, self.world.office, waiting)

    def object(self, part: str, upheld: bool) -> None:
        maker, line = self.world.staff["maker"], self.line(part)
        with acting(machine()):
            row = line.notice_lines.get().id
        with acting(Actor("公众")) as at:
            objection = file_objection(Actor("公众"), at, row, "此人没有参加培训。").id
        with acting(maker) as at:
            (propose_upholding if upheld else reject_objection)(maker, at, objection, "已核对签到和视频。")
        if upheld:
            checker = self.world.staff["checker"]
            with acting(checker) as later:
                uphold_objection(checker, later, objection, at)

    def look_into_holds(self) -> None:
        with acting(machine()):
            found = list(Hold.objects.filter(state="open").values_list("id", flat=True))
        for hold in found:
            for duty in ("maker", "checker"):
                with acting(self.world.staff[duty]) as at:
                    release_hold(self.world.staff[duty], at, hold, "已电话核实本人参加。")
        self.settle()

    def approve(self) -> None:
        staff, waiting = self.world.staff, self.keys("to_approve", sheet=None)
        with acting(staff["maker"]) as at:
            sheet = make_sheet(staff["maker"], at, waiting)
        for step, who in enumerate(("checker", "leader", "leader2")[: 3 if sheet.second_leader else 2], 1):
            with acting(staff[who]) as at:
                sheet = sign_sheet(staff[who], at, sheet.id, sheet.sha256, step, "同意")
        assert sheet.state == "approved"
        self.settle()

    def pay(self, answer: str) -> Batch:
        """The sealed batch is released, the bank answers so, its files are taken in."""
        with acting(machine()):
            (batch,) = Batch.objects.filter(state="sealed")
        order_next(self.folder, answer)
        batch = release_batch(self.world.staff["releaser"], batch.id)
        assert self.bank.turn(time.time())
        self.settle()
        with acting(machine()):
            return Batch.objects.get(id=batch.id)

    def reconcile(self) -> None:
        reconciler = self.world.staff["reconciler"]
        with acting(machine()):
            returned = list(Batch.objects.filter(state="returned").values_list("id", flat=True))
        for key in returned:
            with acting(reconciler) as at:
                reconcile(reconciler, at, key)

    def line_amount(self, part: str) -> int:
        return SubsidyLine.objects.get(certificate=self.who[part], scheme="certificate_subsidy").amount_fen

    def new_account(self, part: str, number: int) -> None:
        person = self.who[part].person
        with acting(self.own(part)) as at:
            account = propose_account(self.own(part), at, person, "农业银行", person.name, NUMBERS[number])
        with acting(self.own(part)) as at:
            confirm_account(self.own(part), at, account)
        self.settle()


@pytest.fixture(scope="module")
def story(clone: str, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("bank")
        patch.setenv("JIANGXIN_BANK", str(folder))
        with transaction.atomic():
            world = World()
            pool = world.pool(yuan=7_000)
            paying_account(world)
            _other_county(world)
        yield Story(world, Bank(folder), folder, pool)
        connections.close_all()


def _other_county(world: World) -> None:
    """A second county with money of its own, which pays nobody in this story."""
    pool = world.pool_of(Office.objects.get(region_id=TONGLU))
    near = [replace(world.staff[who], region_id=TONGLU, regions=(TONGLU,)) for who in ("budget", "budget2")]
    line = propose_budget(near[0], world.at, pool, 10_000_00, "桐财〔2026〕1号")
    confirm_budget(near[1], world.at, line.id)


def _certificates(story: Story) -> None:
    """Everybody's results come in, at one minute after the other in the order written here."""
    world, person = story.world, {}
    with acting(machine()):
        for part in ("refused", "late_register", "declined", "objected", "rejected", "plain", "four"):
            person[part] = world.person(f"{'甲乙丙丁戊己庚'[len(person)]}小明")
        world.spell(person["refused"], "public_staff", COUNTY)
        world.spell(person["late_register"], "hukou", COUNTY, start=date(2015, 1, 1), end=date(2019, 12, 31))
        school = world.body("嘉善老技校", "91330421MA00000008", "provider", from_on=date(2015, 1, 1))
        given = [
            ("refused", person["refused"], {}),
            ("late_register", person["late_register"], OLD_TRAINING | {"provider": school}),
            ("declined", person["declined"], {}), ("objected", person["objected"], {}),
            ("rejected", person["rejected"], {}), ("plain", person["plain"], {}),
            ("four_1", person["four"], {"occupation": "6-31-01-03", "level": "5"}),
            ("four_2", person["four"], {"occupation": "4-10-01-05", "level": "5"}),
        ]  # fmt: skip
        for minute, (part, who, more) in enumerate(given):
            story.who[part] = world.certificate(who, received_at=world.at.replace(minute=minute), **more)


PAID = ("rejected", "plain", "four_1", "four_2")


def test_the_line_from_certificates_to_reconciled_payments(story: Story) -> None:
    _certificates(story)
    story.settle()
    # Decided: a no, an unknown that waits for a register, and a pool of 7,000 元 that is too short for the rest.
    assert story.states("refused", "late_register") == ["refused", "waiting"]
    assert "财政供养人员库" in story.line("late_register").waits_for
    assert story.states("declined", "objected", "rejected", *PAID[1:]) == ["to_confirm"] * 3 + ["queued"] * 3
    # A line given up lets the queue go on as far as its money reaches; a budget line does the rest.
    story.decline("declined")
    story.settle()
    assert story.states("declined", *PAID[1:]) == ["declined", "to_confirm", "to_confirm", "queued"]
    story.allot(1_000)
    assert story.states("four_2") == ["to_confirm"]
    story.confirm("objected", *PAID)
    # An objection is upheld: its line is struck, the others go on to the bank.
    story.post()
    story.object("objected", upheld=True)
    story.days(6)
    assert story.states("objected") == ["struck"]
    story.look_into_holds()
    story.approve()
    assert story.states(*PAID) == ["in_batch"] * 4
    # The bank refuses two accounts of four; corrected, they are paid on the second try, and only they.
    assert story.pay("rejected").state == "returned"
    failed = [part for part in PAID if story.line(part).state == "failed"]
    assert len(failed) == what_is_due_now()["correct_account"] == 2
    for number, part in enumerate(failed):
        story.new_account(part, number)
    assert story.states(*failed) == ["held"] * 2
    story.look_into_holds()
    assert story.states(*failed) == ["in_batch"] * 2
    assert story.pay("accepted").heads == 2
    assert story.states(*PAID) == ["paid"] * 4
    story.reconcile()
    assert what_is_due_now() == dict.fromkeys(what_is_due_now(), 0)


def what_is_due_now() -> dict[str, int]:
    with acting(machine(), read_only=True) as at:
        return what_is_due(at.date())


def test_a_register_loaded_later_answers_what_waited(story: Story) -> None:
    with acting(machine()):
        registers = RegisterLoad.objects.values_list("register_id", flat=True).distinct()
        story.world.cover(*registers, start=date(2019, 1, 1), end=date(2019, 12, 31))
    story.settle()
    assert story.states("late_register") == ["to_confirm"]
    with acting(machine()):
        of = {"line__certificate": story.who["late_register"], "line__scheme": "certificate_subsidy"}
        decided = Decision.objects.filter(**of).order_by("decided_at")
        assert list(decided.values_list("outcome", "cause")) == [("unknown", "新到证书"), ("yes", "有新的数据")]
    # Nobody answers: after five working days it goes on to the certified account by itself, and is paid.
    story.days(6)
    assert story.line("late_register").confirmed_how == "silence"
    story.post()
    story.days(6)
    story.look_into_holds()
    story.approve()
    story.pay("accepted")
    assert story.states("late_register") == ["paid"]


def test_two_paid_here_and_two_decided_elsewhere_are_exactly_three(story: Story) -> None:
    """Counts run across counties, whoever is paid where (issue 3, 8.5)."""
    with acting(machine()) as at:
        person = story.who["four_1"].person
        for part, occupation in (("four_3", "6-18-01-01"), ("four_4", "6-31-01-03")):
            more = {"occupation": occupation, "level": "4", "assessor": story.world.assessor, "received_at": at}
            story.who[part] = story.world.certificate(person, **(THERE | more))
    story.settle()
    lines = [story.line(part) for part in ("four_1", "four_2", "four_3", "four_4")]
    assert [line.region_id for line in lines] == [COUNTY, COUNTY, TONGLU, TONGLU]
    assert [line.state for line in lines] == ["paid", "paid", "to_confirm", "refused"]
    assert sorted(line.slot or 0 for line in lines) == [0, 1, 2, 3]
    assert lines[3].reasons == ["yearly_cap"]


def test_the_books_agree_and_every_invariant_holds(story: Story) -> None:
    with acting(machine(), read_only=True) as at:
        found = check(at)
        assert {one.id: one.violations for one in found if one.violations} == {}
        counted = {one.id for one in found if one.checked}
        # Nobody trains in a class of the platform here.
        assert {one.id for one in found} - counted <= {"M18", "S1", "S2", "S3", "P24", "V1", "V2", "V3"}
        paid = sum(Payment.objects.filter(state="paid").values_list("amount_fen", flat=True))
        balance = PoolBalance.objects.get(pool=story.pool, account="paid").balance_fen
        assert balance == paid == sum(story.line_amount(part) for part in (*PAID, "late_register"))


def test_every_decision_gives_the_same_answer_again(story: Story) -> None:
    """M17: the frozen facts under the same law, byte for byte: answers, amount, outcome and both digests."""
    with acting(machine(), read_only=True):
        law = current_law()
        decisions = list(Decision.objects.select_related("line"))
    assert len(decisions) >= 20
    for decision in decisions:
        scheme = decision.line.scheme
        facts = SCHEMES[scheme].facts.from_rows([decision.facts])
        (again,) = [evaluate(scheme, facts, law)]
        row = again.row(0)
        assert law.digest == decision.law_digest
        assert facts_digest(facts, 0) == decision.facts_digest
        assert again.answers_of(0) == decision.answers
        assert row["outcome"] == decision.outcome
        assert decision.amount_fen == (row["amount_fen"] if row["outcome"] == "yes" else 0)


def test_one_fact_changed_is_another_digest(story: Story) -> None:
    """The control of the replay: the digest is of every fact."""
    with acting(machine(), read_only=True):
        decision = Decision.objects.select_related("line").first()
    assert decision is not None
    record = SCHEMES[decision.line.scheme].facts
    changed = [
        name
        for name, value in decision.facts.items()
        if isinstance(value, bool)
        and facts_digest(record.from_rows([decision.facts | {name: not value}]), 0) == decision.facts_digest
    ]
    assert changed == []
