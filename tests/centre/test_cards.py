"""Cards: every brand's numbers are known for what they are, and nothing else is."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from ivr.centre.cards import (
    BRANDS,
    LEAST_DIGITS,
    MOST_DIGITS,
    Brand,
    Flaw,
    brand_of,
    cvv_flaw,
    expiry_flaw,
    pan_flaw,
)
from ivr.model.secret import Secret

EVERY = frozenset(BRANDS)
TODAY = date(2026, 11, 22)
brands = st.sampled_from(list(BRANDS.values()))


@st.composite
def numbers(draw: st.DrawFn, brand: Brand) -> str:
    """Draw a card number of a brand, with its check digit."""
    low, high = draw(st.sampled_from(brand.ranges))
    begins = str(draw(st.integers(int(low), int(high))))
    length = draw(st.sampled_from(sorted(brand.lengths)))
    count = length - len(begins) - 1
    body = begins + "".join(
        draw(st.lists(st.sampled_from("0123456789"), min_size=count, max_size=count))
    )
    return body + luhn.calc_check_digit(body)


@given(st.data(), brands)
def test_a_number_of_a_brand_is_known_for_it(data: st.DataObject, brand: Brand) -> None:
    pan = Secret(data.draw(numbers(brand)))
    assert brand_of(pan) == brand
    assert pan_flaw(pan, EVERY) is None
    assert pan_flaw(pan, EVERY - {brand.name}) is Flaw.NOT_ACCEPTED


@given(st.data(), brands, st.integers(0, MOST_DIGITS - 1), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(
    data: st.DataObject, brand: Brand, at: int, more: int
) -> None:
    number = data.draw(numbers(brand))
    at %= len(number)
    wrong = number[:at] + str((int(number[at]) + more) % 10) + number[at + 1 :]
    assert pan_flaw(Secret(wrong), EVERY) is Flaw.INVALID


@given(st.data(), brands)
def test_a_number_that_is_a_digit_short_is_none(data: st.DataObject, brand: Brand) -> None:
    number = data.draw(numbers(brand))
    short = Secret(number[:-1])
    if len(short) not in brand.lengths:
        assert pan_flaw(short, EVERY) is Flaw.INVALID


def test_no_two_brands_begin_alike() -> None:
    assert max(len(low) for brand in BRANDS.values() for low, _ in brand.ranges) == 4
    for beginning in range(10_000):
        digits = f"{beginning:04d}"
        assert sum(brand.begins(digits) for brand in BRANDS.values()) <= 1, digits


def test_every_length_of_every_brand_can_be_keyed() -> None:
    lengths = {length for brand in BRANDS.values() for length in brand.lengths}
    assert {min(lengths), max(lengths)} == {LEAST_DIGITS, MOST_DIGITS}


@given(st.integers(0, 99), st.integers(0, 99))
def test_a_card_is_good_to_the_end_of_its_month(month: int, year: int) -> None:
    flaw = expiry_flaw(Secret(f"{month:02d}{year:02d}"), TODAY)
    if not 1 <= month <= 12:
        assert flaw is Flaw.INVALID
    elif (year, month) < (26, 11):
        assert flaw is Flaw.EXPIRED
    else:
        assert flaw is (Flaw.INVALID if year > 46 else None)


@pytest.mark.parametrize("entry", ["", "1", "112", "11226", "112026"])
def test_an_expiry_has_four_digits(entry: str) -> None:
    assert expiry_flaw(Secret(entry), TODAY) is Flaw.INVALID


@given(brands, st.text("0123456789", max_size=6))
def test_a_security_code_is_as_long_as_its_brand_has_it(brand: Brand, code: str) -> None:
    wanted = 4 if brand.name == "amex" else 3
    assert (cvv_flaw(Secret(code), brand) is None) == (len(code) == wanted)
