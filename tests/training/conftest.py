"""A world with a school in it."""

import pytest

from tests.factories.school import School
from tests.factories.world import World


@pytest.fixture
def school(db) -> School:
    return School(World())
