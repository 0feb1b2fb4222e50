"""What two records cannot both hold once they are one person: a seat, a lesson, an exam, a post (S2, S3, P35)."""

from uuid import UUID

from jiangxin.ground.refusal import Refusal
from jiangxin.ground.staging import rows_of


class SameClassTwice(Refusal):
    sentence = "两条记录在同一个班里各有一个座位，不能合并。"
    remedy = "请机构先让其中一个退班，再合并。"


class LearnsInTwoPlaces(Refusal):
    sentence = "两条记录在同一时间上两个班的课，不能合并。"
    remedy = "请先查清是不是同一个人；是的，先退出其中一个班。"


class TeachesInTwoPlaces(Refusal):
    sentence = "两条记录在同一家机构任教，或在同一时间上两处的课，不能合并。"
    remedy = "请机构先停用其中一个教师登记、调整课表，再合并。"


class SameExamTwice(Refusal):
    sentence = "两条记录在同一场考试报了同一个职业，不能合并。"
    remedy = "请评价机构先取消其中一个考生，再合并。"


class ExaminesInTwoPlaces(Refusal):
    sentence = "两条记录在同一家机构任考评员，或在同一时间有两场考评，不能合并。"
    remedy = "请评价机构先停用其中一个考评员登记，再合并。"


MEETINGS: tuple[tuple[type[Refusal], str], ...] = (
    (
        SameClassTwice,
        "SELECT 1 FROM training_enrolment a JOIN training_enrolment b ON b.class_id = a.class_id"
        " WHERE a.person_id = %(kept)s AND b.person_id = %(gone)s AND a.state NOT IN ('left', 'lapsed')"
        " AND b.state NOT IN ('left', 'lapsed')",
    ),
    (
        LearnsInTwoPlaces,
        "SELECT 1 FROM training_attendance a JOIN training_attendance b"
        " ON tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)"
        " WHERE a.person_id = %(kept)s AND b.person_id = %(gone)s AND a.active AND b.active"
        " AND NOT a.online AND NOT b.online",
    ),
    (
        TeachesInTwoPlaces,
        "SELECT 1 FROM training_teacher a JOIN training_teacher b ON b.body_id = a.body_id"
        " WHERE a.person_id = %(kept)s AND b.person_id = %(gone)s AND a.until_on IS NULL AND b.until_on IS NULL"
        " UNION ALL SELECT 1 FROM training_lesson a JOIN training_lesson b"
        " ON tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)"
        " WHERE a.teacher_person_id = %(kept)s AND b.teacher_person_id = %(gone)s AND a.fixed AND b.fixed"
        " AND a.kind <> 'online' AND b.kind <> 'online'",
    ),
    (
        SameExamTwice,
        "SELECT 1 FROM assessment_candidate a JOIN assessment_candidate b ON b.subject_id = a.subject_id"
        " WHERE a.person_id = %(kept)s AND b.person_id = %(gone)s"
        " AND a.state NOT IN ('refused', 'withdrawn') AND b.state NOT IN ('refused', 'withdrawn')",
    ),
    (
        ExaminesInTwoPlaces,
        "SELECT 1 FROM assessment_examiner a JOIN assessment_examiner b ON b.body_id = a.body_id"
        " WHERE a.person_id = %(kept)s AND b.person_id = %(gone)s AND a.until_on IS NULL AND b.until_on IS NULL"
        " UNION ALL SELECT 1 FROM assessment_exam_duty a JOIN assessment_exam_duty b"
        " ON tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)"
        " WHERE a.person_id = %(kept)s AND b.person_id = %(gone)s",
    ),
)


def refuse_meetings(kept_id: UUID, gone_id: UUID) -> None:
    """Raise the first of these that the two records would do as one person."""
    asked = {"kept": kept_id, "gone": gone_id}
    for refusal, sql in MEETINGS:
        if rows_of(f"{sql} LIMIT 1", asked):
            raise refusal()
