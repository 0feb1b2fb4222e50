"""The figures a synthetic county is drawn from: sourced marginals, and beside them assumptions named as such."""

import json
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


@cache
def _file(name: str) -> dict[str, Any]:
    return json.loads((DATA / name).read_text())


def found(*path: str) -> Any:
    """A sourced figure of zj_synthetic_marginals.json by its path; refuses a null, which is to be assumed by name."""
    value: Any = _file("zj_synthetic_marginals.json")
    for step in path:
        value = value[step]
    if value is None:
        raise LookupError(f"{'/'.join(path)} has no source: it must come from assumptions.json")
    return value


def assumed(name: str) -> Any:
    """A figure that no source gives (assumptions.json)."""
    return _file("assumptions.json")[name]["value"]


def by_age(bands: dict[str, float], age: int) -> float:
    """The figure of the age band (`"25-54"`, both ends included) that holds an age; 0 where none does."""
    for band, value in bands.items():
        first, last = map(int, band.split("-"))
        if first <= age <= last:
            return value
    return 0.0


@cache
def age_shares() -> dict[str, float]:
    """Shares of the age bands: sourced up to 15, assumed within the sourced totals above."""
    return {"0-15": found("age_2021", "0-15", "value"), **assumed("age_within_16_59"), **assumed("age_above_60")}


@cache
def majors(sex: str) -> dict[str, float]:
    """Share of each major group among the employed of a sex (census 2020); its order is that of the classification."""
    rows = found("employed_by_major_2020").values()
    shares = {
        str(i): row["share"] * (row["male_share"] if sex == "male" else 1 - row["male_share"])
        for i, row in enumerate(rows, start=1)
    }
    return {major: share / sum(shares.values()) for major, share in shares.items()}
