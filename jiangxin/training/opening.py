"""Whether a class may be opened as applied for: every condition answered, whoever asks (facts 3.1, 3.3).

Pure: what is known comes in, answers go out. A number nobody filed leaves its condition to the county.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from jiangxin.rules.parameters import Entry

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class PlannedLesson:
    """One stretch of a plan; `teacher` and `room` are names, with what is wrong about each ("" when nothing).

    `unconfirmed`: what the teacher may teach was said by the provider, and the county has not looked at the papers.
    """

    kind: str
    topic: str
    starts_at: datetime
    ends_at: datetime
    hours: int
    room: str
    room_seats: int
    room_trouble: str
    teacher: str
    teacher_trouble: str
    unconfirmed: bool = False


@dataclass(frozen=True)
class Applied:
    """A class as applied for: its plan, its people, what the provider holds; `numbers` are the law's, by name.

    `hours_least`: the hours that its project's standard, the training before the job or its level asks for.
    `listed`: whether its item or project stands in the catalogue on the first day (10.2).
    """

    capacity: int
    level: str
    first_on: date | None
    earliest_on: date
    provider_titled: bool | None
    lessons: Sequence[PlannedLesson]
    materials: str
    examination: str
    roster: bool
    enrolled: int
    numbers: dict[str, Entry] = field(default_factory=dict)
    pays: str = "person"
    fee_fen: int = 0
    hours_least: int | None = None
    published: bool = False
    listed: bool = True

    def number(self, name: str) -> int | None:
        """The value of a number of the law, or None where none is filed."""
        entry = self.numbers.get(name)
        if entry is None or not entry.known:
            return None
        return int(entry.value)


@dataclass(frozen=True)
class Check:
    """One condition: yes, no, or None where nobody filed the number and the county judges; `said`: what was found."""

    code: str
    title: str
    met: bool | None
    said: str


def check_opening(applied: Applied) -> list[Check]:
    """Every condition of an opening, in the order in which a clerk can mend it."""
    return [
        _titled(applied), _planned(applied), _hours(applied), _lesson_length(applied), _per_day(applied),
        _online(applied), _capacity(applied), _rooms(applied), _teachers(applied), _papers(applied), _lead(applied),
        *_body_paid(applied),
    ]  # fmt: skip


def _titled(a: Applied) -> Check:
    if not a.listed:
        return Check("titled", "机构在培训目录，项目在范围内", False, "开课那天这个项目已停用，或还没开始执行")
    said = {True: "在目录内，可以办这个项目", False: "目录里没有这个职业或等级", None: "目录没有覆盖，由县里核对"}
    return Check("titled", "机构在培训目录，项目在范围内", a.provider_titled, said[a.provider_titled])


def _planned(a: Applied) -> Check:
    said = f"排了 {len(a.lessons)} 次课" if a.lessons else "还没有排课"
    return Check("planned", "有教学计划", bool(a.lessons), said)


def _hours(a: Applied) -> Check:
    least, have = a.hours_least, sum(lesson.hours for lesson in a.lessons)
    if least is None:
        return Check("hours", "课时够", None, f"共 {have} 课时；本地没有登记下限，由县里核对")
    return Check("hours", "课时够", have >= least, f"共 {have} 课时，至少 {least}")


def _lesson_length(a: Applied) -> Check:
    minutes = a.number("lesson_minutes")
    if minutes is None:
        return Check("length", "一课时够长", None, "没有登记一课时多长，由县里核对")
    short = [x for x in a.lessons if x.kind != "online" and x.ends_at - x.starts_at < minutes * x.hours * MINUTE]
    said = (
        f"{short[0].topic}（{short[0].starts_at:%m-%d %H:%M}）时间不够 {short[0].hours} 课时"
        if short
        else f"每课时 {minutes} 分钟"
    )
    return Check("length", "一课时够长", not short, said)


def _per_day(a: Applied) -> Check:
    most = a.number("lessons_per_day_max")
    days: Counter[date] = Counter()
    for lesson in a.lessons:
        if lesson.kind != "online":
            days[lesson.starts_at.date()] += lesson.hours
    day, hours = max(days.items(), key=lambda pair: pair[1], default=(None, 0))
    if most is None or day is None:
        return Check(
            "per_day", "一天不超量", None if most is None else True, "没有面授课" if day is None else "由县里核对"
        )
    return Check("per_day", "一天不超量", hours <= most, f"最多的一天 {day:%m-%d} 有 {hours} 课时，上限 {most}")


def _online(a: Applied) -> Check:
    most, all_hours = a.number("online_share_percent"), sum(lesson.hours for lesson in a.lessons)
    online = sum(lesson.hours for lesson in a.lessons if lesson.kind == "online")
    if not online:
        return Check("online", "线上占比", True, "没有线上课时")
    share = online * 100 // all_hours
    if most is None:
        return Check("online", "线上占比", None, f"线上占 {share}%；本地没有登记上限，由县里核对")
    return Check("online", "线上占比", online * 100 <= most * all_hours, f"线上占 {share}%，上限 {most}%")


def _capacity(a: Applied) -> Check:
    most = a.number("class_size_max")
    if a.enrolled > a.capacity:
        return Check("capacity", "人数", False, f"名册 {a.enrolled} 人，多于 {a.capacity} 个座位")
    if most is None:
        return Check("capacity", "人数", None, f"{a.capacity} 人；没有登记上限，由县里核对")
    return Check("capacity", "人数", a.capacity <= most, f"{a.capacity} 人，上限 {most}")


def _rooms(a: Applied) -> Check:
    for x in a.lessons:
        if x.kind == "online":
            continue
        if not x.room:
            return Check("rooms", "教室坐得下、没被占", False, f"{x.starts_at:%m-%d %H:%M} 没有选教室")
        if x.room_trouble:
            return Check("rooms", "教室坐得下、没被占", False, f"{x.starts_at:%m-%d %H:%M} {x.room}：{x.room_trouble}")
        if x.room_seats < a.capacity:
            return Check("rooms", "教室坐得下、没被占", False, f"{x.room}只能坐 {x.room_seats} 人，少于 {a.capacity}")
    return Check("rooms", "教室坐得下、没被占", True, "每次课的教室都坐得下、没被占")


def _teachers(a: Applied) -> Check:
    troubles: dict[str, list[PlannedLesson]] = defaultdict(list)
    for x in a.lessons:
        if not x.teacher:
            troubles["没有选教师"].append(x)
        elif x.teacher_trouble:
            troubles[f"{x.teacher}：{x.teacher_trouble}"].append(x)
    if troubles:
        said, lessons = next(iter(troubles.items()))
        return Check(
            "teachers", "教师有资格、有空", False, f"{lessons[0].starts_at:%m-%d %H:%M} 等 {len(lessons)} 次课 {said}"
        )
    if new := sorted({x.teacher for x in a.lessons if x.unconfirmed}):
        return Check("teachers", "教师有资格、有空", None, f"{'、'.join(new)}的任教资格由县里核对")
    return Check("teachers", "教师有资格、有空", True, "每次课的教师都有资格、有空")


def _papers(a: Applied) -> Check:
    missing = [word for word, text in (("教材", a.materials), ("考核方案", a.examination)) if not text.strip()]
    if a.roster and not a.enrolled:
        missing.append("学员名册")
    return Check("papers", "材料齐", not missing, "缺" + "、".join(missing) if missing else "教材、考核方案都有")


def _lead(a: Applied) -> Check:
    if a.first_on is None:
        return Check("lead", "提前申请", False, "还没有排课")
    said = f"第一次课 {a.first_on:%Y-%m-%d}，最早 {a.earliest_on:%Y-%m-%d}"
    return Check("lead", "提前申请", a.first_on >= a.earliest_on, said)


def _body_paid(a: Applied) -> list[Check]:
    """What the office pays a body for is in the catalogue, and learners are not charged for it (10.2, P24)."""
    if a.pays not in ("project", "employer"):
        return []
    said = "不向学员收费" if a.fee_fen == 0 else f"向学员收 {a.fee_fen / 100:.2f} 元；由经办机构付费的班不能再收"
    checks = [Check("free", "不向学员收费", a.fee_fen == 0, said)]
    if a.pays == "project":
        said = "在公布的项目制目录里" if a.published else "这个项目没有公布，或开课时已停"
        checks.append(Check("published", "项目已公布", a.published, said))
    return checks
