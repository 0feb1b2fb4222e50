"""States as data: one table of allowed moves above each model, repeated in the database by one trigger."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, models

from jiangxin.ground.refusal import ChangedMeanwhile
from jiangxin.ground.table import Table


class Transition(Table):
    """The moves that the database allows: filled from the models' tables at migration."""

    pk = models.CompositePrimaryKey("table_name", "from_state", "to_state")
    table_name = models.CharField(max_length=60)
    from_state = models.CharField(max_length=30)
    to_state = models.CharField(max_length=30)


@dataclass(frozen=True)
class States:
    """`words` gives each state its Chinese word, `moves` the states reachable from each; "" is before birth."""

    words: dict[str, str]
    moves: dict[str, tuple[str, ...]]

    @property
    def choices(self) -> list[tuple[str, str]]:
        return list(self.words.items())

    def may(self, from_state: str, to_state: str) -> bool:
        return to_state in self.moves.get(from_state, ())

    def before(self, to_state: str) -> list[str]:
        """The states from which `to_state` may be reached."""
        return [state for state, targets in self.moves.items() if to_state in targets and state]


def move(rows: "models.QuerySet[models.Model]", states: States, to_state: str, /, **changes: object) -> int:
    """Move rows to a state where the table allows it, in one statement; returns how many moved."""
    return rows.filter(state__in=states.before(to_state)).update(state=to_state, **changes)


def move_one(row: models.Model, states: States, to_state: str, /, **changes: object) -> None:
    """Move one row or refuse: somebody was faster."""
    if not move(type(row)._default_manager.filter(pk=row.pk), states, to_state, **changes):
        raise ChangedMeanwhile()
    row.refresh_from_db()


def publish_states(tables: Iterable[tuple[str, States]]) -> None:
    """Write the tables of moves into the database, where the trigger reads them."""
    rows = [(table, a, b) for table, states in tables for a, targets in states.moves.items() for b in targets]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ground_transition")
        cursor.executemany("INSERT INTO ground_transition (table_name, from_state, to_state) VALUES (%s, %s, %s)", rows)
