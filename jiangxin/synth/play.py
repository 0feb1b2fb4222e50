"""The demo's first weeks, played by its named accounts through the same operations as any day's work.

Results of the past months are taken in as they were sent; then three waves of lines go down the main line, so that in
the end most money is paid and reconciled and every desk still has something waiting.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from jiangxin.assessment.models import ResultFile
from jiangxin.assessment.operations.files import check_file, finish_loading, load_file, receive_file
from jiangxin.funds.models import Pool
from jiangxin.funds.operations import confirm_budget, open_pool, propose_budget
from jiangxin.ground.actor import Actor, acting, machine
from jiangxin.ground.calendar import load_calendar
from jiangxin.ground.clock import move_clock, opening_of, read_clock
from jiangxin.ground.journal import note
from jiangxin.mainline import STEPS, run_until_idle
from jiangxin.parties.models import Account, Office
from jiangxin.parties.operations.accounts import open_account
from jiangxin.parties.queries.accounts import actor_of
from jiangxin.payment.models import Batch
from jiangxin.payment.operations.batches import release_batch
from jiangxin.payment.operations.paying_accounts import open_paying_account
from jiangxin.payment.operations.statements import reconcile
from jiangxin.subsidy.law import current_law
from jiangxin.subsidy.models import Hold, Notice, SubsidyLine
from jiangxin.subsidy.operations.approvals import make_sheet, sign_sheet
from jiangxin.subsidy.operations.confirm import confirm_line, decline_line, defer_line
from jiangxin.subsidy.operations.holds import release_hold
from jiangxin.subsidy.operations.notices import release_notice
from jiangxin.subsidy.operations.objections import file_objection, propose_upholding, reject_objection, uphold_objection
from jiangxin.subsidy.operations.standards import Document, propose_standard
from jiangxin.subsidy.terms import Terms
from jiangxin.synth.bodies import DEMO, RUIAN, TONGLU
from jiangxin.synth.projecting import Projecting
from jiangxin.synth.records import revoke_planted
from jiangxin.synth.schooling import Schooling
from jiangxin.synth.staffing import Staffing

COUNTIES = {DEMO: "jiashan", TONGLU: "tonglu", RUIAN: "ruian"}
LEADER2 = {DEMO: "jiaxing-leader", TONGLU: "hangzhou-leader", RUIAN: "wenzhou-leader"}
FUND, YEAR = "employment_grant", 2026
FIRST_ALLOTMENT = {DEMO: 300_000_00, TONGLU: 100_000_00, RUIAN: 100_000_00}
PHONES = {
    "to_confirm": "confirm", "failed": "failed", "queued": "queue", "in_notice": "notice", "objected": "objected",
    "held": "held", "silent": "silent", "paid": "paid",
}  # fmt: skip
Say = Callable[[str], None]


@dataclass
class Play:
    """One performance: `folder` holds the workbooks and their manifest, `say` shows progress, `bank` lets it answer."""

    folder: Path
    say: Say
    bank: Callable[[], None]
    books: list[dict[str, Any]] = field(default_factory=list)
    planted: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        manifest = json.loads((self.folder / "manifest.json").read_text())
        self.planted = manifest["counties"][str(DEMO)]["scenarios"]
        self.books = sorted(manifest["books"], key=lambda book: (book["received_on"], book["file"]))

    def actor(self, username: str, office: Office | None = None) -> Actor:
        """A named account at work today, at its own office or one it is lent to."""
        account = Account.objects.get(username=username)
        return actor_of(account, read_clock().date(), office.id if office else None)

    # ── the beginning ──────────────────────────────────────────────────────────────────────────────────────────────
    def open_pools(self) -> None:
        """Finance opens each county's pool of the year and allots to it; two people each time."""
        for region, place in COUNTIES.items():
            enters = self.actor(f"{place}-budget")
            with acting(enters) as at:
                office = Office.objects.get(region_id=region)
                pool = open_pool(enters, at, office, FUND, YEAR, f"{office.name[:3]}财社〔2026〕1号")
                open_paying_account(
                    enters,
                    at,
                    office,
                    FUND,
                    bank=f"{office.name[:2]}农商银行",
                    holder=f"{office.name[:3]}财政局就业资金专户",
                    number=f"2010{region}00000001",
                    file_format="xlsx" if region == TONGLU else "fixed_gbk",
                )
            self.allot(pool, FIRST_ALLOTMENT[region], "年初下达", place)
        self.say("资金池已开，指标已下达")

    def allot(self, pool: Pool, fen: int, words: str, place: str) -> None:
        """One person enters an allotment, another confirms it."""
        enters, confirms = self.actor(f"{place}-budget"), self.actor(f"{place}-budget2")
        with acting(enters) as at:
            line = propose_budget(enters, at, pool, fen, f"{words}（演示）")
        with acting(confirms) as at:
            confirm_budget(confirms, at, line.id)

    def load_books(self) -> None:
        """Clerks sent their workbooks on the days the manifest names; the machine checked and loaded them."""
        for book in self.books:
            clerk, sent_at = self.actor(book["assessor"]), opening_of(date.fromisoformat(book["received_on"]))
            with acting(clerk):
                data = (self.folder / book["file"]).read_bytes()
                file = receive_file(clerk, sent_at, book["kind"], Path(book["file"]).name, data)
            with acting(machine()):
                check_file(machine(), sent_at, ResultFile(pk=file.pk), current_law(), _no_progress)
            with acting(clerk):
                load_file(clerk, sent_at, file)
            with acting(machine()):
                finish_loading(machine(), sent_at, ResultFile(pk=file.pk), current_law(), _no_progress)
        self.say(f"评价结果 {len(self.books)} 份已入库")

    def revoke(self, scenario: str) -> None:
        """Certificates that the manifest names are taken back before anybody decided about them."""
        actor = machine("演示")
        with acting(actor) as at:
            numbers = self.planted.get(scenario, {}).get("certificates", [])
            self.say(f"核定前撤销证书 {revoke_planted(actor, at, numbers)} 本")

    # ── one day after another ──────────────────────────────────────────────────────────────────────────────────────
    def pass_days(self, working_days: int) -> None:
        """Move the clock on and let the main line do what has become due."""
        actor = machine("演示")
        with acting(actor) as at:
            to = opening_of(load_calendar().add(at.date(), working_days).ends_on)
            move_clock(to)
            note(actor, at, "moved_clock", kind="Clock", to=to.isoformat())
        self.settle()

    def settle(self) -> None:
        """The main line until nothing is due."""
        done = run_until_idle()
        if done:
            self.say("主线：" + "，".join(f"{step.title} {done[step.name]}" for step in STEPS if step.name in done))

    def lines(self, state: str, region: int, alive: bool = False, **more: Any) -> list[UUID]:
        """Lines of a county in a state, in their order; of the living only where they are to act themselves."""
        with acting(machine()):
            found = SubsidyLine.objects.filter(state=state, region_id=region, **more)
            if alive:
                found = found.exclude(person__spells__kind="dead")
            return list(found.order_by("decided_at", "id").values_list("id", flat=True))

    def answer_on_phones(self) -> None:
        """Some people confirm at once, some decline or defer; the others stay silent."""
        waiting = self.lines(
            "to_confirm", DEMO, person__payee_accounts__state="certified", issued_on__gte=date(2025, 6, 1), alive=True
        )
        for n, line_id in enumerate(waiting[:60]):
            with acting(machine()):
                person = SubsidyLine.objects.get(id=line_id).person_id
            own = Actor(name="本人（演示）", person_id=person)
            with acting(own) as at:
                if n % 12 == 5:
                    decline_line(own, at, line_id, "暂不需要")
                elif n % 12 == 9:
                    defer_line(own, at, line_id, date(2026, 3, 31))
                else:
                    confirm_line(own, at, line_id)
        self.say("劳动者已在手机上答复")

    def refill(self, keep_in_demo_county: int) -> None:
        """Each pool gets what its queue needs, but for the last lines of the demo county: it stays short on purpose."""
        for region, place in COUNTIES.items():
            with acting(machine()):
                queued = list(
                    SubsidyLine.objects.filter(state="queued", region_id=region)
                    .order_by("decided_at", "id")
                    .values_list("amount_fen", flat=True)
                )
                pool = Pool.objects.get(region_id=region, fund=FUND, year=YEAR)
            keep = keep_in_demo_county if region == DEMO else 0
            if need := sum(queued[: len(queued) - keep]):
                self.allot(pool, need, "追加指标", place)
        self.settle()

    def post_notices(self, keep: int = 0) -> None:
        """Makers check and release their lists; in the demo county the last few wait."""
        for region, place in COUNTIES.items():
            waiting = self.lines("to_notice", region)
            chosen = waiting[: len(waiting) - (keep if region == DEMO else 0)]
            for start in range(0, len(chosen), 300):
                maker = self.actor(f"{place}-maker")
                with acting(maker) as at:
                    release_notice(maker, at, Office.objects.get(region_id=region), chosen[start : start + 300])
        self.say("公示已发布")

    def object(self, answered: int, waiting: int) -> None:
        """The public objects to some posted lines; every other one is upheld by two, the last ones wait for theirs."""
        with acting(machine()):
            posted = Notice.objects.filter(state="posted", region_id=DEMO).order_by("-number").first()
            rows = list(posted.lines.order_by("seq").values_list("id", flat=True)) if posted else []
        visitor = Actor(name="公众（演示）")
        filed = []
        for row in rows[2 : 2 + answered + waiting]:
            with acting(machine()) as at:
                filed.append(file_objection(visitor, at, row, "此人当时在外地上班，没有参加培训。", "").id)
        maker, checker = self.actor("jiashan-maker"), self.actor("jiashan-checker")
        for n, objection in enumerate(filed[:answered]):
            with acting(maker) as at:
                if n % 2:
                    reject_objection(maker, at, objection, "经核对签到和视频，本人全程参加，异议不成立。")
                    continue
                propose_upholding(maker, at, objection, "经核对签到和视频，异议成立，取消补贴。")
            with acting(checker) as later:
                uphold_objection(checker, later, objection, at)
        self.say(f"异议 {len(filed)} 件")

    def release_holds(self, keep: int) -> None:
        """Two people look into the holds and release them, keeping some open; the revoked and the dead stay held."""
        for region, place in COUNTIES.items():
            first, second = self.actor(f"{place}-maker"), self.actor(f"{place}-checker")
            with acting(machine()):
                held = list(
                    Hold.objects.filter(state="open", region_id=region).exclude(kind__in=("revoked", "died"))
                    .order_by("kind", "id").values_list("id", flat=True)
                )  # fmt: skip
            for hold in held[keep:]:
                with acting(first) as at:
                    release_hold(first, at, hold, "已电话核实本人，参加了培训和考核。")
                with acting(second) as at:
                    release_hold(second, at, hold, "")
        self.say("核查已放行")

    def approve(self, heads: dict[int, int], signatures: int = 3) -> None:
        """Makers send so many lines each for approval (negative: all but so many); with fewer than three signatures
        the sheet stays on somebody's desk."""
        for region, count in heads.items():
            place = COUNTIES[region]
            chosen = self.lines("to_approve", region, sheet=None)[:count]
            if not chosen:
                continue
            maker = self.actor(f"{place}-maker")
            with acting(maker) as at:
                sheet = make_sheet(maker, at, chosen)
            signers = (f"{place}-checker", f"{place}-leader", LEADER2[region])
            for username in signers[: min(signatures, 3 if sheet.second_leader else 2)]:
                signer = self.actor(username, sheet.office)
                with acting(signer) as at:
                    sign_sheet(signer, at, sheet.id, sheet.sha256, 0, "同意")
        self.settle()

    def send_batches(self) -> None:
        """Releasers send what is sealed, the bank answers, and reconcilers sign what agrees with its statement."""
        for batch in self._batches("sealed"):
            releaser = self.actor(f"{COUNTIES[batch.region_id]}-releaser")
            release_batch(releaser, batch.id)
        self.bank()
        self.settle()
        for batch in self._batches("returned"):
            reconciler = self.actor(f"{COUNTIES[batch.region_id]}-reconciler")
            with acting(reconciler) as at:
                reconcile(reconciler, at, batch.id)
        self.say("已付款、入账、对账")

    def _batches(self, state: str) -> list[Batch]:
        with acting(machine()):
            return list(Batch.objects.filter(state=state).order_by("number").defer("content"))

    def perform(self) -> None:
        """The whole play; afterwards each desk has something to do."""
        self.open_pools()
        self.load_books()
        self.revoke("revoked")
        self.settle()
        self.refill(keep_in_demo_county=70)
        self.answer_on_phones()
        self.pass_days(6)
        self.post_notices()
        self.object(answered=2, waiting=0)
        self.refill(keep_in_demo_county=30)
        self.pass_days(6)
        self.release_holds(keep=12)
        self.approve({DEMO: -40, TONGLU: 1_000, RUIAN: 1_000})
        self.send_batches()
        self.approve({DEMO: 8})
        self.approve({DEMO: 6}, signatures=0)
        self.approve({DEMO: 6}, signatures=1)
        self.post_notices(keep=8)
        self.object(answered=0, waiting=6)
        self.refill(keep_in_demo_county=12)
        self.propose_standard()
        self.open_phones()
        school = Schooling(self.actor, self.say)
        school.perform()
        Staffing(school).perform()
        Projecting(school).perform()

    def propose_standard(self) -> None:
        """The county means to pay a tenth more for each level: proposed, tried, waiting for the second person."""
        enters = self.actor("jiashan-budget")
        with acting(enters) as at:
            now = Terms(at).find(DEMO, "amount", "certificate_subsidy").value
            more = {
                "levels": {k: {level: fen * 11 // 10 for level, fen in v.items()} for k, v in now["levels"].items()}
            }
            paper = Document(
                "嘉善县人力资源和社会保障局、财政局", "关于调整职业培训补贴标准的通知（演示）", "善人社〔2026〕演示1号",
                at.date(), "https://example.org/demo",
            )  # fmt: skip
            propose_standard(enters, at, DEMO, "certificate_subsidy", "amount", now | more, at.date(), paper)
        self.say("县里提出了新的补贴标准，等确认")

    def open_phones(self) -> None:
        """A sign-in for one person in each state that a worker does something about, named by the state."""
        for state, words in PHONES.items():
            found = self.lines(state, DEMO, alive=True)
            with acting(machine()) as at:
                person = SubsidyLine.objects.select_related("person").get(id=found[0]).person if found else None
                if person and not Account.objects.filter(person=person).exists():
                    open_account(
                        machine("演示"),
                        at,
                        kind="worker",
                        username=f"worker-{words}",
                        name=person.name,
                        person=person,
                        demo=True,
                    )
        self.say("劳动者账号已开")


def _no_progress(_done: int, _total: int) -> None:
    return None
