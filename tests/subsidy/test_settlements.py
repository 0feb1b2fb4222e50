"""A class paid to a body (P24): decided by the rules, submitted, called by draw, struck off, approved, paid."""

from datetime import timedelta

import pytest

from jiangxin.funds.models import PoolBalance
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import ChangedMeanwhile, NotFound, NotYourDuty
from jiangxin.ground.staging import rows_of
from jiangxin.recognition.cases import Measure
from jiangxin.subsidy.detectors import MANY_PLEAS
from jiangxin.subsidy.models import Hold, SubsidyLine
from jiangxin.subsidy.operations import holds
from jiangxin.subsidy.operations import settlements as ops
from jiangxin.subsidy.operations.holds import ask_holds
from jiangxin.subsidy.operations.lines import lock_lines
from jiangxin.subsidy.queries.settlements import candidates_of, counted
from jiangxin.subsidy.settlements import Settlement, SettlementHead
from jiangxin.training.evidence import Attendance
from tests.factories.project import Project
from tests.factories.refused import refused
from tests.factories.school import clerk_of
from tests.factories.steps import adopt
from tests.factories.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    world = World()
    world.pool()
    return Project(world, heads=4)


def decided(project: Project, absent: int = 0) -> list[SubsidyLine]:
    project.taught(absent)
    return project.certified(*project.people[: project.heads - absent])


def submitted(project: Project) -> Settlement:
    made = ops.submit_settlement(project.head, project.world.at, project.found.id)
    project.world.see_all()
    return made


def called(project: Project, settlement: Settlement, attended: bool = True, fen: int = 0, offered: str = "") -> None:
    for head in settlement.heads.filter(drawn=True):
        ops.record_settlement_call(project.world.staff["maker"], project.world.at, head.id, attended, fen, offered)


def suspended(world: World) -> None:
    made = Measure.objects.create(
        body=world.provider, region_id=world.region, kind="suspension", grounds="safety", facts="教室没有学员。",
        state="open", state_since=world.at, opened_by_id=world.staff["training"].account_id, opened_at=world.at,
        until_on=day_of(world.at) + timedelta(90),
    )  # fmt: skip
    Measure.objects.filter(pk=made.pk).update(
        state="in_force", decided_by_id=world.staff["leader"].account_id, decided_at=world.at, decision="暂停三个月。",
        arrangement="teach_out",
    )  # fmt: skip


def test_each_head_is_promised_to_the_school_and_takes_a_time_of_the_persons_year(project: Project) -> None:
    lines = decided(project)
    assert [(line.scheme, line.state) for line in lines] == [("project_class", "to_settle")] * 4, lines[0].reasons
    assert {line.payee_body_id for line in lines} == {project.world.provider.id}
    assert {(line.amount_fen, line.count_year, line.slot) for line in lines} == {(20_000, 2026, 1)}
    assert SubsidyLine.objects.count() == 4, "one payee: nothing under the schemes of persons"
    assert PoolBalance.objects.get(account="reserved").balance_fen == 80_000


def test_the_counts_of_a_settlement_add_up(project: Project) -> None:
    lines = decided(project, absent=1)
    project.with_account()
    settlement = submitted(project)
    assert (settlement.submitted, settlement.to_call) == (4, 1)
    assert settlement.heads.get(state="struck").reason == "课时没有学满"
    called(project, settlement)
    done = ops.settle_class(project.world.staff["maker"], project.world.at, settlement.id)
    assert (done.submitted, done.struck, done.approved, done.sum_fen) == (4, {"课时没有学满": 1}, 3, 60_000)
    account = project.world.provider.payee_accounts.get()
    for line in lines:
        line.refresh_from_db()
        assert (line.state, line.account_id, line.confirmed_how) == ("to_notice", account.id, "settlement")


def test_whoever_was_not_there_or_paid_is_struck_off_and_the_money_is_free(project: Project) -> None:
    decided(project)
    project.with_account()
    settlement = submitted(project)
    called(project, settlement, attended=True, fen=30_000, offered="校长说分我一半")
    done = ops.settle_class(project.world.staff["maker"], project.world.at, settlement.id)
    assert (done.struck, done.approved, done.sum_fen) == ({"回访：本人说交过钱": 1}, 3, 60_000)
    assert PoolBalance.objects.get(account="reserved").balance_fen == 60_000
    assert SubsidyLine.objects.filter(state="struck").count() == 1


def test_who_cannot_be_reached_three_times_gives_the_call_to_the_next_and_is_not_struck_off(project: Project) -> None:
    decided(project)
    project.with_account()
    settlement = submitted(project)
    maker, at = project.world.staff["maker"], project.world.at
    first = settlement.heads.get(drawn=True)
    for _ in range(3):
        ops.record_settlement_call(maker, at, first.id, None, None, "")
    following = settlement.heads.get(drawn=True)
    assert following.place == 2
    called(project, settlement, attended=False)
    done = ops.settle_class(maker, at, settlement.id)
    assert (done.struck, done.approved) == ({"回访：本人说没有参加": 1}, 3)
    assert SettlementHead.objects.get(id=first.id).state == "approved"


def test_the_draw_is_the_same_for_whoever_draws_again(project: Project) -> None:
    decided(project)
    project.with_account()
    settlement = submitted(project)
    seats = list(settlement.heads.values_list("enrolment_id", flat=True))
    order = ops.draw_order(settlement.number, seats)
    assert order == ops.draw_order(settlement.number, seats[::-1])
    assert settlement.heads.get(drawn=True).enrolment_id == order[0]
    # Four seats stand in their order once in 24 draws: drawn anew, they do not go on standing so.
    others = [ops.draw_order(f"{settlement.number}-{n}", seats) for n in range(20)]
    assert any(other != sorted(seats) for other in others), "drawn, not listed"


def test_who_is_still_being_decided_waits_for_the_next_settlement(project: Project) -> None:
    project.taught()
    project.certified(*project.people[:2])
    waiting, _ = project.people[2:]
    project.certified(waiting, listed=False)
    project.with_account()
    counts = counted(candidates_of(project.found, project.world.provider.id))
    assert (counts.submitted, counts.struck, counts.approved, counts.pending) == (3, {"没有取得证书": 1}, 2, 1)
    assert submitted(project).submitted == 3


def test_a_returned_settlement_may_be_submitted_again(project: Project) -> None:
    decided(project)
    project.with_account()
    first = submitted(project)
    back = ops.return_settlement(project.world.staff["maker"], project.world.at, first.id, "名单和班级不一致。")
    assert back.state == "returned"
    project.world.see_all()
    assert submitted(project).submitted == 4


def test_nobody_submits_what_is_not_the_own_or_not_ready(project: Project) -> None:
    world = project.world
    other = world.body("别家技校", "91330421MA00000007", "provider")
    stranger = clerk_of(world, other, "head")
    for_persons = project.school.opened(project.school.lessons(start=40))
    world.see_all()
    with refused(NotYourDuty):
        ops.submit_settlement(project.head, world.at, for_persons.id)
    decided(project)
    with refused(NotYourDuty):
        ops.submit_settlement(stranger, world.at, project.found.id)
    with refused(ops.BodyWithoutAccount):
        ops.submit_settlement(project.head, world.at, project.found.id)


def test_a_class_that_still_runs_and_one_without_anybody_to_pay_settle_nothing(project: Project) -> None:
    project.with_account()
    found = project.taught()
    with refused(ops.NothingToSettle):
        ops.submit_settlement(project.head, project.world.at, found.id)
    late = project.school.opened(
        project.school.lessons(3, start=20), subject="project:PX330421001", kind="training_pass", level="",
        pays="project",
    )  # fmt: skip
    project.world.see_all()
    with refused(ops.ClassNotFinished):
        ops.submit_settlement(project.head, project.world.at, late.id)


def test_what_the_desk_may_not_do(project: Project) -> None:
    decided(project)
    project.with_account()
    settlement, world = submitted(project), project.world
    maker, at = world.staff["maker"], world.at
    head = settlement.heads.get(drawn=True)
    quiet = settlement.heads.filter(drawn=False).first()
    with refused(ops.SettlementOpen):
        ops.submit_settlement(project.head, at, project.found.id)
    world.see_all()
    with refused(ops.NotDrawn):
        ops.record_settlement_call(maker, at, quiet.id, True, 0, "")
    with refused(ops.CallNeedsAnswers):
        ops.record_settlement_call(maker, at, head.id, True, None, "")
    with refused(NotYourDuty):
        ops.record_settlement_call(world.staff["checker"], at, head.id, True, 0, "")
    with refused(NotFound):
        ops.record_settlement_call(maker, at, settlement.id, True, 0, "")
    with refused(ops.CallsMissing):
        ops.settle_class(maker, at, settlement.id)
    with refused(ops.ReturnNeedsReason):
        ops.return_settlement(maker, at, settlement.id, "不行")
    called(project, settlement)
    ops.settle_class(maker, at, settlement.id)
    with refused(ops.SettlementClosed):
        ops.settle_class(maker, at, settlement.id)


def test_a_line_that_moved_meanwhile_stops_the_settlement(project: Project) -> None:
    lines = decided(project)
    project.with_account()
    settlement = submitted(project)
    called(project, settlement)
    SubsidyLine.objects.filter(id=lines[0].id).update(state="struck", slot=None)
    with refused(ChangedMeanwhile):
        ops.settle_class(project.world.staff["maker"], project.world.at, settlement.id)


def test_a_stopped_school_gets_no_money_at_the_last_door_and_submits_nothing_more(project: Project) -> None:
    """P38: from that instant; what was settled before is held when it comes to the door."""
    world = project.world
    lines = decided(project)
    project.with_account()
    settlement = submitted(project)
    called(project, settlement)
    ops.settle_class(world.staff["maker"], world.at, settlement.id)
    adopt(world, "sample_share_percent", 0)
    suspended(world)
    SubsidyLine.objects.filter(id__in=[line.id for line in lines]).update(state="in_notice")
    SubsidyLine.objects.filter(id__in=[line.id for line in lines]).update(state="noticed")
    clean = ask_holds(world.machine, world.at, lock_lines([line.id for line in lines]))
    assert clean == []
    assert set(Hold.objects.values_list("kind", flat=True)) == {"body_stopped"}
    with refused(ops.SettlementClosed):
        ops.settle_class(world.staff["maker"], world.at, settlement.id)


def test_a_stopped_school_submits_nothing(project: Project) -> None:
    decided(project)
    project.with_account()
    world = project.world
    suspended(world)
    with refused(ops.BodyIsStopped):
        ops.submit_settlement(project.head, world.at, project.found.id)


def test_what_an_employer_paid_for_goes_to_the_employer() -> None:
    """岗前 (5.1, facts 1.7): the head's employer is the payee, and the insured alone are paid for."""
    world = World()
    world.pool()
    firm = world.body("嘉善五金厂", "91330421MA00000066", "platform")
    project = Project(world, heads=2, pays="employer", employer=firm)
    for person in project.people[:1]:
        world.spell(person, "insured", region=world.region)
    lines = decided(project)
    assert [line.state for line in lines] == ["to_settle", "refused"]
    assert {(line.scheme, line.payee_body_id) for line in lines} == {("pre_job", firm.id)}
    clerk = clerk_of(world, firm, "employer")
    candidates = candidates_of(project.found, firm.id)
    assert counted(candidates).struck == {"不符合：由单位参保": 1}
    with refused(ops.BodyWithoutAccount):
        ops.submit_settlement(clerk, world.at, project.found.id)


def test_a_school_that_pleads_for_too_many_hours_is_looked_into(project: Project) -> None:
    """P36: the share of a school is a reason to look; at the limit it is none."""
    world = project.world
    lines = decided(project)
    adopt(world, "sample_share_percent", 0)
    hours = Attendance.objects.filter(class_id=project.found.id)

    def held() -> set[str]:
        """What would hold the lines of this school, asked anew."""
        world.see_all()
        holds._stage_asked(world.at, lines)
        return {said for _, said in rows_of(MANY_PLEAS)}

    assert held() == set()
    one = hours.filter(counted__gt=0).first()
    assert one
    hours.filter(enrolment_id=one.enrolment_id).update(by_exception=True)
    assert held() == {"嘉善技工学校：补记的课时占25%，超过5%"}
