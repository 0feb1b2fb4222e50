"""Numbers that are valid in form and belong to nobody: identity, credit code, bank account, phone, certificate."""

from collections import Counter
from datetime import date
from random import Random

from stdnum import luhn
from stdnum.cn import uscc

from jiangxin.ground.identity import check_digit

NOBODYS_COUNTY = "99"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# 154 is a block of mobile numbers that was never given to an operator; 629999 is no bank's card prefix.
NOBODYS_PHONES, NOBODYS_CARDS = "154", "629999"


class IdentityNumbers:
    """Gives resident identity numbers (GB 11643) that are unique within one run; their county part is always xx99."""

    def __init__(self) -> None:
        self._given: Counter[tuple[str, date, bool]] = Counter()

    def give(self, city: int, born_on: date, sex: str) -> str:
        """The next number of a city (330400 → 330499) for a birthday and a sex; odd sequence numbers are men's."""
        area, male = f"{city // 100:04d}{NOBODYS_COUNTY}", sex == "male"
        used = self._given[area, born_on, male]
        if used == 500 - (not male):
            raise OverflowError(f"{area} has no number left for {born_on}")
        self._given[area, born_on, male] += 1
        first17 = f"{area}{born_on:%Y%m%d}{2 * used + (1 if male else 2):03d}"
        return first17 + check_digit(first17)


def credit_code(random: Random, city: int) -> str:
    """A unified social credit code (GB 32100) of a body registered in xx99, an area that does not exist."""
    body = "".join(random.choices(ALPHABET, k=8))
    first8 = f"{random.choice(('52', '91'))}{city // 100:04d}{NOBODYS_COUNTY}"
    first17 = f"{first8}{body}{_organisation_check(body)}"
    return first17 + uscc.calc_check_digit(first17)


def _organisation_check(body: str) -> str:
    """The ninth character of an organisation code (GB 11714)."""
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    total = sum(digits.index(c) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return "0123456789X0"[11 - total % 11]


def card_number(serial: int) -> str:
    """A 19-digit card number with a right check digit (ISO/IEC 7812)."""
    first18 = f"{NOBODYS_CARDS}{serial:012d}"
    return first18 + luhn.calc_check_digit(first18)


def phone_number(serial: int) -> str:
    """An 11-digit mobile number of a block without subscribers."""
    return f"{NOBODYS_PHONES}{serial:08d}"


def level_certificate_number(body: str, issued_on: date, level: str, serial: int) -> str:
    """职业技能等级证书, 22 characters: `body` is the letter, four digits, the province and the serial of the body."""
    return f"{body}{issued_on:%y}{level}{serial:06d}"


def qualification_number(city: int, body_serial: int, issued_on: date, level: str, serial: int) -> str:
    """职业资格证书, the older form of 16 digits: year, province, city, kind and serial of the body, level, serial."""
    return f"{issued_on:%y}{city // 100:04d}1{body_serial:03d}{level}{serial:05d}"


def item_certificate_number(kind: str, region: int, issued_on: date, serial: int) -> str:
    """专项职业能力证书 (ZX), 培训合格证书 (PX): no public form is known, so ours says kind, place, year and serial."""
    return f"{kind}{region}{issued_on:%Y}{serial:05d}"
