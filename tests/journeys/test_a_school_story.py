"""A school from its licence to its first learner's money, clicked by all who take part (7.1, 9.1, 13.3, 16.3, P36).

The tests are chapters of one story, in this order. Nobody clicks days away, nor an examination hall: the world's own
deeds do these.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import transaction

from jiangxin.catalogue.operations import load_occupations
from jiangxin.parties.models import Organisation
from jiangxin.subsidy.law import current_law
from jiangxin.training.evidence import Attendance
from jiangxin.training.models import Lesson, Teacher, TrainingClass
from jiangxin.training.operations.attendance import Shown, sign
from jiangxin.training.presence import code_at, seed_of
from tests.assessment.exam_hall import Hall
from tests.factories.school import clerk_of
from tests.factories.steps import after
from tests.factories.whole import whole
from tests.factories.world import World, number_of
from tests.journeys.people import Person as Visitor
from tests.journeys.people import Street
from tests.journeys.site import at_work, open_accounts, stands_at
from tests.training import vouchers

pytestmark = pytest.mark.role("web")
SCHOOL = "东方培训学校"
FIRST_ON = date(2026, 3, 30)
CLASS = "电工 五级（初级工）"
STEP = 1_000_000


@dataclass
class Story:
    """The world of the story, and the learners' names: two on seats, the third waits."""

    world: World
    school: Organisation
    names: tuple[str, ...] = ("王小燕", "李志强", "周美玲")

    def lesson(self, number: int) -> Lesson:
        with whole():
            return Lesson.objects.filter(training_class__body=self.school).order_by("starts_at")[number - 1]


@pytest.fixture(scope="module")
def story(clone: str) -> Story:
    """A county with money, a school that holds nothing yet, and three unemployed."""
    with transaction.atomic():
        world = World()
        load_occupations()
        world.pool()
        school = Organisation.objects.create(
            name=SCHOOL, credit_code="91330421MA00000005", region_id=world.region, opened_on=date(2024, 1, 1)
        )
        made = Story(world, school)
        for name in made.names:
            world.spell(world.person(name), "unemployed", world.region)
    body, office = {"body": school}, {"office": world.office}
    open_accounts(
        ("school-head", "head", body),
        ("school-clerk", "school", body),
        ("county-training", "training", office),
        ("county-leader", "leader", office),
    )
    return made


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A paper to hand in."""
    file = tmp_path_factory.mktemp("papers") / "材料.pdf"
    file.write_bytes(b"%PDF-1.4 paper")
    return file


def apply(clerk: Visitor, title: str, answers: dict[str, str], papers: dict[str, Path], choice: str = "") -> None:
    """The clerk begins an application, fills it in and hands in the papers."""
    clerk.open("/provider/titles/").press(title).sees("还缺")
    for label, value in answers.items():
        clerk.fill(label, value)
    if choice:
        clerk.pick("办学性质", choice)
    clerk.press("保存").sees("已保存")
    for label, file in papers.items():
        form = clerk.main.locator("form").filter(has=clerk.page.get_by_label(label))
        form.locator("input[type=file]").set_input_files(file)
        clerk.press("上传", form).sees("材料已上传")
    clerk.sees("填齐了。请机构负责人用自己的账号")


def sign_as_head(head: Visitor, title: str) -> Visitor:
    """The head ticks each line of the promise and signs."""
    head.open("/provider/titles/").press(title, head.main.locator("table")).sees("逐条承诺并签署")
    lines = head.main.locator("label.jx-check input")
    assert lines.count() > 2
    for line in lines.all():
        line.check()
    return head.press(re.compile("^我是负责人，签署"))


def test_licensed_by_promise_on_the_spot(story: Story, lane: Street, papers: Path) -> None:
    title = "民办职业培训学校办学许可"
    answers = {
        "办学地址": "嘉善大道1号", "校长姓名": "钱校长", "可同时培训人数": "240", "集中的理论教学面积": "300",
        "场地租期": "3", "办学投入": "500000", "固定资产": "300000", "注册资金": "200000", "教师人数": "8",
        "其中专职教师人数": "2", "拟开设的培训职业": "6-31-01-03\n4-10-01-05",
    }  # fmt: skip
    files = ("学校章程", "场地的产权或租赁证明", "校长的学历、职称材料")
    apply(lane.person("school-clerk"), title, answers, dict.fromkeys(files, papers))
    sign_as_head(lane.person("school-head"), title).sees("已签署，当场认定", "已认定")
    lane.person("school-head").open("/provider/titles/").sees("办学许可", "有效")


def test_enters_the_directory_by_review(story: Story, lane: Street, papers: Path) -> None:
    title = "进入职业技能培训机构目录"
    answers = {
        "培训地址": "嘉善大道1号", "对外联系电话": "0573-84000000", "可同时培训人数": "240", "教师人数": "8",
        "其中专职教师人数": "2", "可开展的培训项目": "6-31-01-03",
    }  # fmt: skip
    files = ("办学许可证或法人登记证书", "教师名册和资格材料", "教学计划")
    apply(lane.person("school-clerk"), title, answers, dict.fromkeys(files, papers), "民办培训机构")
    sign_as_head(lane.person("school-head"), title).sees("已签署提交，等受理")
    county = lane.person("county-training").open("/desk/applications/").press(SCHOOL).press("受理").sees("已受理")
    county.sees("民办培训机构", "电工，各级", "教学计划：材料.pdf")
    county.fill("审核意见", "材料齐全，条件符合，实地看过。").press("提出").sees("等领导决定")
    leader = lane.person("county-leader").open("/desk/applications/?state=proposed").press(SCHOOL)
    leader.press("同意，就这样决定").sees("已决定")
    stands_at(story.world, after(story.world.at, 6))
    lane.person("").open("/providers/").press(SCHOOL).sees("电工")


def test_a_class_is_applied_for_and_opened(story: Story, lane: Street) -> None:
    clerk, county = lane.person("school-clerk"), lane.person("county-training")
    clerk.open("/provider/rooms/").fill("教室名称", "201 教室").fill("地址", "嘉善大道1号")
    clerk.fill("能坐多少人", "30").press("登记").sees("教室已登记")
    clerk.open("/provider/teachers/").fill("姓名", "孙老师").fill("证件号码", number_of(900)).choose("电工")
    clerk.fill("依据的证书", "高级技师证书 2 号").press("登记").sees("教师已登记", "有的还没有核对")
    clerk.open("/provider/classes/").press("申请开班").pick("学什么", "电工").pick("等级", "五级（初级工）")
    clerk.fill("计划人数", "2").pick("培训形式", "脱产").pick("主要教室", "201 教室（30 座）")
    clerk.fill("教材和数字资源", "电工教材").fill("考核方案", "理论和实操").press("保存").sees("接着排课", "还没有排课")
    for half, begins, so_far in (("上午", "09:00", "5 次课，20 课时"), ("下午", "14:00", "10 次课，40 课时")):
        clerk.fill("从哪天", FIRST_ON.isoformat()).fill("到哪天", (FIRST_ON + timedelta(days=4)).isoformat())
        clerk.fill("几点开始", begins).pick("内容", "实操").fill("课题", half)
        clerk.pick("教室", "201 教室").pick("教师", "孙老师").press("加进课表").sees("加了 5 次课", so_far)
    clerk.press("提交审核").sees("已提交，等县里审核")
    county.open("/desk/openings/").press(re.compile("^电工")).sees("教师有资格、有空")
    county.choose("电工").press("看过证书，勾选的属实").sees("已核对")
    county.choose("同意开班").press("提交答复").sees("同意开班")
    clerk.open("/provider/classes/").press(CLASS).sees("课表文件")


def test_a_voucher_the_last_seat_and_the_next_one_waits(story: Story, lane: Street) -> None:
    with at_work(story.world) as world:
        vouchers.issued(world, name="春季失业人员券")
    first, second, third = (lane.citizen(name) for name in story.names)
    first.open("/me/").sees("发给您的培训券").press(re.compile("^春季失业人员券")).sees(
        "电工", "嘉善县的培训机构", "只用来签到"
    )
    for learner, left in ((first, "还有 2 座"), (second, "还有 1 座")):
        learner.open("/me/classes/").sees(left).press(re.compile(f"^{CLASS}")).sees("报名不占次数", "会用上您的")
        learner.press("报名").sees("报上了，座位是您的")
    third.open("/me/classes/").sees("可候补").press(re.compile(f"^{CLASS}")).sees("满了，可以候补")
    third.press("排队候补").sees("候补第 1 位")
    clerk = lane.person("school-clerk").open("/provider/classes/").press(CLASS).sees("2/2 人", *story.names)
    assert clerk.counts(r"学员\s+(\d+) 人") == [3]


def digits_of(learner: Visitor) -> str:
    """The eight digits that the learner's phone shows now."""
    learner.open("/me/code")
    return learner.main.locator("[data-digits]").inner_text().replace(" ", "")


@contextmanager
def without_network(visitor: Visitor) -> Iterator[None]:
    """The device is cut off for a while; that it cannot ask for the rows meanwhile is no fault of the page."""
    visitor.page.context.set_offline(True)
    yield
    visitor.page.context.set_offline(False)
    visitor.sees("断网时的")
    visitor.said[:] = [said for said in visitor.said if "ERR_INTERNET_DISCONNECTED" not in said]


def test_lessons_are_signed_by_code_and_one_without_network(story: Story, lane: Street) -> None:
    with whole():
        person = Teacher.objects.get(body=story.school).person
    open_accounts(("teacher-sun", "teacher", {"body": story.school, "person": person}))
    first, second, teacher = (*(lane.citizen(name) for name in story.names[:2]), lane.person("teacher-sun"))
    lesson = story.lesson(1)
    stands_at(story.world, lesson.starts_at)
    teacher.open("/provider/lessons/").press("上午 1").press("我到了，签到").sees("您已签到")
    for learner, name in ((first, story.names[0]), (second, story.names[1])):
        teacher.fill("签到码", digits_of(learner)).press("记下").sees(f"{name} 签到：记下了")
    teacher.sees("在场 2 人，未到 0 人")
    stands_at(story.world, lesson.ends_at)
    for learner, name in ((first, story.names[0]), (second, story.names[1])):
        teacher.choose("签退").fill("签到码", digits_of(learner)).press("记下").sees(f"{name} 签退：计 4 课时")
    lesson = story.lesson(2)
    stands_at(story.world, lesson.starts_at)
    teacher.open("/provider/lessons/").press("下午 1")
    digits = digits_of(first)
    with without_network(teacher):
        teacher.fill("签到码", digits).main.get_by_role("button", name="记下").click()
        teacher.sees("没有网络，先记在这台设备上（1 条）")
    teacher.sees(f"断网时的 1 条已上传：{story.names[0]}签到，记下了", "在场 1 人，未到 1 人")
    stands_at(story.world, lesson.ends_at)
    teacher.choose("签退").fill("签到码", digits_of(first)).press("记下").sees("计 4 课时")


def test_who_was_there_without_a_scan_pleads(story: Story, lane: Street) -> None:
    learner, clerk = lane.citizen(story.names[1]), lane.person("school-clerk")
    stands_at(story.world, story.lesson(2).ends_at + timedelta(hours=2))
    learner.open("/me/classes/mine").press(re.compile("^电工")).sees("没扫上？").press(re.compile("^下午 1"))
    learner.choose("手机没电或没网").fill("怎么回事", "手机没电了，同桌王小燕可以作证").press("提交，请机构核实")
    learner.sees("已提交，等培训机构核实")
    clerk.open("/provider/exceptions/").sees("同桌王小燕可以作证").pick("核实结果", "确实在场，提出补记")
    clerk.fill("查到的情况", "教师证实全程在场").press("提交核实结果").sees("已核实：", "没有等着核实的补记")
    learner.open("/me/classes/mine").press(re.compile("^电工")).sees("计了 8/40 课时", "还没上")


def sign_the_rest(story: Story) -> TrainingClass:
    """The other lessons, signed in and out by the teacher's device as the first ones were."""
    with at_work(story.world) as world:
        teacher = clerk_of(world, story.school, "teacher", person=Teacher.objects.get(body=story.school).person)
        left = Attendance.objects.filter(lesson__training_class__body=story.school, state="expected", active=True)
        for one in left.select_related("lesson").order_by("starts_at"):
            code = code_at(seed_of(one.enrolment_id), one.lesson_id, one.lesson.room_id, STEP)
            for direction, when in (("in", one.starts_at), ("out", one.ends_at)):
                sign(teacher, when, one.lesson_id, Shown(code, direction, "", STEP), current_law())
    stands_at(story.world, story.lesson(10).ends_at + timedelta(hours=2))
    with whole():
        return TrainingClass.objects.get(body=story.school)


class OfOurClass(Hall):
    """The exam hall, in which the story's class sits."""

    found: TrainingClass

    def taught(self, learners: int = 2, **more: str) -> TrainingClass:  # type: ignore[override]
        """The class of the story."""
        return self.found


def test_the_class_ends_and_its_learner_reads_the_money(story: Story, lane: Street) -> None:
    found = sign_the_rest(story)
    clerk, learner = lane.person("school-clerk"), lane.citizen(story.names[0])
    clerk.open("/provider/classes/").press(CLASS).sees("补记 4").confirm("办理结业", "结业").sees("已结业")
    learner.open("/me/classes/mine").sees("已结业")
    with at_work(story.world) as world:
        hall = OfOurClass(world)
        hall.found = found
        found.refresh_from_db()
        hall.published(2)
    stands_at(story.world, story.world.at + timedelta(days=11))
    learner.open("/me/").sees("要您办", "元等您确认")
    learner.open("/me/certificates").sees("电工")
    learner.open("/me/money").sees("等您确认收款", "电工 · 五级", "2026年还能领 2 次（共 3 次）")
