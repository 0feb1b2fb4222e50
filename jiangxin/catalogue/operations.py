"""Writes of the catalogue: occupations, levels, and the class an occupation has in the guidance catalogue (19.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db.models import Q, QuerySet

from jiangxin.catalogue.models import (
    OCCUPATION_CLASSES,
    GuidanceClass,
    Occupation,
    OccupationAlias,
    SkillLevel,
    TrainingItem,
)
from jiangxin.ground.actor import PROVINCE, Actor
from jiangxin.ground.journal import note
from jiangxin.ground.pinyin import pinyin_of
from jiangxin.ground.reference import add_missing, rows_of_file
from jiangxin.ground.refusal import NotYourDuty, Refusal

DATA = Path(__file__).parent / "data"
EDITION = "2022"
ADDED_IN = {"2024": date(2024, 1, 1)}
LADDER = "浙人社发〔2022〕32号第14条；人社部发〔2022〕14号"
DIGIT = f"{LADDER}；证书编号中的等级位为 1–5"
# code, name, public name, digit in a certificate number: only five rungs are certified in public (14.2).
LEVELS = (
    ("apprentice", "学徒工", "学徒工", None),
    ("5", "初级工", "五级（初级工）", "5"),
    ("4", "中级工", "四级（中级工）", "4"),
    ("3", "高级工", "三级（高级工）", "3"),
    ("2", "技师", "二级（技师）", "2"),
    ("1", "高级技师", "一级（高级技师）", "1"),
    ("expert", "特级技师", "特级技师", None),
    ("chief", "首席技师", "首席技师", None),
)


class OccupationNotInEdition(Refusal):
    sentence = "{edition} 年版职业分类里没有代码 {code}。"
    remedy = "请核对职业编码。"


class ClassNeedsDocument(Refusal):
    sentence = "登记职业类别要写明文件名称和文号。"
    remedy = "请填写文件后再保存。"


class ClassStartsTooEarly(Refusal):
    sentence = "{code} 的类别从 {since} 起已登记为{name}，新的类别要从更晚的日期开始。"
    remedy = "请改用 {since} 之后的日期。"


class ClassNotFiled(Refusal):
    sentence = "{code} 在 {on} 没有登记类别。"
    remedy = "请只选有类别的职业。"


def load_levels() -> int:
    """The eight rungs from 学徒工 to 首席技师, with the public digit only where certificates carry one."""
    levels = [
        SkillLevel(
            code=code,
            rank=rank,
            name=name,
            public_name=public_name,
            public_digit=digit,
            source=DIGIT if digit else LADDER,
        )
        for rank, (code, name, public_name, digit) in enumerate(LEVELS, 1)
    ]
    SkillLevel.objects.bulk_create(
        levels, update_conflicts=True, unique_fields=["code"],
        update_fields=["rank", "name", "public_name", "public_digit", "source"],
    )  # fmt: skip
    return len(levels)


def load_occupations() -> int:
    """The occupations of the 2022 edition and what the file dates later; a code once loaded is never overwritten."""
    Occupation.objects.bulk_create(
        [
            Occupation(
                edition=EDITION,
                code=row["code"],
                name=row["name"],
                pinyin=pinyin_of(row["name"]),
                from_on=ADDED_IN.get(row["edition"]),
                digital=row["digital_S"] == "1",
                green=row["green_L"] == "1",
                is_new=row["is_new_2024"] == "1",
            )
            for row in rows_of_file(DATA / "occupations_2022.csv")
        ],
        ignore_conflicts=True, batch_size=1000,
    )  # fmt: skip
    return Occupation.objects.count()


def load_aliases() -> int:
    """Everyday names of occupations, each once."""
    pairs = dict.fromkeys((row["code"], row["alias"]) for row in rows_of_file(DATA / "csco2022_aliases.csv"))
    wanted = [OccupationAlias(edition=EDITION, code=code, alias=alias) for code, alias in pairs]
    return add_missing(("edition", "code", "alias"), wanted)


def may_set_class(actor: Actor) -> bool:
    """Whether the actor keeps the guidance catalogue: data or budget duty at an office of the province itself."""
    return actor.has("register", "budget") and actor.region_id == PROVINCE


@dataclass(frozen=True)
class Filing:
    """The class that a document gives to occupations from a day on; "" = none from that day on."""

    codes: tuple[str, ...]
    occupation_class: str
    from_on: date
    document: str


def set_guidance_class(
    actor: Actor, at: datetime, region_id: int, edition: str, codes: Sequence[str], occupation_class: str,
    from_on: date, document: str,
) -> list[GuidanceClass]:  # fmt: skip
    """File the class of occupations from a day on, by a document; what was filed before ends the day before (19.2)."""
    filing = Filing(tuple(codes), occupation_class, from_on, document)
    return file_guidance_classes(actor, at, region_id, edition, [filing])


def end_guidance_class(
    actor: Actor, at: datetime, region_id: int, edition: str, codes: Sequence[str], from_on: date, document: str
) -> None:
    """Take occupations out of the guidance catalogue from a day on, by a document."""
    file_guidance_classes(actor, at, region_id, edition, [Filing(tuple(codes), "", from_on, document)])


def file_guidance_classes(
    actor: Actor, at: datetime, region_id: int, edition: str, filings: Sequence[Filing]
) -> list[GuidanceClass]:
    """File the classes of many occupations, all or none; each code stands in one filing."""
    if not may_set_class(actor):
        raise NotYourDuty()
    codes = [code for filing in filings for code in filing.codes]
    held = {row.code: row for row in _reaching(region_id, edition, codes).order_by("from_on")}
    known = set(Occupation.objects.filter(edition=edition, code__in=codes).values_list("code", flat=True))
    for filing in filings:
        _refuse_filing(filing, edition, known, held)
    for filing in filings:
        open_ones = _reaching(region_id, edition, filing.codes).filter(
            Q(until_on=None) | Q(until_on__gte=filing.from_on)
        )
        open_ones.update(until_on=filing.from_on - timedelta(days=1), end_document=filing.document)
    filed = GuidanceClass.objects.bulk_create(
        GuidanceClass(
            region_id=region_id, edition=edition, code=code, occupation_class=filing.occupation_class,
            from_on=filing.from_on, document=filing.document, entered_by_name=actor.name,
        )
        for filing in filings if filing.occupation_class
        for code in dict.fromkeys(filing.codes)
    )  # fmt: skip
    for filing in filings:
        note(
            actor, at, "set_guidance_class" if filing.occupation_class else "ended_guidance_class",
            region_id=region_id, kind="GuidanceClass", edition=edition, codes=list(filing.codes),
            occupation_class=filing.occupation_class, from_on=filing.from_on.isoformat(), document=filing.document,
        )  # fmt: skip
    return filed


def _reaching(region_id: int, edition: str, codes: Sequence[str]) -> QuerySet[GuidanceClass]:
    return GuidanceClass.objects.select_for_update().filter(region_id=region_id, edition=edition, code__in=codes)


def _refuse_filing(filing: Filing, edition: str, known: set[str], held: Mapping[str, GuidanceClass]) -> None:
    """`held` has the latest filing of each code."""
    if not filing.document.strip():
        raise ClassNeedsDocument()
    for code in filing.codes:
        last = held.get(code)
        if code not in known:
            raise OccupationNotInEdition(edition=edition, code=code)
        if last and last.from_on >= filing.from_on:
            raise ClassStartsTooEarly(code=code, since=last.from_on, name=OCCUPATION_CLASSES[last.occupation_class])
        if not filing.occupation_class and not (last and (last.until_on is None or last.until_on >= filing.from_on)):
            raise ClassNotFiled(code=code, on=filing.from_on)


class ProjectIncomplete(Refusal):
    sentence = "公布培训项目还缺：{missing}。"
    remedy = "请补上再公布：目录要写明内容、学时、补贴标准和文号。"


class ProjectCodeTaken(Refusal):
    sentence = "项目编号 {code} 已经公布过。"
    remedy = "请换一个编号；要改标准，先停用旧的。"


class ProjectNotOpen(Refusal):
    sentence = "没有正在执行的项目 {code}，或停用日期早于开始日期。"
    remedy = "请核对项目编号和日期。"


@dataclass(frozen=True)
class Project:
    """A project of training as the catalogue publishes it (10.2): `standard` is what is taught and how it ends."""

    code: str
    name: str
    standard: str
    hours: int
    amount_fen: int
    document: str
    from_on: date


def may_publish_project(actor: Actor) -> bool:
    """Whether the actor keeps the catalogue of projects of its region."""
    return actor.has("training") and actor.region_id is not None


def publish_project(actor: Actor, at: datetime, project: Project) -> TrainingItem:
    """Publish a project with its standard, hours, amount a head and document; from a day on it may be taught."""
    if not may_publish_project(actor):
        raise NotYourDuty()
    told = {
        "项目编号": project.code.strip(), "名称": project.name.strip(), "培训内容和标准": project.standard.strip(),
        "学时": project.hours > 0, "补贴标准": project.amount_fen > 0, "文号": project.document.strip(),
    }  # fmt: skip
    if missing := [title for title, given in told.items() if not given]:
        raise ProjectIncomplete(missing="、".join(missing))
    if TrainingItem.objects.filter(code=project.code.strip()).exists():
        raise ProjectCodeTaken(code=project.code.strip())
    made = TrainingItem.objects.create(
        kind="training_pass", code=project.code.strip(), name=project.name.strip(), region_id=actor.region_id or 0,
        from_on=project.from_on, source=project.document.strip(), hours=project.hours, amount_fen=project.amount_fen,
        standard=project.standard.strip(), document=project.document.strip(), published_at=at,
        published_by_name=actor.name,
    )  # fmt: skip
    note(actor, at, "published_project", made, code=made.code, document=made.document)
    return made


def end_project(actor: Actor, at: datetime, code: str, until_on: date, document: str) -> TrainingItem:
    """End a published project after a day, by a document: no class of it begins later."""
    if not may_publish_project(actor):
        raise NotYourDuty()
    found = TrainingItem.objects.select_for_update().filter(code=code, published_at__isnull=False, until_on=None)
    item = found.filter(region_id__in=[actor.region_id]).first()
    if item is None or until_on < item.from_on:
        raise ProjectNotOpen(code=code)
    if not document.strip():
        raise ProjectIncomplete(missing="文号")
    item.until_on = until_on
    item.save(update_fields=["until_on"])
    note(actor, at, "ended_project", item, until_on=until_on.isoformat(), document=document.strip())
    return item
