"""Who acts, with what scope: the one way to open a business transaction."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from jiangxin.ground.clock import read_clock
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import Refusal

PROVINCE = 330000


@dataclass(frozen=True)
class Actor:
    """One person or process at work. `duties` are held at `office_id`; `regions` is the scope of rows seen."""

    name: str
    account_id: UUID | None = None
    person_id: UUID | None = None
    body_id: UUID | None = None
    office_id: UUID | None = None
    region_id: int | None = None
    duties: frozenset[str] = frozenset()
    regions: tuple[int, ...] = ()
    on_behalf_of: UUID | None = None
    purpose: str = ""
    request_id: UUID = field(default_factory=new_id)

    def has(self, *duties: str) -> bool:
        """Whether the actor holds any of the duties."""
        return bool(self.duties.intersection(duties))

    @property
    def the_account(self) -> UUID:
        """The account, where only a signed-in person acts."""
        if self.account_id is None:
            raise TypeError(f"{self.name} has no account to sign with")
        return self.account_id

    @property
    def the_office(self) -> UUID:
        """The office, where only a desk acts."""
        if self.office_id is None:
            raise TypeError(f"{self.name} sits at no desk")
        return self.office_id

    @property
    def the_body(self) -> UUID:
        """The body, where only a body's account acts."""
        if self.body_id is None:
            raise TypeError(f"{self.name} acts for no body")
        return self.body_id

    @property
    def the_person(self) -> UUID:
        """The person, where only a person acts."""
        if self.person_id is None:
            raise TypeError(f"{self.name} is nobody's own account")
        return self.person_id

    def for_purpose(self, purpose: str) -> "Actor":
        """The same actor, saying why personal data is looked at."""
        return replace(self, purpose=purpose)


def machine(name: str = "系统") -> Actor:
    """The main line itself: sees the whole province (issue: whole-province truth under scope)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(id ORDER BY id) FROM ground_region")
        regions = tuple(cursor.fetchone()[0] or (PROVINCE,))
        return Actor(name=name, regions=regions, duties=frozenset({"machine"}))


def set_scope(actor: Actor) -> None:
    """Tell the database, for this transaction only, whose rows may be seen (row-level security)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.regions', %s, true), set_config('app.person', %s, true),"
            " set_config('app.body', %s, true), set_config('app.actor', %s, true)",
            [
                "{" + ",".join(map(str, actor.regions)) + "}",
                str(actor.person_id or ""),
                str(actor.body_id or ""),
                str(actor.account_id or ""),
            ],
        )


def see_region(actor: Actor, region_id: int) -> None:
    """Let a permitted deed reach the rows of the region it is done in: a person's own line draws on a county's pool."""
    set_scope(replace(actor, regions=(*actor.regions, region_id)))


def receive(person_id: UUID) -> None:
    """Let the rest of this transaction see the rows of one person: who stands at the counter, and is known to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.visited', %s, true)", [str(person_id)])


@contextmanager
def seeing(regions: Iterable[int]) -> Iterator[None]:
    """Look at the rows of these regions too, for one question whose answer alone is shown (issue 3, 8.5)."""
    before = _regions()
    _see(f"{{{','.join(filter(None, (before.strip('{}'), *map(str, regions))))}}}")
    try:
        yield
    except Refusal:
        _see(before)
        raise
    _see(before)


def everybody() -> AbstractContextManager[None]:
    """Ask one question about people of the whole province, whose rows belong to no region (P17)."""
    return seeing([PROVINCE])


def _regions() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('app.regions', true), '')")
        return str(cursor.fetchone()[0])


def _see(regions: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.regions', %s, true)", [regions])


@contextmanager
def acting(actor: Actor, *, read_only: bool = False) -> Iterator[datetime]:
    """Open the transaction of one piece of work and yield its instant `at`; scope ends with the transaction."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            if read_only:
                cursor.execute("SET TRANSACTION READ ONLY")
        set_scope(actor)
        yield read_clock()
