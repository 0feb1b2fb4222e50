"""An examination through the pages: from a new plan to the worker's result, with what each reader sees on the way."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from jiangxin.assessment.candidate_sheet import CANDIDATE_COLUMNS, NOTES
from jiangxin.assessment.exams import Candidate, ExamPlan
from jiangxin.assessment.models import Certificate
from jiangxin.ground.actor import acting, machine
from jiangxin.ground.clock import Clock
from jiangxin.ground.sheets import write_workbook
from jiangxin.mainline import run_until_idle
from jiangxin.parties.models import Person
from jiangxin.parties.operations.accounts import DEMO_PASSWORD, grant_duty, open_account
from jiangxin.subsidy.models import SubsidyLine
from tests.assessment.exam_hall import Hall
from tests.factories.whole import whole
from tests.factories.world import number_of
from tests.web.people import as_worker, credentials
from tests.web.village import enter

pytestmark = pytest.mark.role("web")
PEOPLE = {"exam-clerk": "clerk", "exam-second": "examiner", "exam-watch": "clerk", "exam-head": "head"}


@pytest.fixture(scope="module")
def hall(clone: str) -> Hall:
    with transaction.atomic():
        hall = Hall()
        hall.world.pool()
        hall.class_ = hall.taught(2)  # type: ignore[attr-defined]
        hall.staffed_by = [hall.examiner() for _ in range(3)]  # type: ignore[attr-defined]
    actor = machine()
    with acting(actor) as at:
        for name, duty in PEOPLE.items():
            made = open_account(
                actor, at, kind="clerk", username=name, name=name, password=DEMO_PASSWORD, body=hall.body, demo=True
            )
            grant_duty(actor, at, made, duty)
        desk = open_account(
            actor, at, kind="staff", username="exam-desk", name="培训岗", password=DEMO_PASSWORD,
            office=hall.world.office, demo=True,
        )  # fmt: skip
        grant_duty(actor, at, desk, "training")
    return hall


def signed_in(name: str) -> Client:
    browser = Client()
    assert browser.post("/sign-in", credentials(name)).status_code == 302
    return browser


def told(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def done(browser: Client, address: str, **given: Any) -> str:
    """Post and follow; what the next page says."""
    answer = browser.post(address, given, follow=True)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def the_plan() -> ExamPlan:
    with whole():
        return ExamPlan.objects.get(name="第一批")


def test_an_examination_from_plan_to_result(hall: Hall) -> None:
    clerk, desk = signed_in("exam-clerk"), signed_in("exam-desk")
    assert "还没有评价计划" in told(clerk, "/provider/exams/")
    given = {"name": "第一批", "kind": "skill_level", "site": "三楼", "exam_on": hall.exam_day.date().isoformat()}
    late = done(clerk, "/provider/exams/new/", **given, sign_up_until="2027-01-01")
    assert "考试不能早于报名截止" in late
    assert 'value="第一批"' in late
    until = (hall.at + timedelta(days=5)).date().isoformat()
    assert "先加职业等级" in done(clerk, "/provider/exams/new/", **given, sign_up_until=until)
    plan = the_plan()
    here = f"/provider/exams/{plan.pk}/"
    subject = {
        "code": "6-31-01-03", "level": "5", "theory": "computer", "practice": "scene", "review": "",
        "theory_minutes": 90, "practice_minutes": 60, "review_minutes": 30,
    }  # fmt: skip
    assert "少于 90 分钟" in done(clerk, f"{here}subjects/", **(subject | {"theory_minutes": 60}))
    assert "电工" in done(clerk, f"{here}subjects/", **subject)
    assert "已报县里备案" in done(clerk, f"{here}file/")

    assert "1 个评价计划等着备案" in told(desk, "/desk/exams/")
    assert "退回要写明原因" in done(desk, f"/desk/exams/{plan.pk}/", deed="return", words="")
    assert "已备案" in done(desk, f"/desk/exams/{plan.pk}/", deed="agree", words="")

    candidates_to_seats(hall, clerk, here)
    Clock.objects.update(demo_at=hall.exam_day)
    assert "名单已定" in done(clerk, f"{here}roster/")
    browser = enter(hall.learners[0])
    assert "看准考证" in told(browser, "/me/exams")
    with whole():
        own = Candidate.objects.get(person=hall.learners[0])
    slip = told(browser, f"/me/exams/{own.pk}/slip")
    assert "准考证" in slip
    assert "一考场" in slip
    assert Client().get(f"/me/exams/{own.pk}/slip").status_code == 302
    scores_to_certificates(hall, clerk, here)
    said = told(browser, "/me/exams")
    assert "S000033042101265" in said
    assert "80 分" in said
    assert browser.get(f"/me/exams/{own.pk}/slip").status_code == 404
    with as_worker():
        run_until_idle()
    with whole():
        lines = SubsidyLine.objects.filter(certificate__candidate__isnull=False, scheme="certificate_subsidy")
        assert [line.state for line in lines] == ["to_confirm"] * 2


def candidates_to_seats(hall: Hall, clerk: Client, here: str) -> None:
    with whole():
        only = ExamPlan.objects.get(name="第一批").subjects.get()
    assert "JS2026-00，2 人" in told(clerk, f"{here}candidates/")
    said = done(clerk, f"{here}candidates/class/", subject=only.pk, **{"class": hall.class_.pk})  # type: ignore[attr-defined]
    assert "已报名 2 人" in said
    assert "已报名 2 人" not in done(clerk, f"{here}candidates/class/", subject=only.pk, **{"class": hall.class_.pk})  # type: ignore[attr-defined]
    person = {"document_kind": "resident", "name": "李某", "source": "society", "subject": only.pk}
    wrong = done(clerk, f"{here}candidates/", number="330499199005010016", **person)
    assert "李某" in wrong
    assert "还没有提交" in wrong
    assert "准考 2 人" in done(clerk, f"{here}candidates/admit/")
    with whole():
        one = Candidate.objects.get(person=hall.learners[0])
    assert "参加本职业培训并结业" in told(clerk, f"/provider/exams/candidates/{one.pk}/")
    for part, start, end in (("theory", "09:00", "11:00"), ("practice", "13:00", "17:00")):
        room = {"part": part, "name": "一考场", "places": 30, "starts": start, "ends": end}
        assert "一考场" in done(clerk, f"{here}rooms/", **room)
    assert "为 2 名考生排座" in done(clerk, f"{here}seats/")
    with whole():
        rooms = list(ExamPlan.objects.get(name="第一批").rooms.all())
    assert "还缺 2 名考评员" in told(clerk, f"{here}rooms/")
    for room in rooms:
        for examiner in hall.staffed_by:  # type: ignore[attr-defined]
            done(clerk, f"{here}rooms/{room.pk}/examiner/", examiner=examiner.pk)
    assert "考评员够" in told(clerk, f"{here}rooms/")


def test_a_sheet_signs_up_everybody_or_nobody(hall: Hall) -> None:
    with transaction.atomic():
        hall.world.see_all()
        later = hall.exam_day.date() + timedelta(days=20)
        plan = hall.opened(name="第三批", sign_up_until=later, exam_on=later)
    clerk, here = signed_in("exam-clerk"), f"/provider/exams/{plan.pk}/"
    assert clerk.get("/provider/exams/sheet-template/")["Content-Type"].endswith("sheet")

    def send(*rows: list[object]) -> str:
        data = write_workbook("考生报名表", NOTES, "考生", CANDIDATE_COLUMNS, rows)
        file = SimpleUploadedFile("报名.xlsx", data)
        return done(clerk, f"{here}sheet/", subject=hall.only.pk, file=file)

    def row(n: int, name: str, times: str = "") -> list[object]:
        return [name, "居民身份证", number_of(n), None, None, None, None, "企业", 3, times or None]

    said = send(row(450, "甲考"), row(450, "甲考"), row(451, "乙考", "补考"))
    assert "和第 2 行是同一个人" in said
    assert "没有考过，不能补考" in said
    assert "还没有考生" in told(clerk, f"{here}candidates/")
    assert "已报名 2 人" in send(row(450, "甲考"), row(451, "乙考"))
    again = send(row(450, "丙考"), row(451, "乙考"))
    assert "姓名和这个证件登记的不一致" in again
    assert "这个人已经报了这一项" in again
    assert number_of(450) not in again
    assert clerk.get(f"{here}roster.xlsx").status_code == 200


def scores_to_certificates(hall: Hall, clerk: Client, here: str) -> None:
    second, watch, head = (signed_in(name) for name in ("exam-second", "exam-watch", "exam-head"))
    with whole():
        sitting = list(Candidate.objects.filter(state="admitted").order_by("name_then"))
    assert "成绩要填数字" in done(clerk, f"{here}scores/", part="theory", **{f"score-{sitting[0].pk}": "八十"})
    for part, score in (("theory", "80"), ("practice", "75")):
        typed = {f"score-{one.pk}": score for one in sitting}
        assert "已录 2 个成绩" in done(clerk, f"{here}scores/", part=part, **typed)
        assert "您已录，等另一人" in told(clerk, f"{here}scores/?part={part}")
        assert f">{score}" not in told(second, f"{here}scores/?part={part}")
        done(second, f"{here}scores/", part=part, **typed)
    assert "还差 0 个成绩" in told(clerk, f"{here}scores/")
    assert "成绩已锁定" in done(clerk, f"{here}scores/close/")
    change = done(
        clerk,
        f"/provider/exams/candidates/{sitting[1].pk}/change/",
        part="practice",
        becomes="76",
        reason="漏计一分，见评分表",
    )
    assert "等另一位确认" in change
    with whole():
        asked = sitting[1].changes.get()
    assert "成绩已更正" in done(second, f"{here}changes/{asked.pk}/", agree="yes")
    seen = {"supervisor": "督导丁", "findings": "看了两个考场和全部试卷，没有问题。", "agreed": "yes"}
    assert "不能督导同一批" in done(clerk, f"{here}results/", **seen)
    assert "督导记录已保存" in done(watch, f"{here}results/", **seen)
    assert head.get("/provider/")["Location"] == "/provider/titles/"
    assert clerk.post(f"{here}publish/").status_code == 403
    assert "生成 2 张证书" in done(head, f"{here}publish/")
    with whole():
        assert Certificate.objects.filter(candidate__in=sitting).count() == 2


def test_another_body_sees_nothing_and_no_page_breaks_for_it(hall: Hall) -> None:
    with transaction.atomic():
        hall.world.see_all()
        other = hall.world.body("别的中心", "91330421MA00000077", "assessor")
    actor = machine()
    with acting(actor) as at:
        made = open_account(
            actor, at, kind="clerk", username="exam-other", name="外人", password=DEMO_PASSWORD, body=other, demo=True
        )
        grant_duty(actor, at, made, "clerk")
    with transaction.atomic():
        hall.world.see_all()
        plan = hall.draft(name="第二批")
    browser = signed_in("exam-other")
    for address in ("", "candidates/", "rooms/", "scores/", "results/"):
        assert browser.get(f"/provider/exams/{plan.pk}/{address}").status_code == 404
    assert "还没有评价计划" in told(browser, "/provider/exams/")
    assert "还没有考评员" in told(browser, "/provider/examiners/")
    given = {"name": "王考", "card_number": "K1", "subjects": "6-31-01-03", "from_on": "2026-01-01", "level": ""}
    assert "已登记为考评员" in done(browser, "/provider/examiners/", number=number_of(400, date(1980, 1, 1)), **given)
    assert "王考" in told(browser, "/provider/examiners/")


def test_the_desk_gives_an_assessor_its_digits(hall: Hall) -> None:
    with transaction.atomic():
        hall.world.see_all()
        body = hall.world.body("无号中心", "91330421MA00000078", "assessor")
    desk = signed_in("exam-desk")
    assert "无号中心" in told(desk, "/desk/exams/")
    assert "已给了别的机构" in done(desk, "/desk/exams/", body=body.pk, letter="S", serial="042101")
    assert "S000033042199" in done(desk, "/desk/exams/", body=body.pk, letter="S", serial="042199")


def test_who_has_no_exam_reads_what_to_do(hall: Hall) -> None:
    with transaction.atomic():
        hall.world.see_all()
        person: Person = hall.world.person()
    assert "还没有考试" in told(enter(person), "/me/exams")
    assert "我的考试" in told(enter(person), "/me/certificates")
