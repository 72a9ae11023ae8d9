"""Which numbers may be dialled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.centre.dialling import Numbers

NUMBERS = Numbers(allow=("0", "1", "+86"), deny=("00", "168"))


@pytest.mark.parametrize("number", ["13800001111", "02161234567", "+8613800001111", "110"])
def test_numbers_of_the_list_may_be_dialled(number: str) -> None:
    assert NUMBERS.allows(number)


@pytest.mark.parametrize(
    "number",
    [
        "",
        "9",
        "85212345678",
        "0012125550100",
        "16812345",
        "+1212555010",
        "1380000111&SIP",
        "138@evil",
        "1380000 1111",
        "13800001111\n",
        "١٣٨٠٠٠٠١١١١",
        "1" * 21,
    ],
)
def test_no_other_may(number: str) -> None:
    assert not NUMBERS.allows(number)


def test_without_a_list_nobody_is_called() -> None:
    assert not Numbers().allows("13800001111")


@given(st.text(max_size=25))
def test_only_digits_ever_reach_a_dial_string(number: str) -> None:
    if Numbers(allow=("",)).allows(number):
        digits = number.removeprefix("+")
        assert digits.isascii()
        assert digits.isdecimal()


@pytest.mark.parametrize(
    ("number", "telephone"),
    [
        ("13900007777", "13900007777"),
        ("+8613900007777", "13900007777"),
        ("008613900007777", "13900007777"),
        ("013900007777", "13900007777"),
        ("075582345678", "75582345678"),
        ("+8675582345678", "75582345678"),
        ("+4420794600", "+4420794600"),
        ("004420794600", "+4420794600"),
    ],
)
def test_a_telephone_has_one_name_however_its_number_is_written(
    number: str, telephone: str
) -> None:
    assert Numbers(country="86").telephone(number) == telephone
