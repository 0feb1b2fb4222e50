"""A look-up that is asked all day is planned once per connection, and is still a query like others."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiangxin.ground.staging import rows_of, rows_of_prepared

pytestmark = pytest.mark.django_db
ASKED = "SELECT id, name FROM ground_region WHERE id = %s OR name = %s"
PLANS = "SELECT sum(generic_plans + custom_plans)::int FROM pg_prepared_statements WHERE statement LIKE %s"


def test_a_prepared_query_is_planned_on_the_server_counted_and_forgotten_by_others():
    with CaptureQueriesContext(connection) as seen:
        found = [rows_of_prepared(ASKED, [number, "嘉善县"]) for number in (1, 2, 3)]
    assert found == [rows_of(ASKED, [1, "嘉善县"])] * 3
    assert len(seen) == 3
    assert rows_of(PLANS, ["SELECT id, name FROM ground_region WHERE id = $1%"]) == [(3,)]
    assert connection.connection.prepare_threshold is None
