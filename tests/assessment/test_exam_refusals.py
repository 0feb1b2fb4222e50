"""Each refusal of an examination is raised once, says what to do, and has changed nothing."""

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from jiangxin.assessment.examining import Examiner, ScoreEntry
from jiangxin.assessment.exams import Candidate
from jiangxin.assessment.operations import exam_candidates as candidates
from jiangxin.assessment.operations import exam_examiners as examiners
from jiangxin.assessment.operations import exam_plans as plans
from jiangxin.assessment.operations import exam_results as results
from jiangxin.assessment.operations import exam_rooms as rooms
from jiangxin.assessment.operations import exam_scores as scores
from jiangxin.catalogue.models import TrainingItem
from jiangxin.ground.refusal import ChangedMeanwhile, NotFound, NotYourDuty
from jiangxin.parties.operations.persons import PersonRow
from jiangxin.rules.parameters import Law
from tests.assessment.exam_hall import ELECTRICIAN, Hall
from tests.factories.refused import refused
from tests.factories.world import number_of

pytestmark = pytest.mark.django_db
NO_LAW = Law(())
LOOKED = "看了两个考场和全部试卷，没有问题。"


@pytest.fixture
def hall() -> Hall:
    return Hall()


def row(n: int, name: str = "报考人", born: date = date(1990, 5, 1)) -> PersonRow:
    return PersonRow("resident", number_of(n, born), name)


# ── plans ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_plan_says_when_and_where(hall: Hall) -> None:
    day = hall.exam_day.date()
    given = plans.PlanGiven("一批", "skill_level", "三楼", hall.at.date(), day)
    for no, wrong in (
        (plans.PlanDaysWrong, {"sign_up_until": day + timedelta(days=1)}),
        (plans.PlanDaysWrong, {"sign_up_until": hall.at.date() - timedelta(days=1)}),
        (plans.PlanNeedsWords, {"site": " "}),
        (plans.ExamKindUnknown, {"kind": "qualification"}),
    ):
        with refused(no):
            hall.do(hall.clerk, plans.draft_plan, replace(given, **wrong))
    with refused(NotYourDuty):
        hall.do(hall.head, plans.draft_plan, given)
    plan = hall.draft()
    hall.subject(plan)
    with refused(plans.ExamKindUnknown):
        hall.do(hall.clerk, plans.change_plan, plan.id, replace(given, kind="special_skill"))
    changed = hall.do(hall.clerk, plans.change_plan, plan.id, replace(given, name="二批"))
    assert changed.name == "二批"


def test_what_is_examined_is_in_the_catalogue_with_its_forms(hall: Hall) -> None:
    plan = hall.draft()
    right = plans.SubjectGiven(ELECTRICIAN, "5", "computer", "scene")
    for no, wrong in (
        (plans.ExamSubjectUnknown, {"code": "9-99-99-99"}),
        (plans.ExamSubjectUnknown, {"level": "apprentice"}),
        (plans.ExamPartsWrong, {"practice": ""}),
        (plans.ExamPartsWrong, {"practice": "dance"}),
        (plans.ExamPartsWrong, {"level": "2"}),
        (plans.ExamTooShort, {"theory_minutes": 89}),
    ):
        with refused(no):
            hall.do(hall.clerk, plans.add_exam_subject, plan.id, replace(right, **wrong), hall.law)
    with refused(plans.PassMarkUnknown):
        hall.do(hall.clerk, plans.add_exam_subject, plan.id, right, NO_LAW)
    hall.subject(plan)
    with refused(plans.ExamSubjectTwice):
        hall.subject(plan)
    special = hall.draft("special_skill")
    item = {"kind": "special_skill", "code": "ZX-1", "name": "缙云烧饼", "region_id": 330000}
    TrainingItem.objects.create(**item, from_on=date(2020, 1, 1), source="t")
    made = hall.subject(special, "ZX-1", "", theory="")
    assert (made.subject, made.title, made.parts) == ("item:ZX-1", "缙云烧饼", ("practice",))
    hall.do(hall.clerk, plans.drop_exam_subject, special.id, made.id)
    with refused(NotFound):
        hall.do(hall.clerk, plans.drop_exam_subject, special.id, made.id)


def test_filing_needs_subjects_digits_a_title_and_the_county(hall: Hall) -> None:
    plan = hall.draft()
    with refused(plans.PlanEmpty):
        hall.do(hall.clerk, plans.file_plan, plan.id)
    hall.subject(plan)
    with refused(plans.PlanDaysWrong):
        hall.do(hall.clerk, plans.file_plan, plan.id, at=hall.exam_day)
    stranger = hall.account("外人", "clerk", hall.world.body("别的中心", "91330421MA00000077", "assessor"))
    with refused(NotFound):
        hall.do(stranger, plans.file_plan, plan.id)
    untitled = hall.account("没备案", "clerk", hall.world.provider)
    own = hall.do(
        untitled, plans.draft_plan, plans.PlanGiven("一", "skill_level", "三楼", hall.at.date(), hall.at.date())
    )
    hall.do(untitled, plans.add_exam_subject, own.id, plans.SubjectGiven(ELECTRICIAN, "5", "paper", "scene"), hall.law)
    with refused(plans.SeriesMissing):
        hall.do(untitled, plans.file_plan, own.id)
    hall.do(hall.training, plans.give_number_series, hall.world.provider.id, "S", "042102")
    with refused(plans.NotTitled):
        hall.do(untitled, plans.file_plan, own.id)
    hall.do(hall.clerk, plans.file_plan, plan.id)
    with refused(plans.PlanElsewhere):
        hall.do(hall.clerk, plans.file_plan, plan.id)
    with refused(NotYourDuty):
        hall.do(hall.world.staff["maker"], plans.decide_plan, plan.id, True)
    with refused(plans.OpinionMissing):
        hall.do(hall.training, plans.decide_plan, plan.id, False, "不行")
    back = hall.do(hall.training, plans.decide_plan, plan.id, False, "考场地址写清楚")
    number = back.number
    hall.do(hall.clerk, plans.file_plan, plan.id)
    assert hall.do(hall.training, plans.decide_plan, plan.id, True).number == number
    with refused(plans.PlanElsewhere):
        hall.do(hall.training, plans.decide_plan, plan.id, True)
    with refused(plans.CancelNeedsReason):
        hall.do(hall.clerk, plans.cancel_plan, plan.id, "不办")
    assert hall.do(hall.clerk, plans.cancel_plan, plan.id, "报名的人太少").state == "cancelled"
    with refused(plans.PlanElsewhere):
        hall.do(hall.clerk, plans.cancel_plan, plan.id, "报名的人太少")


def test_digits_are_given_once_by_the_training_desk(hall: Hall) -> None:
    body = hall.world.body("别的中心", "91330421MA00000077", "assessor")
    with refused(plans.SeriesWrong):
        hall.do(hall.training, plans.give_number_series, body.id, "X", "042102")
    with refused(plans.SeriesWrong):
        hall.do(hall.training, plans.give_number_series, body.id, "S", "42102")
    with refused(plans.SeriesGivenAlready):
        hall.do(hall.training, plans.give_number_series, body.id, "S", "042101")
    with refused(plans.SeriesGivenAlready):
        hall.do(hall.training, plans.give_number_series, hall.body.id, "S", "042103")
    with refused(NotYourDuty):
        hall.do(hall.world.staff["maker"], plans.give_number_series, body.id, "S", "042103")


# ── candidates ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_signing_up_a_class(hall: Hall) -> None:
    plan, taught = hall.opened(), hall.taught(1)
    other = hall.taught(1, subject="4-10-01-05")
    with refused(candidates.ClassTaughtAnother):
        hall.join_class(plan, other)
    hall.join_class(plan, taught)
    with refused(candidates.ClassHasNobody):
        hall.join_class(plan, taught)
    with refused(candidates.SignUpOver):
        hall.do(hall.clerk, candidates.sign_up_class, plan.id, hall.only.id, taught.id, hall.law, at=hall.exam_day)
    with refused(NotFound):
        hall.do(hall.clerk, candidates.sign_up_class, plan.id, plan.id, taught.id, hall.law)


def sign_up(hall: Hall, plan, person: PersonRow, **more) -> Candidate:
    given = candidates.CandidateGiven(person, **more)
    return hall.do(hall.clerk, candidates.sign_up_person, plan.id, hall.only.id, given, hall.law)


def test_signing_up_one_person_and_judging_the_conditions(hall: Hall) -> None:
    plan = hall.opened()
    with refused(candidates.CandidateSourceUnknown):
        sign_up(hall, plan, row(700), source="moon")
    one = sign_up(hall, plan, row(700), job_years=3)
    with refused(candidates.CandidateTwice):
        sign_up(hall, plan, row(700))
    with refused(candidates.CandidateMisnamed):
        sign_up(hall, plan, row(700, "张三"))
    with refused(candidates.PaperNeeded):
        hall.do(hall.clerk, candidates.admit_candidate, one.id)
    with refused(candidates.RefusalNeedsReason):
        hall.do(hall.clerk, candidates.turn_away, one.id, "不符")
    admitted = hall.do(hall.clerk, candidates.admit_candidate, one.id, "看了单位开的年限证明")
    assert (admitted.state, admitted.paper, admitted.admitted_by_name) == ("admitted", "看了单位开的年限证明", "机构甲")
    with refused(candidates.CandidateElsewhere):
        hall.do(hall.clerk, candidates.admit_candidate, one.id)
    with refused(candidates.CandidateElsewhere):
        hall.do(hall.clerk, candidates.turn_away, one.id, "缺年限证明")
    child = sign_up(hall, plan, row(702, "小孩", date(2012, 1, 1)))
    with refused(candidates.ConditionsNotMet):
        hall.do(hall.clerk, candidates.admit_candidate, child.id, "看了单位开的年限证明")
    with refused(candidates.NothingToMakeUp):
        sign_up(hall, plan, row(704, "补考人"), make_up=True)


def test_years_that_the_registers_bear_out_need_no_paper(hall: Hall) -> None:
    plan = hall.opened()
    one = sign_up(hall, plan, row(700), job_years=3)
    hall.world.spell(one.person, "insured", hall.world.region, date(2022, 1, 1))
    hall.do(hall.clerk, candidates.turn_away, one.id, "本人要重新报名", withdrawn=True)
    again = sign_up(hall, plan, row(700), job_years=3)
    assert hall.do(hall.clerk, candidates.admit_candidate, again.id).paper == ""
    shown = str(again.eligibility)
    assert "参保登记" in shown
    assert "2022" not in shown


def test_a_make_up_exam_keeps_the_part_that_was_passed(hall: Hall) -> None:
    hall.published(learners=1, practice="40")
    plan = hall.opened(exam_on=(hall.exam_day + timedelta(days=5)).date())
    person = hall.learners[0]
    again = sign_up(hall, plan, PersonRow("resident", number_of(hall.world.people - 3), person.name), make_up=True)
    assert (again.parts, again.theory, again.practice) == (["practice"], 80, None)


# ── rooms and examiners ────────────────────────────────────────────────────────────────────────────────────────────
def test_rooms_and_the_roster(hall: Hall) -> None:
    plan = hall.opened()
    start = hall.exam_day
    given = rooms.RoomGiven("theory", "一考场", 1, start, start + timedelta(hours=2))
    for wrong in ({"places": 0}, {"name": ""}, {"starts_at": hall.at}, {"ends_at": start}):
        with refused(rooms.ExamRoomWrong):
            hall.do(hall.clerk, rooms.add_exam_room, plan.id, replace(given, **wrong))
    room = hall.do(hall.clerk, rooms.add_exam_room, plan.id, given)
    with refused(rooms.ExamRoomTwice):
        hall.do(hall.clerk, rooms.add_exam_room, plan.id, given)
    with refused(rooms.SignUpStillOpen):
        hall.do(hall.clerk, rooms.close_roster, plan.id, hall.law)
    with refused(rooms.RosterEmpty):
        hall.do(hall.clerk, rooms.close_roster, plan.id, hall.law, at=hall.exam_day)
    hall.join_class(plan, hall.taught(2))
    with refused(rooms.RosterNotDecided):
        hall.do(hall.clerk, rooms.close_roster, plan.id, hall.law, at=hall.exam_day)
    hall.do(hall.clerk, candidates.admit_all, plan.id)
    with refused(rooms.SeatsShort):
        hall.do(hall.clerk, rooms.seat_candidates, plan.id)
    hall.do(hall.clerk, rooms.change_places, room.id, 2)
    hall.room(plan, "practice")
    with refused(rooms.NotSeated):
        hall.do(hall.clerk, rooms.close_roster, plan.id, hall.law, at=hall.exam_day)
    hall.do(hall.clerk, rooms.seat_candidates, plan.id)
    with refused(rooms.ExaminersShort):
        hall.do(hall.clerk, rooms.close_roster, plan.id, hall.law, at=hall.exam_day)
    with refused(NotFound):
        hall.do(hall.clerk, rooms.change_places, plan.id, 2)


def test_whoever_taught_does_not_examine(hall: Hall) -> None:
    plan, taught = hall.opened(), hall.taught(2)
    hall.join_class(plan, taught)
    room = hall.room(plan, "theory")

    def assign(examiner: Examiner, where=room):
        return hall.do(hall.clerk, examiners.assign_examiner, where.id, examiner.id)

    trainer, learner = hall.examiner(person=hall.trainer), hall.examiner(person=hall.learners[0])
    with refused(examiners.ExaminerTaughtThem):
        assign(trainer)
    with refused(examiners.ExaminerIsCandidate):
        assign(learner)
    colleague = hall.world.person("同事")
    type(hall.world.provider.teachers.get()).objects.create(
        person=colleague, body=hall.world.provider, full_time=True, from_on=date(2020, 1, 1), entered_by_name="t"
    )
    of_the_school = hall.examiner(person=colleague)
    with refused(examiners.ExaminerOfTheTrainer):
        assign(of_the_school)
    good, second = hall.examiner(), hall.room(plan, "theory", name="二考场")
    duty = assign(good)
    with refused(examiners.ExaminerBusy):
        assign(good, second)
    hall.do(hall.clerk, examiners.take_off_examiner, duty.id)
    with refused(NotFound):
        hall.do(hall.clerk, examiners.take_off_examiner, duty.id)
    hall.do(hall.clerk, examiners.end_examiner, good.id)
    with refused(examiners.ExaminerNotForThis):
        assign(good)


def test_candidates_whom_an_examiner_taught_do_not_join(hall: Hall) -> None:
    plan, taught = hall.opened(), hall.taught(1)
    room = hall.room(plan, "theory")
    hall.do(hall.clerk, examiners.assign_examiner, room.id, hall.examiner(person=hall.trainer).id)
    with refused(examiners.ExaminerTaughtThem):
        hall.join_class(plan, taught)


def test_an_employer_may_use_people_of_the_training_body_and_is_watched_by_sample() -> None:
    hall = Hall(letter="Y")
    plan, taught = hall.opened(), hall.taught(1)
    colleague = hall.world.person("同事")
    type(hall.world.provider.teachers.get()).objects.create(
        person=colleague, body=hall.world.provider, full_time=True, from_on=date(2020, 1, 1), entered_by_name="t"
    )
    hall.join_class(plan, taught)
    room = hall.room(plan, "theory", name="二考场")
    hall.do(hall.clerk, examiners.assign_examiner, room.id, hall.examiner(person=colleague).id)
    hall.staffed(plan)
    # The draw is by the plan's number, so that anybody can repeat it.
    number = next(f"Y042101-2026-{n}" for n in range(500) if drawn_by(f"Y042101-2026-{n}"))
    type(plan).objects.filter(pk=plan.pk).update(number=number)
    assert hall.do(hall.clerk, rooms.close_roster, plan.id, hall.law, at=hall.exam_day).external


def drawn_by(number: str) -> bool:
    return int(hashlib.sha256(number.encode()).hexdigest(), 16) % 100 < 20


def test_an_examiner_is_entered_by_the_card(hall: Hall) -> None:
    given = examiners.ExaminerGiven(row(800, "王考"), "K1", ((ELECTRICIAN, ""),), date(2026, 1, 1))
    for wrong in ({"card_number": " "}, {"subjects": ()}, {"until_on": date(2025, 1, 1)}):
        with refused(examiners.ExaminerNeedsCard):
            hall.do(hall.clerk, examiners.register_examiner, replace(given, **wrong))
    hall.do(hall.clerk, examiners.register_examiner, given)
    with refused(examiners.ExaminerTwice):
        hall.do(hall.clerk, examiners.register_examiner, given)
    with refused(examiners.ExaminerMisnamed):
        hall.do(hall.clerk, examiners.register_examiner, replace(given, person=row(800, "李考")))
    with refused(NotYourDuty):
        hall.do(hall.second, examiners.register_examiner, given)


# ── scores, supervision, publishing ────────────────────────────────────────────────────────────────────────────────
def test_scores_are_typed_by_two_and_a_third_looks(hall: Hall) -> None:
    plan = hall.rostered(learners=2)
    one, other = Candidate.objects.filter(plan=plan).order_by("id")
    with refused(scores.ExamNotYet):
        hall.do(hall.clerk, scores.enter_score, one.id, "theory", Decimal(80))
    for wrong in ("101", "-1", "80.55"):
        with refused(scores.ScoreOutOfRange):
            hall.score(hall.clerk, one.id, "theory", wrong)
    with refused(scores.PartNotTaken):
        hall.score(hall.clerk, one.id, "review", "80")
    hall.score(hall.clerk, one.id, "theory", "80")
    with refused(scores.EntryNeedsAnother):
        hall.score(hall.clerk, one.id, "theory", "80")
    assert hall.score(hall.second, one.id, "theory", "60").theory is None
    with refused(scores.ThirdLookNeedsNote):
        hall.score(hall.third, one.id, "theory", "60")
    assert hall.score(hall.third, one.id, "theory", "60", "对照原卷，第二题漏了").theory == 60
    with refused(scores.ScoreFixedAlready):
        hall.score(hall.supervisor, one.id, "theory", "60")
    with refused(scores.AbsentHasScores):
        hall.do(hall.clerk, scores.mark_absent, one.id)
    hall.do(hall.clerk, scores.mark_absent, other.id)
    assert hall.do(hall.clerk, scores.mark_absent, other.id, came=True).state == "admitted"
    hall.do(hall.clerk, scores.mark_absent, other.id)
    with refused(scores.ScoresMissing):
        hall.do(hall.clerk, scores.close_scores, plan.id, at=hall.exam_day)
    with refused(scores.ScoreNotClosed):
        hall.do(hall.clerk, scores.ask_score_change, one.id, "theory", Decimal(70), "漏计十分，见评分表")
    assert ScoreEntry.objects.filter(candidate=one).count() == 3


def test_a_locked_score_is_corrected_by_two_and_looked_over_again(hall: Hall) -> None:
    plan = hall.supervised(learners=1)
    one = Candidate.objects.get(plan=plan)

    def ask(becomes: str, reason: str = "漏计五分，见评分表", part: str = "practice"):
        return hall.do(hall.clerk, scores.ask_score_change, one.id, part, Decimal(becomes), reason)

    with refused(scores.ChangeNeedsReason):
        ask("75")
    with refused(scores.ChangeNeedsReason):
        ask("70", "错了")
    with refused(scores.ScoreOutOfRange):
        ask("170")
    with refused(scores.PartNotTaken):
        ask("70", part="review")
    change = ask("70")
    with refused(scores.ChangeAskedAlready):
        ask("71")
    with refused(scores.ChangeNeedsAnother):
        hall.do(hall.clerk, scores.decide_score_change, change.id, True)
    hall.do(hall.second, scores.decide_score_change, change.id, True)
    with refused(ChangedMeanwhile):
        hall.do(hall.second, scores.decide_score_change, change.id, False)
    plan.refresh_from_db()
    one.refresh_from_db()
    assert (plan.state, one.practice) == ("closed", 70)


def test_a_batch_is_looked_over_by_who_did_not_score_and_published_by_another(hall: Hall) -> None:
    plan = hall.closed(learners=1)
    one = Candidate.objects.get(plan=plan)

    def look(actor=hall.supervisor, name="督导丁", words=LOOKED):
        return hall.do(actor, results.record_supervision, plan.id, name, words, True, at=hall.exam_day)

    with refused(results.FindingsMissing):
        look(words="没问题")
    with refused(results.SupervisorScored):
        look(actor=hall.clerk)
    change = hall.do(hall.clerk, scores.ask_score_change, one.id, "theory", Decimal(70), "漏计五分，见评分表")
    with refused(results.ChangeStillOpen):
        look()
    hall.do(hall.clerk, scores.decide_score_change, change.id, False)
    type(plan).objects.filter(pk=plan.pk).update(external=True)
    with refused(results.ExternalFirst):
        look()
    with refused(NotYourDuty):
        hall.do(hall.world.staff["maker"], results.watch_plan, plan.id, LOOKED, True)
    with refused(results.FindingsMissing):
        hall.do(hall.training, results.watch_plan, plan.id, "好", True)
    hall.do(hall.training, results.watch_plan, plan.id, LOOKED, True)
    look()
    with refused(NotYourDuty):
        hall.do(hall.clerk, results.publish_results, plan.id)
    closer = replace(hall.clerk, duties=frozenset({"head"}))
    with refused(results.PublishingNeedsAnother):
        hall.do(closer, results.publish_results, plan.id)
    held = {"occupation": ELECTRICIAN, "level": "5", "assessor": hall.body, "listed": False}
    hall.world.certificate(one.person, **held)
    with refused(results.HoldsAlready):
        hall.do(hall.head, results.publish_results, plan.id)
