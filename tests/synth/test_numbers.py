"""Numbers valid in form that belong to nobody."""

from datetime import date
from random import Random

import pytest
from stdnum import luhn
from stdnum.cn import uscc

from jiangxin.assessment.reading import NEW_FORM, OLD_FORM
from jiangxin.ground.identity import check_identity
from jiangxin.parties.operations.payees import check_account_number
from jiangxin.synth.numbers import (
    IdentityNumbers,
    card_number,
    credit_code,
    level_certificate_number,
    phone_number,
    qualification_number,
)

ON = date(1988, 2, 29)


@pytest.mark.parametrize(("sex", "most"), [("male", 500), ("female", 499)])
def test_identity_numbers_are_valid_unique_and_of_no_county(sex: str, most: int) -> None:
    numbers = IdentityNumbers()
    given = [numbers.give(330400, ON, sex) for _ in range(most)]
    assert len(set(given)) == most
    assert {number[:6] for number in given} == {"330499"}
    assert {(check_identity(number).born_on, check_identity(number).sex) for number in given} == {(ON, sex)}
    with pytest.raises(OverflowError):
        numbers.give(330400, ON, sex)


def test_credit_codes_are_valid_and_of_no_county() -> None:
    codes = [credit_code(Random(n), 330100) for n in range(300)]
    assert all(uscc.is_valid(code) and code[2:8] == "330199" for code in codes)
    assert len(set(codes)) == 300


def test_cards_and_phones_pass_the_checks_of_the_house() -> None:
    assert {luhn.is_valid(card_number(n)) for n in range(200)} == {True}
    assert check_account_number(card_number(7)) == card_number(7)
    assert len(phone_number(22_000)) == 11
    assert phone_number(22_000).startswith("154")


def test_certificate_numbers_have_the_public_forms() -> None:
    new = NEW_FORM.fullmatch(level_certificate_number("S000033042101", date(2025, 3, 1), "3", 12))
    old = OLD_FORM.fullmatch(qualification_number(330400, 101, date(2026, 3, 1), "4", 12))
    assert new is not None
    assert (new["year"], new["level"]) == ("25", "3")
    assert old is not None
    assert (old["year"], old["level"]) == ("26", "4")
