"""Result files for tests: good rows, one thing changed at a time, sent and checked in a small true world."""

from collections.abc import Sequence
from datetime import date

from stdnum.cn import uscc

from jiangxin.assessment.columns import COLUMNS, write_template
from jiangxin.assessment.models import Certificate, ResultFile, ResultFileError
from jiangxin.assessment.operations.files import check_file, finish_loading, load_file, receive_file
from jiangxin.catalogue.models import Occupation, TrainingItem
from jiangxin.ground.actor import Actor
from jiangxin.parties.models import Account, Person
from jiangxin.subsidy.law import current_law
from tests.factories.world import OCCUPATIONS, World, number_of

Row = dict[str, object]


def still(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


class Desk:
    """An assessor's desk in the world: its clerk, and the steps from a file to its outcome."""

    def __init__(self) -> None:
        self.world = World()
        school = self.world.provider
        school.credit_code = school.credit_code[:17] + uscc.calc_check_digit(school.credit_code[:17])
        school.save()
        for code, name in OCCUPATIONS.items():
            Occupation.objects.create(edition="2022", code=code, name=name, pinyin="")
        for kind, code in (("special_skill", "ZX-1"), ("training_pass", "XM-1")):
            TrainingItem.objects.create(
                kind=kind, code=code, name=f"项目{code}", region_id=330000, from_on=date(2020, 1, 1), source="公告"
            )
        account = Account.objects.create(
            username="clerk", name="机构丙", kind="clerk", body=self.world.assessor, password="!", is_demo=True
        )
        self.clerk = Actor(
            "机构丙", account_id=account.pk, body_id=self.world.assessor.pk, region_id=self.world.region,
            duties=frozenset({"clerk"}),
        )  # fmt: skip

    def row(self, n: int, kind: str = "skill_level", **changes: object) -> list[object]:
        """The n-th good row of a kind in the order of its columns, with some cells changed."""
        level = {"occupation": "电工", "code": "6-31-01-03", "level": "四级（中级工）", "theory": 80, "practice": 75}
        item = {"special_skill": "ZX-1", "training_pass": "XM-1"}.get(kind, "")
        number = f"S000033000001264{n:06d}" if kind == "skill_level" else f"26330100004{n:05d}"
        cells: Row = {
            "name": f"张测{n}", "document_kind": "居民身份证", "number": number_of(n), "phone": "13800000000",
            "exam_on": date(2026, 1, 25), "issued_on": date(2026, 2, 2),
            "certificate": f"{item}-{n:05d}" if item else number,
            "provider": self.world.provider.name, "provider_code": self.world.provider.credit_code,
            "class_number": "JS2025-01", "class_region": "嘉善县", "training_region": "330421",
            "first_on": date(2025, 12, 1), "last_on": "2026年1月15日", "hours": 80,
            "training_code": item or level["code"],
        }  # fmt: skip
        cells |= {"occupation": f"项目{item}", "code": item, "practice": 70} if item else level
        cells |= changes
        return [cells.get(column.key) for column in COLUMNS[kind]]

    def receive(self, rows: Sequence[Sequence[object]], kind: str = "skill_level") -> ResultFile:
        return receive_file(self.clerk, self.world.at, kind, "结果.xlsx", write_template(kind, rows))

    def check(self, file: ResultFile) -> ResultFile:
        return check_file(self.world.machine, self.world.at, file, current_law(), still)

    def sent(self, *rows: Sequence[object], kind: str = "skill_level") -> ResultFile:
        """A file of these rows, received and checked."""
        return self.check(self.receive(rows, kind))

    def load(self, file: ResultFile) -> ResultFile:
        """A clean file asked to be loaded, and loaded."""
        load_file(self.clerk, self.world.at, file)
        return finish_loading(self.world.machine, self.world.at, file, current_law(), still)

    def errors(self, file: ResultFile) -> list[tuple[str, str]]:
        """(cell, problem) of a file's errors, in the order of rows."""
        return list(ResultFileError.objects.filter(file=file).order_by("row", "id").values_list("cell", "problem"))


def written() -> tuple[int, int]:
    """How many persons and certificates there are: what a refused file must not change."""
    return Person.objects.count(), Certificate.objects.count()
