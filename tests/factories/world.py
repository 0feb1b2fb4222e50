"""A small true world for tests: reference data, one county's office, titled bodies, covered registers, money, staff.

Everything is made through the operations where there are some; the rest is written as the registers would bring it.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from jiangxin.assessment.models import Certificate, Listing
from jiangxin.catalogue.operations import load_levels
from jiangxin.funds.models import Pool
from jiangxin.funds.operations import confirm_budget, open_pool, propose_budget
from jiangxin.ground.actor import Actor, machine, set_scope
from jiangxin.ground.clock import SHANGHAI, Clock
from jiangxin.ground.identity import blind_index, check_digit, seal
from jiangxin.ground.keys import new_id
from jiangxin.ground.reference import load_calendar_days, load_regions
from jiangxin.parties.models import (
    Account,
    Duty,
    Office,
    Organisation,
    PayeeAccount,
    Person,
    Register,
    RegisterLoad,
    Spell,
)
from jiangxin.parties.operations.offices import load_offices, load_registers
from jiangxin.parties.operations.persons import PersonRow, register_persons
from jiangxin.parties.queries.accounts import actor_of
from jiangxin.recognition.models import Title, TitleScope
from jiangxin.training.operations.voucher_batches import load_voucher_kinds

COUNTY = 330421
AT = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
OCCUPATIONS = {"6-31-01-03": "电工", "4-10-01-05": "养老护理员", "6-18-01-01": "车工"}


def number_of(n: int, born: date = date(1990, 5, 1), male: bool = True) -> str:
    """A synthetic identity number: county code xx99, which no real person has."""
    first = f"330499{born:%Y%m%d}{(2 * n + male) % 1000:03d}"
    return first + check_digit(first)


@dataclass
class World:
    """The world at an instant; `staff[duty]` are actors of the county's office, each on an own account."""

    at: datetime = AT
    region: int = COUNTY
    staff: dict[str, Actor] = field(default_factory=dict)
    people: int = 0
    certificates: int = 0

    def __post_init__(self) -> None:
        for load in (load_regions, load_offices, load_registers, load_levels, load_calendar_days, load_voucher_kinds):
            load()
        Clock.objects.update(demo_at=self.at)
        self.machine = machine()
        self.see_all()
        self.office = Office.objects.get(region_id=self.region)
        for duty in ("maker", "checker", "leader", "releaser", "reconciler", "register", "budget"):
            self.staff[duty] = self.official(duty, duty)
        for name in ("training", "training2"):
            self.staff[name] = self.official(name, "training")
        self.staff["budget2"] = self.official("budget2", "budget")
        self.staff["leader2"] = self.official("leader2", "leader")
        self.cover(*Register.objects.values_list("code", flat=True))
        self.assessor = self.body("嘉善评价中心", "91330421MA00000001", "assessor")
        self.provider = self.body("嘉善技工学校", "91330421MA00000002", "provider")

    def see_all(self) -> None:
        """Look at the whole province again, after an operation that narrowed the scope to its own."""
        set_scope(self.machine)

    def official(self, name: str, duty: str) -> Actor:
        account = Account.objects.create(
            username=f"{name}-{new_id().hex[-6:]}",
            name=name,
            kind="staff",
            office=self.office,
            password="!",
            is_demo=True,
        )
        exclusive = duty in ("maker", "checker", "leader", "releaser", "reconciler")
        Duty.objects.create(
            account=account, office=self.office, duty=duty, exclusive=exclusive, from_on=date(2020, 1, 1)
        )
        return actor_of(account, self.at.date())

    def cover(
        self, *registers: str, start: date = date(2020, 1, 1), end: date = date(2026, 12, 31)
    ) -> list[RegisterLoad]:
        """Say that these registers were loaded for the province between two days."""
        return [
            RegisterLoad.objects.create(
                register_id=code,
                region_id=330000,
                from_on=start,
                until_on=end,
                extracted_on=self.at.date(),
                file_name=f"{code}.csv",
                sha256=new_id().hex,
                rows=0,
                loaded_at=self.at,
                loaded_by_name="test",
            )
            for code in registers
        ]

    def load_of(self, register: str) -> RegisterLoad:
        return RegisterLoad.objects.filter(register_id=register, state="active").first()  # type: ignore[return-value]

    def body(
        self, name: str, code: str, kind: str, *, from_on: date = date(2020, 1, 1), known: bool = True
    ) -> Organisation:
        body = Organisation.objects.create(name=name, credit_code=code, region_id=self.region, opened_on=from_on)
        title = Title.objects.create(
            organisation=body,
            kind=kind,
            region_id=self.region,
            from_on=from_on,
            source="备案",
            loaded_at=self.at,
            before_start=known,
        )
        TitleScope.objects.create(title=title, subject="*", level="")
        return body

    def as_person(self, duty: str, person: Person) -> Actor:
        """The official who is also this person."""
        return replace(self.staff[duty], person_id=person.id)

    def pool_of(self, office: Office, fund: str = "employment_grant", year: int = 2026) -> Pool:
        """An empty pool of another office, opened by its own people."""
        region = office.region_id
        opener = replace(self.staff["budget"], office_id=office.id, region_id=region, regions=(region,))
        return open_pool(opener, self.at, office, fund, year, "财社〔2026〕1号")

    def pool(self, fund: str = "employment_grant", yuan: int = 1_000_000, year: int = 2026) -> Pool:
        pool = open_pool(self.staff["budget"], self.at, self.office, fund, year, "嘉财〔2026〕1号")
        line = propose_budget(self.staff["budget"], self.at, pool, yuan * 100, "嘉财〔2026〕1号")
        confirm_budget(self.staff["budget2"], self.at, line.id)
        return pool

    def person(
        self, name: str = "", born: date = date(1990, 5, 1), *, account: bool = True, hukou: int | None = COUNTY
    ) -> Person:
        self.people += 1
        row = PersonRow(kind="resident", number=number_of(self.people, born), name=name or f"张测{self.people}")
        person = Person.objects.get(id=register_persons(self.machine, self.at, [row]).ids[0])
        if account:
            self.account(person)
        if hukou:
            self.spell(person, "hukou", hukou)
        return person

    def account(self, person: Person, state: str = "certified", first: bool = True) -> PayeeAccount:
        key, number = new_id(), f"6217{self.people:012d}{PayeeAccount.objects.count() % 1000:03d}"
        return PayeeAccount.objects.create(
            id=key,
            person=person,
            bank="嘉善农商银行",
            holder=person.name,
            number=seal(number, f"parties_payee_account|number|{key}"),
            number_index=blind_index(number, "account"),
            tail=number[-4:],
            state=state,
            first=first,
            since=self.at,
            entered_by_name="社保卡",
        )

    def spell(
        self,
        person: Person,
        kind: str,
        region: int | None = None,
        start: date = date(2020, 1, 1),
        end: date | None = None,
        months: int | None = None,
    ) -> Spell:
        return Spell.objects.create(
            person=person,
            kind_id=kind,
            region_id=region,
            from_on=start,
            until_on=end,
            months=months,
            certified=False,
            source="test",
        )

    def certificate(
        self,
        person: Person | None = None,
        *,
        occupation: str = "6-31-01-03",
        level: str = "4",
        listed: bool = True,
        **more: object,
    ) -> Certificate:
        """A certificate of a trained person, issued 2026-02-02, listed by the second source."""
        self.certificates += 1
        person = person or self.person()
        fields = {
            "kind": "skill_level",
            "edition": "2022",
            "occupation": occupation,
            "title": OCCUPATIONS[occupation],
            "level": level,
            "issued_on": date(2026, 2, 2),
            "exam_on": date(2026, 1, 25),
            "theory_score": 80,
            "practice_score": 75,
            "assessor": self.assessor,
            "provider": self.provider,
            "class_number": "JS2025-01",
            "class_region_id": self.region,
            "training_region_id": self.region,
            "training_first_on": date(2025, 12, 1),
            "training_last_on": date(2026, 1, 15),
            "training_hours": 80,
            "training_edition": "2022",
            "training_subject": occupation,
            "training_title": OCCUPATIONS[occupation],
            "received_at": self.at,
            "region_id": self.region,
            "name_then": person.name,
        } | more
        number = f"S000033000001{str(fields['issued_on'])[2:4]}{level or 0}{self.certificates:06d}"
        made = Certificate.objects.create(person=person, number=number, **fields)
        if listed:
            Listing.objects.create(
                number=number,
                name=made.name_then,
                subject=made.title,
                level=made.level,
                issued_on=made.issued_on,
                listed_on=made.issued_on,
                load=self.load_of("listing"),
            )
        return made


def ids(rows: list[Certificate]) -> list[UUID]:
    return [row.id for row in rows]
