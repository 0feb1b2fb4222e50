"""A refusal leaves everything as it was: the rows of every table of decisions and money, compared byte by byte."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from jiangxin.ground.refusal import Refusal
from tests.factories.whole import whole

TABLES = """
SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = 'public' AND c.relkind = 'r'
   AND relname ~ '^(subsidy|funds|payment|parties|assessment|ground|recognition|training|catalogue)_'
"""
TEXT = "SELECT '{0}' AS of, count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {0} t"


def everything() -> list[tuple[str, int, str]]:
    """Each table of the business, past every scope: its name, how many rows, and a hash of them all."""
    with whole(), connection.cursor() as cursor:
        cursor.execute(TABLES)
        names = sorted(name for (name,) in cursor.fetchall())
        cursor.execute(" UNION ALL ".join(TEXT.format(name) for name in names) + " ORDER BY 1")
        return list(cursor.fetchall())


@contextmanager
def refused(no: type[Refusal]) -> Iterator[None]:
    """What is done here is refused, says why and what to do, and has changed nothing."""
    before = everything()
    with pytest.raises(no) as said:
        yield
    assert type(said.value) is no
    assert said.value.sentence
    assert said.value.remedy
    assert everything() == before
