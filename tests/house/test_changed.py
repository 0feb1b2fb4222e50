"""`make quick` runs the tests of what changed, and all of them where everything may be touched."""

import pytest

from tests.changed import chosen


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ([], ["tests/house"]),
        (["jiangxin/training/queries/classes.py"], ["tests/house", "tests/training"]),
        (["jiangxin/web/staff/work.py", "docs/words.md"], ["tests/house", "tests/web"]),
        (["jiangxin/migrations/sql/lines.sql"], ["tests/house", "tests/sql"]),
        (["tests/rules/cases/days.yaml"], ["tests/house", "tests/rules"]),
        (["tests/test_earned.py"], ["tests/house", "tests/test_earned.py"]),
        (["jiangxin/mainline.py"], ["tests/house", "tests/test_earned.py", "tests/test_mainline.py"]),
        (["jiangxin/subsidy/facts.py", "jiangxin/ground/clock.py"], ["tests"]),
    ],
)
def test_each_change_has_its_tests(files: list[str], wanted: list[str]) -> None:
    assert chosen(files) == wanted
