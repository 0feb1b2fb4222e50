"""How many examiners a room needs, how long a part lasts, how a certificate is numbered: pure (P35, facts 4.2, 4.4)."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from jiangxin.rules.parameters import Law

SORTS = {"special_skill": "Z", "training_pass": "P"}
# 33 is Zhejiang; 0000 stands for a body filed with a province and not with the Ministry.
PROVINCE_PART = "000033"


@dataclass(frozen=True)
class ExaminerRatios:
    """Candidates for each examiner and the fewest examiners of a room; None where no rule is known (P2)."""

    theory_each: int | None = None
    theory_min: int | None = None
    practice_each: int | None = None
    practice_min: int | None = None
    review_min: int | None = None

    @classmethod
    def of(cls, law: Law, region_id: int, on: date) -> Self:
        """The ratios in force in a region on the day of the exam."""

        def find(number: str) -> int | None:
            entry = law.find(f"{region_id:06d}", "common", number, on)
            return int(entry.value) if entry.known else None

        return cls(
            find("exam_theory_candidates_per_examiner"), find("exam_theory_examiners_min"),
            find("exam_practice_candidates_per_examiner"), find("exam_practice_examiners_min"),
            find("exam_review_examiners_min"),
        )  # fmt: skip

    def needed(self, part: str, candidates: int) -> int:
        """How many examiners a room with so many candidates needs; 0 where it is empty or no rule is known."""
        if not candidates:
            return 0
        if part == "review":
            return self.review_min or 0
        each, least = (
            (self.theory_each, self.theory_min) if part == "theory" else (self.practice_each, self.practice_min)
        )
        return max(least or 0, -(-candidates // each) if each else 0)

    def short(self, part: str, candidates: int, examiners: int) -> str:
        """What a room lacks, in words; "" when nothing. A review is judged by an odd number."""
        missing = self.needed(part, candidates) - examiners
        if missing > 0:
            return f"还缺 {missing} 名考评员"
        if part == "review" and candidates and self.review_min and examiners % 2 == 0:
            return "评审委员要是单数"
        return ""


def certificate_number(sort: str, serial: str, year: int, digit: str, number: int) -> str:
    """The 22 characters of a number: kind of body, 0000, province, body, year, level, running number (facts 4.4).

    专项职业能力 (Z) and 培训合格 (P) have no published format: they follow the same form with their own letter and 0
    for the level, [known] unverified.
    """
    return f"{sort}{PROVINCE_PART}{serial}{year % 100:02d}{digit or 0}{number:06d}"
