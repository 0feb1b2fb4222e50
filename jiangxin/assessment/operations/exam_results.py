"""Supervision and publishing: certificates of all who passed, numbered without a gap, in one transaction (C2, C3)."""

import hashlib
from datetime import datetime
from uuid import UUID

from jiangxin.assessment.exam_numbers import SORTS, certificate_number
from jiangxin.assessment.examining import ExamDuty, NumberSeries, ScoreChange, ScoreEntry, Supervision
from jiangxin.assessment.exams import PLAN_STATES, Candidate, ExamPlan
from jiangxin.assessment.operations.exam_plans import SeriesMissing, own_plan, take_numbers
from jiangxin.assessment.operations.listings import ListingRow, load_listing
from jiangxin.catalogue.models import SkillLevel
from jiangxin.ground.actor import Actor, machine, see_region, seeing
from jiangxin.ground.clock import day_of
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.staging import rows_of, run, stage
from jiangxin.ground.transitions import move_one
from jiangxin.parties.queries.persons import fold_name
from jiangxin.parties.register_files import Extract


class FindingsMissing(Refusal):
    sentence = "督导记录要写明督导员和看了什么。"
    remedy = "写清看了哪些考场和试卷、有什么问题，至少 10 个字。"


class SupervisorScored(Refusal):
    sentence = "录过这批成绩或当过考评员的人，不能督导同一批。"
    remedy = "请由没有参加这批考试的督导员办理。"


class ExternalFirst(Refusal):
    sentence = "这一批抽中了外部督导，县里还没有督导。"
    remedy = "请联系县里培训管理岗；县里督导后再办内部督导。"


class PublishingNeedsAnother(Refusal):
    sentence = "锁定成绩的人不能公布同一批。"
    remedy = "请由机构负责人公布。"


class ChangeStillOpen(Refusal):
    sentence = "还有 {count} 件成绩更正没有确认。"
    remedy = "请先确认或不同意。"


class HoldsAlready(Refusal):
    sentence = "{name}已有本机构同职业同等级的有效证书，不能再发。"
    remedy = "请先办旧证撤销，或联系县里。"


def record_supervision(
    actor: Actor, at: datetime, plan_id: UUID, supervisor: str, findings: str, agreed: bool
) -> Supervision:
    """内部质量督导 of a closed batch by who neither scored nor examined in it; agreed, it may be published."""
    plan = own_plan(actor, plan_id, "closed", duties=("clerk", "head"))
    if not supervisor.strip() or len(findings.strip()) < 10:
        raise FindingsMissing()
    scored = ScoreEntry.objects.filter(candidate__plan=plan, entered_by_id=actor.the_account).exists()
    examined = ExamDuty.objects.filter(plan=plan, taken_off_at=None, person__name=supervisor.strip()).exists()
    if scored or examined:
        raise SupervisorScored()
    if ScoreChange.objects.filter(candidate__plan=plan, state="asked").exists():
        raise ChangeStillOpen(count=ScoreChange.objects.filter(candidate__plan=plan, state="asked").count())
    if agreed and plan.external and not plan.supervisions.filter(external=True, agreed=True).exists():
        raise ExternalFirst()
    kept = _supervised(actor, at, plan, supervisor, findings, agreed, external=False)
    if agreed:
        move_one(plan, PLAN_STATES, "supervised", state_since=at)
    return kept


def may_watch(actor: Actor, plan: ExamPlan) -> bool:
    """Whether the actor watches this batch for the county: drawn, examined, and not yet published."""
    due = plan.external and plan.state in ("rostered", "closed")
    return due and actor.has("training") and plan.region_id in actor.regions


def watch_plan(actor: Actor, at: datetime, plan_id: UUID, findings: str, agreed: bool) -> Supervision:
    """外部督导 by the county of a batch that was drawn (P35)."""
    plan = ExamPlan.objects.select_for_update().filter(pk=plan_id, region_id__in=actor.regions).first()
    if plan is None:
        raise NotFound()
    if not may_watch(actor, plan):
        raise NotYourDuty()
    if len(findings.strip()) < 10:
        raise FindingsMissing()
    return _supervised(actor, at, plan, actor.name, findings, agreed, external=True)


def _supervised(
    actor: Actor, at: datetime, plan: ExamPlan, supervisor: str, findings: str, agreed: bool, *, external: bool
) -> Supervision:
    kept = Supervision.objects.create(
        plan=plan, region_id=plan.region_id, body_id=plan.body_id, external=external, agreed=agreed,
        findings=findings.strip(), supervisor=supervisor.strip()[:60], entered_by_id=actor.the_account, entered_at=at,
    )  # fmt: skip
    note(actor, at, "supervised_exam", plan, external=external, agreed=agreed)
    return kept


def may_publish(actor: Actor, plan: ExamPlan) -> bool:
    """Whether the actor publishes this plan: the head of the assessor, other than who closed the scores."""
    own = actor.body_id == plan.body_id and actor.has("head")
    return own and plan.state == "supervised" and actor.account_id != plan.closed_by_id


AT_THE_MARK = """c.state = 'sat'
       AND (s.theory = '' OR c.theory >= s.pass_mark) AND (s.practice = '' OR c.practice >= s.pass_mark)
       AND (s.review = '' OR c.review >= s.pass_mark)"""
DECIDE = f"""
UPDATE assessment_candidate c SET state_since = %(at)s, state = CASE WHEN {AT_THE_MARK} THEN 'passed' ELSE 'failed' END
  FROM assessment_exam_subject s WHERE s.id = c.subject_id AND c.plan_id = %(plan)s AND c.state IN ('sat', 'absent')
"""
# In order of subject, level and name, so that the numbers follow the list.
PASSED = """
SELECT c.id, c.name_then, s.title, s.level, c.person_id FROM assessment_candidate c
  JOIN assessment_exam_subject s ON s.id = c.subject_id
 WHERE c.plan_id = %(plan)s AND c.state = 'passed' ORDER BY s.subject, s.level, c.name_then, c.id
"""
HELD = f"""
SELECT c.name_then FROM assessment_candidate c JOIN assessment_exam_subject s ON s.id = c.subject_id
  JOIN assessment_certificate h ON h.person_id = c.person_id AND h.assessor_id = c.body_id AND h.revoked_on IS NULL
   AND h.edition = s.edition AND h.level = s.level
   AND s.subject IN (h.occupation, 'item:' || h.item, 'project:' || h.item)
 WHERE c.plan_id = %(plan)s AND {AT_THE_MARK} ORDER BY 1 LIMIT 1
"""
# What was taught comes from the class itself (P1): its body, place, first and last lesson, the hours counted for this
# person. Where nothing was recorded nothing is told.
ISSUE = """
INSERT INTO assessment_certificate (
    id, person_id, region_id, kind, number, name_then, edition, occupation, trade, item, title, level, issued_on,
    exam_on, theory_score, practice_score, review_score, assessor_id, provider_id, class_number, class_region_id,
    training_region_id, training_first_on, training_last_on, training_hours, training_edition, training_subject,
    training_title, received_at, late, candidate_id, revoked_reason)
SELECT r.certificate_id, c.person_id, p.region_id, p.kind, r.number, c.name_then, s.edition,
       CASE WHEN p.kind = 'skill_level' THEN s.subject ELSE '' END, '',
       CASE WHEN p.kind = 'skill_level' THEN '' ELSE substring(s.subject FROM ':(.*)$') END, s.title, s.level,
       %(today)s, p.exam_on, c.theory, c.practice, c.review, p.body_id, t.body_id, coalesce(t.number, ''), t.region_id,
       coalesce(m.region_id, t.region_id), coalesce(l.first_on, t.first_on), coalesce(l.last_on, t.last_on), a.hours,
       coalesce(t.edition, ''), coalesce(t.subject, ''), coalesce(t.title, ''), %(at)s, false, c.id, ''
  FROM issued r JOIN assessment_candidate c ON c.id = r.candidate_id
  JOIN assessment_exam_subject s ON s.id = c.subject_id JOIN assessment_exam_plan p ON p.id = c.plan_id
  LEFT JOIN training_enrolment e ON e.id = c.enrolment_id AND e.state IN ('completed', 'seated')
  LEFT JOIN training_training_class t ON t.id = e.class_id LEFT JOIN training_room m ON m.id = t.room_id
  LEFT JOIN LATERAL (SELECT min((starts_at AT TIME ZONE 'Asia/Shanghai')::date) AS first_on,
                            max((ends_at AT TIME ZONE 'Asia/Shanghai')::date) AS last_on
                       FROM training_lesson WHERE class_id = t.id) l ON true
  LEFT JOIN LATERAL (SELECT sum(counted)::int AS hours FROM training_attendance
                      WHERE enrolment_id = e.id AND active) a ON true
 ORDER BY r.place
"""


def publish_results(actor: Actor, at: datetime, plan_id: UUID) -> int:
    """Publish a supervised batch: who passed gets a certificate with its number; returns how many.

    The publisher is the head of the body and not who closed the scores. What follows from a certificate the main
    line finds by itself.
    """
    plan = own_plan(actor, plan_id, "supervised", duties=("head",))
    if actor.the_account == plan.closed_by_id:
        raise PublishingNeedsAnother()
    series = NumberSeries.objects.filter(body_id=plan.body_id).first()
    if series is None:
        raise SeriesMissing()
    # The rows of the region in which the certificates are issued, for the rest of this deed.
    see_region(actor, plan.region_id)
    about = {"plan": plan.pk, "at": at, "today": day_of(at)}
    classes = Candidate.objects.filter(plan=plan).exclude(training_class=None)
    with seeing(classes.values_list("training_class__region_id", flat=True).distinct()):
        if held := rows_of(HELD, about):
            raise HoldsAlready(name=held[0][0])
        run(DECIDE, about)
        listed = _issue(plan, series, about)
    move_one(plan, PLAN_STATES, "published", state_since=at, published_by_id=actor.the_account, published_at=at)
    _list(plan, at, listed)
    note(actor, at, "published_results", plan, certificates=len(listed))
    return len(listed)


def _issue(plan: ExamPlan, series: NumberSeries, about: dict[str, object]) -> list[ListingRow]:
    """Number and write the certificates of who passed; as the platform's own register shows them."""
    passed, year, on = rows_of(PASSED, about), about["today"].year, about["today"]  # type: ignore[attr-defined]
    if not passed:
        return []
    sort = SORTS.get(plan.kind, series.letter)
    first = take_numbers(series, sort, year, len(passed))
    digits = dict(SkillLevel.objects.values_list("code", "public_digit"))
    numbered = [
        (place, key, new_id(), certificate_number(sort, series.serial, year, digits.get(level) or "", first + place))
        for place, (key, _, _, level, _) in enumerate(passed)
    ]
    stage("issued", "place int, candidate_id uuid, certificate_id uuid, number text", numbered)
    run(ISSUE, about)
    return [
        ListingRow(number, fold_name(name), title, level, on)  # type: ignore[arg-type]
        for (_, name, title, level, _), (_, _, _, number) in zip(passed, numbered, strict=True)
    ]


def _list(plan: ExamPlan, at: datetime, rows: list[ListingRow]) -> None:
    """What was examined here is answered by this platform's own register, not by the assessor (P11, decision 10)."""
    if not rows:
        return
    print_of = hashlib.sha256("|".join([str(plan.pk), *(row.number for row in rows)]).encode()).hexdigest()
    today = day_of(at)
    extract = Extract("listing", plan.region_id, today, today, today, f"平台考务 {plan.number}", print_of)
    load_listing(machine("平台考务"), at, extract, list(enumerate(rows, 1)))
