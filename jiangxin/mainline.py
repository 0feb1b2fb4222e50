"""The story as a list: each step looks for what is due and does it in one batch, however often it is asked.

News does not travel: a step asks the tables. It may be run by the worker, by a person pressing a button, or by
`jiangxin mainline run`. Steps of people (release, approve, send, reconcile) only say what waits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from procrastinate.contrib.django import app

from jiangxin.assessment.operations import jobs as assessment_jobs
from jiangxin.ground.actor import Actor, acting, machine
from jiangxin.ground.clock import day_of, opening_of, read_clock
from jiangxin.ground.jobs import Handler, Job, Progress, wake, work_off
from jiangxin.payment.operations.batches import JOBS as PAYMENT_JOBS
from jiangxin.payment.operations.batches import build_batch
from jiangxin.payment.operations.retries import lines_with_corrected_account, retry_corrected
from jiangxin.payment.operations.returns import JOBS as RETURN_JOBS
from jiangxin.payment.operations.returns import reap_inbox
from jiangxin.payment.queries import awaiting_payment, inbox_files
from jiangxin.recognition.operations.decisions import grant_posted
from jiangxin.recognition.operations.measures import end_suspensions
from jiangxin.recognition.reads import publicity_over, suspensions_over
from jiangxin.subsidy.law import current_law
from jiangxin.subsidy.operations.confirm import hear_silence
from jiangxin.subsidy.operations.decide import decide_certificates
from jiangxin.subsidy.operations.deferrals import keep_deferrals
from jiangxin.subsidy.operations.holds import ask_holds
from jiangxin.subsidy.operations.lines import lock_lines, move_lines
from jiangxin.subsidy.operations.notices import close_notices
from jiangxin.subsidy.operations.queue import fund_queue, pools_with_queue
from jiangxin.subsidy.operations.recover import mark_recoveries, paid_on_revoked
from jiangxin.subsidy.operations.registers import JOBS as REGISTER_JOBS
from jiangxin.subsidy.operations.standards import JOBS as STANDARD_JOBS
from jiangxin.subsidy.queries import due
from jiangxin.subsidy.queries.deferrals import deferrals_due, next_deferral_on
from jiangxin.subsidy.queries.worth import class_worth
from jiangxin.subsidy.terms import Terms
from jiangxin.training.operations.attendance import close_lessons
from jiangxin.training.operations.classes import start_classes
from jiangxin.training.operations.online import count_online
from jiangxin.training.operations.seats import lapse_holds
from jiangxin.training.operations.transfers import offer_teach_out
from jiangxin.training.operations.voucher_ends import expire_vouchers
from jiangxin.training.operations.voucher_jobs import voucher_jobs
from jiangxin.training.operations.vouchers import settle_vouchers
from jiangxin.training.queries.due import (
    classes_to_start,
    holds_over,
    lessons_over,
    seats_to_count,
    seats_to_teach_out,
)
from jiangxin.training.queries.vouchers import next_voucher_end, vouchers_over

BATCH = 20_000
LEARNERS = 1_000


@dataclass(frozen=True)
class Step:
    """`due` counts what waits on a day; `do` does a batch of it and returns how many; none: a person does it."""

    name: str
    title: str
    due: Callable[[date], int]
    do: Callable[[Actor, datetime], int] | None = None


def _start_classes(actor: Actor, at: datetime) -> int:
    return start_classes(actor, at, classes_to_start(day_of(at)))


def _lapse_holds(actor: Actor, at: datetime) -> int:
    return lapse_holds(actor, at, current_law(), class_worth)


def _close_lessons(actor: Actor, at: datetime) -> int:
    return close_lessons(actor, at, lessons_over(at))


def _count_online(actor: Actor, at: datetime) -> int:
    seats = seats_to_count(at, LEARNERS)
    count_online(actor, at, seats, current_law())
    return len(seats)


def _decide(actor: Actor, at: datetime) -> int:
    found = due.certificates_awaiting_decision(BATCH)
    # What a voucher kept for this certificate is free for its line in the same deed (P37).
    settle_vouchers(actor, at, due.vouchers_behind(found))
    decide_certificates(actor, at, found, "新到证书")
    return len(found)


def _decide_again(actor: Actor, at: datetime) -> int:
    found = due.certificates_to_decide_again(BATCH)
    decide_certificates(actor, at, found, "有新的数据")
    return len(found)


def _fund_queue(actor: Actor, at: datetime) -> int:
    return sum(fund_queue(actor, at, pool) for pool in pools_with_queue(day_of(at)))


def _ask(actor: Actor, at: datetime) -> int:
    lines = lock_lines(due.lines_in(["to_confirm"], overdue_on=day_of(at))[:BATCH])
    return sum(hear_silence(actor, at, lines).values())


def _close_notices(actor: Actor, at: datetime) -> int:
    return close_notices(actor, at, due.notices_over(day_of(at)))


def _holds(actor: Actor, at: datetime) -> int:
    lines = lock_lines(due.lines_in(["noticed"])[:BATCH])
    clean = ask_holds(actor, at, lines)
    move_lines(actor, at, "cleared", clean, "to_approve")
    return len(lines)


def _hold_failed(actor: Actor, at: datetime) -> int:
    lines = lock_lines(due.failed_of_the_dead(day_of(at))[:BATCH])
    return len(lines) - len(ask_holds(actor, at, lines))


def _build(actor: Actor, at: datetime) -> int:
    return sum(1 for office, fund in sorted(awaiting_payment()) if build_batch(actor, at, office, fund))


def _count(*states: str) -> Callable[[date], int]:
    return lambda _today: due.count_lines_in(states)


def _overdue(today: date) -> int:
    return due.count_lines_in(["to_confirm"], overdue_on=today)


def _deferrals(today: date) -> int:
    return len(deferrals_due(Terms(opening_of(today))))


def _untold(_today: date) -> int:
    return sum(len(seats) for seats in seats_to_teach_out().values())


STEPS = (
    Step("end_suspensions", "暂停到期", suspensions_over, end_suspensions),
    Step("offer_teach_out", "机构被停，告诉学员由原机构上完", _untold, offer_teach_out),
    Step("grant_posted", "认定公示期满", publicity_over, grant_posted),
    Step("start_classes", "开课", lambda today: len(classes_to_start(today)), _start_classes),
    Step("lapse_holds", "留座过期，轮到下一位", lambda _: holds_over(read_clock()), _lapse_holds),
    Step("close_lessons", "课上完，没有签到的记缺勤", lambda _: len(lessons_over(read_clock())), _close_lessons),
    Step("count_online", "线上学习记录计入课时", lambda _: len(seats_to_count(read_clock(), LEARNERS)), _count_online),
    Step("expire_vouchers", "培训券到期", vouchers_over, expire_vouchers),
    Step("decide", "核定", lambda _: due.count_awaiting_decision(), _decide),
    Step("decide_again", "有新数据，重新核定", lambda _: due.count_to_decide_again(), _decide_again),
    Step("fund_queue", "资金到位，排队的往前走", lambda today: len(pools_with_queue(today)), _fund_queue),
    Step("ask", "本人确认到期", _overdue, _ask),
    Step("deferrals", "暂缓到日子：提醒、到期", _deferrals, keep_deferrals),
    Step("open_notice", "待公示", _count("to_notice")),
    Step("close_notice", "公示期满", due.count_notices_over, _close_notices),
    Step("holds", "付款前核查", _count("noticed"), _holds),
    Step("release_holds", "核查待放行", _count("held")),
    Step("approve", "待审批", _count("to_approve")),
    Step("build_batch", "编付款批次", lambda _: len(awaiting_payment()), _build),
    Step("send", "待财政放行", _count("in_batch")),
    Step("apply_return", "银行回单入账", lambda _: len(inbox_files()), reap_inbox),
    Step("correct_account", "付款失败待改账户", _count("failed")),
    Step("hold_failed", "没付成、收款人去世的，先核查", lambda today: len(due.failed_of_the_dead(today)), _hold_failed),
    Step("retry", "账户改好，等下一批付款", lambda _: len(lines_with_corrected_account()), retry_corrected),
    Step("recover", "证书撤销，标记追回", lambda _: len(paid_on_revoked()), mark_recoveries),
)


def run_step(step: Step) -> int:
    """Do one batch of a step in its own transaction; returns how many were done."""
    if step.do is None:
        return 0
    actor = machine("主线")
    with acting(actor) as at:
        return step.do(actor, at) if step.due(day_of(at)) else 0


def run_until_idle(progress: Callable[[Step, int], None] = lambda _step, _done: None, only: str = "") -> dict[str, int]:
    """Run the machine's steps in story order until none has anything due; returns how many each did."""
    done: dict[str, int] = {}
    steps = [step for step in STEPS if step.do and only in ("", step.name)]
    while True:
        moved = 0
        for step in steps:
            count = run_step(step)
            if count:
                done[step.name] = done.get(step.name, 0) + count
                progress(step, done[step.name])
            moved += count
        if not moved:
            return done


def what_is_due(today: date) -> dict[str, int]:
    """How many wait before each step, in story order; within the scope of who asks."""
    return {step.name: step.due(today) for step in STEPS}


def next_due_on(today: date) -> date:
    """The next day on which the main line itself has something to do; the next day where nothing is dated."""
    days = (due.next_due_on(today), next_deferral_on(Terms(opening_of(today))), next_voucher_end(today))
    return min((day for day in days if day), default=today + timedelta(days=1))


def _mainline_job(job: Job, progress: Progress) -> str:
    total = len([step for step in STEPS if step.do])
    seen: list[str] = []

    def show(step: Step, _done: int) -> None:
        if step.name not in seen:
            seen.append(step.name)
        progress(len(seen), total)

    done = run_until_idle(show)
    titles = {step.name: step.title for step in STEPS}
    return "，".join(f"{titles[name]} {count}" for name, count in done.items()) or "没有到期的事"


JOBS: dict[str, Handler] = {
    "mainline": _mainline_job,
    **voucher_jobs(class_worth),
    **assessment_jobs(current_law),
    **STANDARD_JOBS,
    **REGISTER_JOBS,
    **PAYMENT_JOBS,
    **RETURN_JOBS,
}


@app.task(name="run_job")
def run_job(job_id: str) -> None:
    """Run one job that somebody asked for; what it changed may be work for the main line."""
    work_off(UUID(job_id), JOBS)
    wake()


@app.periodic(cron="* * * * *")
@app.task(name="tick", lock="mainline", queueing_lock="mainline")
def tick(timestamp: int = 0) -> None:
    """Look for due work every minute, and whenever somebody woke the main line."""
    run_until_idle()
