"""Measures (P38): two people, heard first, exit in two acts; what lies before an exit stays what it was."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.recognition.cases import Measure, PromiseCheck
from jiangxin.recognition.models import Title
from jiangxin.recognition.operations import checks
from jiangxin.recognition.operations import measures as ops
from jiangxin.recognition.queries import ANYTHING, holds_title, may_act, stopped_bodies, suspended_bodies
from jiangxin.subsidy.law import current_law
from tests.factories.refused import refused
from tests.factories.steps import after
from tests.recognition.desk import WELDER, Town, elsewhere

pytestmark = pytest.mark.django_db
FACTS = "2026年2月10日现场查到签到表冒名12人，有照片。"


@pytest.fixture
def town() -> Town:
    return Town()


def opened(town: Town, kind: str, **more: object) -> Measure:
    desk = town.staff["training"]
    return ops.open_measure(desk, town.at, town.school.pk, kind, "fake_records", FACTS, current_law(), **more)  # type: ignore[arg-type]


def suspended(town: Town, until: date = date(2026, 4, 2)) -> Measure:
    made = opened(town, "suspension", until_on=until)
    return ops.decide_measure(
        town.staff["leader"], town.at, made.pk, in_force=True, decision="先停止招生", arrangement="teach_out"
    )


def test_a_suspension_holds_at_once_until_its_day_and_touches_no_day_before(town: Town) -> None:
    made = opened(town, "suspension", until_on=date(2026, 4, 2))
    assert may_act(town.school.pk, "provider", *WELDER, town.at) is True
    ops.decide_measure(
        town.staff["leader"], town.at, made.pk, in_force=True, decision="先停止招生", arrangement="teach_out"
    )
    assert may_act(town.school.pk, "provider", *WELDER, town.at) is False
    assert suspended_bodies(town.at) == {town.school.pk}
    assert suspended_bodies(town.at - timedelta(seconds=1)) == set()
    assert stopped_bodies("provider", [town.school.pk, town.provider.pk], town.at) == {town.school.pk}
    assert holds_title(town.school.pk, "provider", *WELDER, town.at.date()) is True, "workers' decisions go on"
    assert may_act(town.school.pk, "provider", *WELDER, town.later(31)) is False
    assert may_act(town.school.pk, "provider", *WELDER, town.later(32)) is True, "its last day is over by itself"
    assert ops.end_suspensions(town.machine, town.later(31)) == 0
    assert ops.end_suspensions(town.machine, town.later(32)) == 1
    made.refresh_from_db()
    assert made.state == "ended"
    assert suspended_bodies(town.later(31)) == {town.school.pk}


def test_a_suspension_is_lifted_by_a_leader(town: Town) -> None:
    made = suspended(town)
    with refused(NotYourDuty):
        ops.lift_measure(town.staff["training"], town.later(3), made.pk, "已经整改")
    with refused(ops.MeasureNeedsReason):
        ops.lift_measure(town.staff["leader"], town.later(3), made.pk, "")
    ops.lift_measure(town.staff["leader"], town.later(3), made.pk, "已经整改，复查合格")
    assert may_act(town.school.pk, "provider", *WELDER, town.later(3)) is True
    assert may_act(town.school.pk, "provider", *WELDER, town.later(2)) is False
    with refused(ops.MeasureNotLifted):
        ops.lift_measure(town.staff["leader"], town.later(4), made.pk, "已经整改，复查合格")


def test_exit_from_the_directory_ends_the_title_and_no_earlier_day(town: Town) -> None:
    title = Title.objects.get(organisation=town.school)
    made = opened(town, "delisting", title_id=title.pk)
    assert made.answer_by == date(2026, 3, 9)
    with refused(ops.NotYetHeard):
        ops.decide_measure(
            town.staff["leader"], town.at, made.pk, in_force=True, decision="移出培训机构目录", arrangement="transfer"
        )
    ops.answer_measure(town.head, town.at, made.pk, "没有异议")
    at = town.later(1)
    with refused(ops.ArrangementMissing):
        ops.decide_measure(town.staff["leader"], at, made.pk, in_force=True, decision="移出培训机构目录")
    ops.decide_measure(
        town.staff["leader"], at, made.pk, in_force=True, decision="移出培训机构目录", arrangement="transfer"
    )
    title.refresh_from_db()
    assert (title.until_on, title.ended_at, title.end_reason) == (
        date(2026, 3, 2), at, "移出目录：虚报人数、身份或课时",
    )  # fmt: skip
    assert holds_title(town.school.pk, "provider", *WELDER, date(2026, 3, 2)) is True
    assert holds_title(town.school.pk, "provider", *WELDER, date(2024, 6, 1)) is True
    assert not may_act(town.school.pk, "provider", *WELDER, at)
    assert stopped_bodies("provider", [town.school.pk], at) == {town.school.pk}
    with refused(ops.MeasureNotLifted):
        ops.lift_measure(town.staff["leader"], at, made.pk, "已经整改，复查合格")


def test_a_later_list_does_not_bring_an_ended_title_back(town: Town) -> None:
    title = Title.objects.get(organisation=town.school)
    made = opened(town, "delisting", title_id=title.pk)
    at = after(town.at, 6)
    ops.decide_measure(
        town.staff["leader"], at, made.pk, in_force=True, decision="逾期没有答复，移出目录", arrangement="none"
    )
    again = Title.objects.create(
        organisation=town.school, kind="provider", region_id=330421, from_on=title.from_on, source="新名单",
        loaded_at=after(town.at, 9),
    )  # fmt: skip
    again.scopes.create(subject="*", level="")
    assert not may_act(town.school.pk, "provider", *WELDER, after(town.at, 9))
    assert holds_title(town.school.pk, "provider", *WELDER, date(2024, 6, 1)) is True


def test_a_licence_is_withdrawn_only_after_a_hearing_or_without_one_wanted(town: Town) -> None:
    licence = Title.objects.get(application=town.licensed())
    leader = town.staff["leader"]
    made = opened(town, "withdrawal", title_id=licence.pk)

    def decide(at: object) -> Measure:
        return ops.decide_measure(
            leader,
            at,
            made.pk,
            in_force=True,
            decision="吊销办学许可",
            arrangement="transfer",  # type: ignore[arg-type]
        )

    with refused(ops.HearingNotForThis):
        ops.hold_hearing(town.staff["training"], town.at, made.pk, town.at.date(), "到场三人，机构陈述意见")
    ops.answer_measure(town.head, town.at, made.pk, "签到表是真的", "ask")
    with refused(ops.NotYetHeard):
        decide(after(town.at, 20))
    with refused(ops.HearingRecordNeedsText):
        ops.hold_hearing(town.staff["training"], town.later(8), made.pk, town.later(9).date(), "到场三人，机构陈述意见")
    ops.hold_hearing(town.staff["training"], town.later(8), made.pk, town.later(8).date(), "到场三人，机构陈述意见")
    assert decide(town.later(9)).state == "in_force"
    assert not may_act(town.school.pk, "licence", *WELDER, town.later(9))
    assert may_act(town.school.pk, "provider", *WELDER, town.later(9)) is True, "the directory is another act"


def test_a_hearing_may_be_waived_or_its_term_pass(town: Town) -> None:
    licence = Title.objects.get(application=town.licensed())
    made = opened(town, "withdrawal", title_id=licence.pk)
    assert ops.why_not_yet(made, date(2026, 3, 9))
    assert not ops.why_not_yet(made, date(2026, 3, 10))
    made = ops.answer_measure(town.head, town.at, made.pk, "没有异议", "waive")
    assert not ops.why_not_yet(made, date(2026, 3, 3))


def test_a_measure_is_opened_whole(town: Town) -> None:
    desk, law = town.staff["training"], current_law()
    title = Title.objects.get(organisation=town.school)
    with refused(NotYourDuty):
        ops.open_measure(town.staff["maker"], town.at, town.school.pk, "warning", "other", FACTS, law)
    with refused(NotFound):
        ops.open_measure(elsewhere(desk), town.at, town.school.pk, "warning", "other", FACTS, law)
    with refused(ops.MeasureUnknown):
        ops.open_measure(desk, town.at, town.school.pk, "fine", "other", FACTS, law)
    with refused(ops.MeasureNeedsFacts):
        ops.open_measure(desk, town.at, town.school.pk, "warning", "other", "有问题", law)
    with refused(ops.SuspensionNeedsEnd):
        opened(town, "suspension")
    with refused(ops.SuspensionNeedsEnd):
        opened(town, "suspension", until_on=town.at.date())
    with refused(ops.ExitNeedsTitle):
        opened(town, "delisting")
    with refused(ops.ExitNeedsTitle):
        opened(town, "withdrawal", title_id=title.pk)
    opened(town, "warning")
    with refused(ops.MeasureOpenAlready):
        opened(town, "warning")


def test_a_measure_is_answered_by_the_head_in_time(town: Town) -> None:
    made = opened(town, "warning")
    with refused(NotFound):
        ops.answer_measure(town.assessing, town.at, made.pk, "没有异议")
    with refused(NotYourDuty):
        ops.answer_measure(town.clerk, town.at, made.pk, "没有异议")
    with refused(ops.AnswerToMeasureNeedsText):
        ops.answer_measure(town.head, town.at, made.pk, "")
    with refused(ops.TermToAnswerIsOver):
        ops.answer_measure(town.head, after(town.at, 6), made.pk, "没有异议")
    ops.decide_measure(town.staff["leader"], town.at, made.pk, in_force=False, decision="查明不是这家机构")
    with refused(ops.MeasureNotOpen):
        ops.answer_measure(town.head, town.at, made.pk, "没有异议")
    with refused(ops.MeasureNotOpen):
        ops.decide_measure(town.staff["leader"], town.at, made.pk, in_force=False, decision="查明不是这家机构")


def test_another_than_who_opened_it_decides(town: Town) -> None:
    made = opened(town, "warning")
    with refused(NotYourDuty):
        ops.decide_measure(town.staff["training2"], town.at, made.pk, in_force=False, decision="查明情况不实")
    both = replace(town.staff["training"], duties=frozenset({"training", "leader"}))
    with refused(ops.MeasureNeedsAnother):
        ops.decide_measure(both, town.at, made.pk, in_force=False, decision="查明情况不实")
    with refused(ops.MeasureNeedsReason):
        ops.decide_measure(town.staff["leader"], town.at, made.pk, in_force=False, decision="")
    with refused(NotYourDuty):
        ops.end_suspensions(town.staff["leader"], town.at)


def test_a_promise_is_checked_put_right_or_leads_to_a_measure(town: Town) -> None:
    town.licensed()
    desk = town.staff["training"]
    kept, fixed, broken, _ = PromiseCheck.objects.order_by("criterion")
    with refused(NotYourDuty):
        checks.check_promise(town.staff["maker"], town.at, kept.pk, kept=True, finding="现场看过属实")
    with refused(NotFound):
        checks.check_promise(elsewhere(desk), town.at, kept.pk, kept=True, finding="现场看过属实")
    with refused(checks.PromiseFindingNeedsText):
        checks.check_promise(desk, town.at, kept.pk, kept=True, finding="")
    checks.check_promise(desk, town.at, kept.pk, kept=True, finding="现场看过属实")
    with refused(checks.CheckNotAtThisStep):
        checks.check_promise(desk, town.at, kept.pk, kept=True, finding="现场看过属实")
    day = date(2026, 3, 20)
    with refused(checks.CorrectionNeedsDay):
        checks.check_promise(desk, town.at, fixed.pk, kept=False, finding="消防通道堵塞")
    for one in (fixed, broken):
        checks.check_promise(desk, town.at, one.pk, kept=False, finding="消防通道堵塞", correct_by=day)
    with refused(checks.PromiseFindingNeedsText):
        checks.accept_correction(desk, town.later(5), fixed.pk, "")
    assert checks.accept_correction(desk, town.later(5), fixed.pk, "已经清理，复查合格").state == "corrected"
    with refused(checks.CorrectionDayNotOver):
        checks.escalate_promise(desk, town.later(5), broken.pk, "复查仍堵塞", current_law())
    with refused(checks.PromiseFindingNeedsText):
        checks.escalate_promise(desk, town.later(25), broken.pk, "", current_law())
    done = checks.escalate_promise(desk, town.later(25), broken.pk, "复查仍堵塞", current_law())
    assert (done.state, done.measure.kind, done.measure.state) == ("escalated", "withdrawal", "open")  # type: ignore[union-attr]


def test_anything_asks_for_the_title_alone(town: Town) -> None:
    assert may_act(town.school.pk, "provider", ANYTHING, "", town.at) is True
