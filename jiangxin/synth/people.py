"""People of one county, drawn by the marginals: who they are, where they belong, what they do, on which days."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from jiangxin.synth.marginals import age_shares, assumed, by_age, found, majors
from jiangxin.synth.names import draw_name
from jiangxin.synth.numbers import IdentityNumbers, card_number, phone_number

COUNTED_ON = date(2026, 1, 1)
FIRST_DAY, LAST_DAY = date(2022, 1, 1), date(2026, 3, 1)
OTHER_PROVINCES = (341200, 360400, 411400, 511700, 520500)
# The county of each city's seat: where people of the city's other counties are registered or insured.
SEATS = {
    330100: 330102, 330200: 330203, 330300: 330302, 330400: 330402, 330500: 330502, 330600: 330602, 330700: 330702,
    330800: 330802, 331000: 331002, 331100: 331102,
}  # fmt: skip
OFFICE_MAJORS, FARMERS = ("1", "2", "3"), "5"
RETIREMENT_AGE = {"male": 60, "female": 50}


@dataclass(slots=True)
class Citizen:
    """One synthetic person of a county; `hukou` (None: another province) and `insured` (None: not) are counties."""

    county: int
    document: str
    number: str
    name: str
    sex: str
    born_on: date
    phone: str
    hukou: int | None
    work: str = ""
    major: str = ""
    works_since: date | None = None
    insured: int | None = None
    public_staff: bool = False
    student_since: date | None = None
    student_until: date | None = None
    pension_since: date | None = None
    died_on: date | None = None
    able_and_willing_on: date | None = None
    unable: bool = False
    seconded: tuple[date, date] | None = None
    card: str = ""
    new_card: str = ""

    def age_on(self, day: date) -> int:
        """Full years on a day."""
        return day.year - self.born_on.year - ((day.month, day.day) < (self.born_on.month, self.born_on.day))


class Population:
    """Draws people one by one; numbers, phones and cards are unique over all counties of one run."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.numbers = IdentityNumbers()
        self.serial = 0

    def draw(self, county: int, part: int, size: int) -> list[Citizen]:
        """`size` people of a county; the same seed, county and part give the same people."""
        random = Random(f"{self.seed}|people|{county}|{part}")
        ages = random.choices(list(age_shares()), list(age_shares().values()), k=size)
        return [self._person(random, county, band) for band in ages]

    def _person(self, random: Random, county: int, band: str) -> Citizen:
        sex = "male" if random.random() < found("sex_2021_population", "male", "value") else "female"
        born_on = _born_on(random, band)
        hukou = _hukou(random, county)
        self.serial += 1
        citizen = Citizen(
            county=county, document="resident", number="", name=draw_name(random, sex, born_on.year), sex=sex,
            born_on=born_on, phone=phone_number(self.serial), hukou=hukou,
        )  # fmt: skip
        if random.random() < assumed("hk_macao"):
            citizen.document, citizen.number, citizen.hukou = "hk_macao_pass", f"H99{self.serial:06d}", None
        else:
            citizen.number = self.numbers.give((hukou or random.choice(OTHER_PROVINCES)) // 100 * 100, born_on, sex)
        _work(random, citizen)
        _study(random, citizen)
        _retire(random, citizen)
        _die(random, citizen)
        if citizen.age_on(LAST_DAY) >= 16 and random.random() < assumed("social_card_account"):
            citizen.card = card_number(self.serial)
        return citizen


def _born_on(random: Random, band: str) -> date:
    first, last = map(int, band.split("-"))
    youngest = COUNTED_ON.replace(year=COUNTED_ON.year - first)
    eldest = COUNTED_ON.replace(year=COUNTED_ON.year - last - 1)
    return eldest + timedelta(days=random.randint(1, (youngest - eldest).days))


def _hukou(random: Random, county: int) -> int | None:
    city, shares = county // 100 * 100, assumed("hukou")
    where = random.choices(list(shares), list(shares.values()))[0]
    if where == "same_province":
        return SEATS[random.choice([other for other in SEATS if other != city])]
    return {"own_county": county, "same_city": SEATS[city], "other_province": None}[where]


def _work(random: Random, citizen: Citizen) -> None:
    age, sex = citizen.age_on(COUNTED_ON), citizen.sex
    if random.random() >= by_age(assumed("employed_by_age_and_sex")[sex], age):
        if 16 <= age < 60 and random.random() < assumed("unemployed_of_not_employed"):
            citizen.work, citizen.works_since = "unemployed", _day(random, date(2025, 1, 1), LAST_DAY)
        return
    citizen.major = random.choices(list(majors(sex)), list(majors(sex).values()))[0]
    citizen.works_since = _day(random, date(citizen.born_on.year + 16, 12, 31), date(2024, 12, 31))
    citizen.work = _kind_of_work(random, citizen)
    if citizen.work == "employed" and age < RETIREMENT_AGE[sex] and random.random() < assumed("insured_of_employees"):
        citizen.insured = citizen.county
        if not citizen.public_staff and random.random() < assumed("insured_in_another_county"):
            citizen.insured = SEATS[citizen.county // 100 * 100]


def _kind_of_work(random: Random, citizen: Citizen) -> str:
    if citizen.major in OFFICE_MAJORS and random.random() < assumed("public_staff_of_office_occupations"):
        citizen.public_staff = citizen.age_on(COUNTED_ON) < 60
        return "employed"
    dice = random.random() - (0.5 if citizen.major == FARMERS else 0)
    if dice < assumed("self_employed"):
        return "self_employed"
    return "platform_worker" if dice < assumed("self_employed") + assumed("platform_workers") else "employed"


def _study(random: Random, citizen: Citizen) -> None:
    age = citizen.age_on(COUNTED_ON)
    share = assumed("students_16_19") if 16 <= age < 20 else assumed("students_20_24") if 20 <= age < 25 else 0
    if not citizen.work and random.random() < share:
        enrolled = citizen.born_on.year + (16 if age < 20 else 19)
        citizen.student_since, citizen.student_until = date(enrolled, 9, 1), date(max(2026, enrolled + 3), 6, 30)


def _retire(random: Random, citizen: Citizen) -> None:
    at_age = RETIREMENT_AGE[citizen.sex]
    if citizen.age_on(FIRST_DAY) < at_age or citizen.public_staff:
        return
    if random.random() < assumed("employee_pension_past_retirement")[citizen.sex]:
        citizen.pension_since = date(citizen.born_on.year + at_age, citizen.born_on.month, 1)


def _die(random: Random, citizen: Citizen) -> None:
    old = citizen.age_on(COUNTED_ON) >= 60
    if random.random() < assumed("deaths_2022_2026")["60_and_over" if old else "under_60"]:
        citizen.died_on = max(_day(random, FIRST_DAY, LAST_DAY), citizen.born_on)


def _day(random: Random, first: date, last: date) -> date:
    return first + timedelta(days=random.randint(0, max((last - first).days, 0)))
