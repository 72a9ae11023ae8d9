"""Which numbers may be dialled."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ivr.centre.dialling import Numbers, telephone

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
    ("number", "name"),
    [
        ("13900007777", "13900007777"),
        ("+86 139-0000-7777", "13900007777"),
        ("+86 (0)755 8234 5678", "75582345678"),
        ("+8613900007777", "13900007777"),
        ("008613900007777", "13900007777"),
        ("013900007777", "13900007777"),
        ("075582345678", "75582345678"),
        ("+8675582345678", "75582345678"),
        ("+4420794600", "+4420794600"),
        ("004420794600", "+4420794600"),
        ("", ""),
    ],
)
def test_a_telephone_has_one_name_however_its_number_is_written(number: str, name: str) -> None:
    assert Numbers(country="86").telephone(number) == name


COUNTRIES = st.sampled_from(["86", "852", "1"])
DIGITS = st.from_regex(r"[1-9][0-9]{4,12}", fullmatch=True)
WAYS = ("{}", "0{}", "+{country}{}", "00{country}{}", "+{country}0{}", "00{country}0{}")


@given(DIGITS, COUNTRIES, st.sampled_from(WAYS), st.data())
def test_each_way_of_writing_a_number_is_the_same_telephone(
    digits: str, country: str, way: str, data: st.DataObject
) -> None:
    written = way.format(digits, country=country)
    between = st.sampled_from(["", "", " ", "-", ".", "(", ")"])
    spaced = "".join(digit + data.draw(between) for digit in written)
    assert telephone(spaced, country) == digits


@given(DIGITS, DIGITS, COUNTRIES)
def test_two_telephones_have_two_names(one: str, other: str, country: str) -> None:
    abroad = telephone(f"+{one}", country)
    if not one.startswith(country):
        assert abroad == f"+{one}" == telephone(f"00{one}", country)
    assert (telephone(one, country) == telephone(other, country)) is (one == other)


@given(st.text("+0123456789 -()86", max_size=20), COUNTRIES)
@example("+860013900007777", "86")
def test_a_telephones_name_is_called_by_itself(number: str, country: str) -> None:
    name = telephone(number, country)
    assert telephone(name, country) == name
