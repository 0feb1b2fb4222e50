"""People are brought in by those who see the whole province: a person is one in it."""

from dataclasses import replace

import pytest

from jiangxin.ground.actor import PROVINCE, set_scope
from tests.parties.people import DATA_KEEPER


@pytest.fixture
def of_the_province(db: None) -> None:
    """The scope in which register files are loaded."""
    set_scope(replace(DATA_KEEPER, regions=(PROVINCE,)))
