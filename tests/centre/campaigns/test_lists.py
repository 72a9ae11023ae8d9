"""Lists: every line is taken or told of, and nothing of one reaches a dial string unlooked at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.centre.campaigns.lists import Again, HeadError, Wrong, read_list
from ivr.centre.dialling import Numbers
from ivr.model.values import Money
from ivr.ports.campaigns import Listed
from tests.centre.campaigns.kit import campaign

NUMBERS = Numbers(allow=("1", "+86"), deny=("168",))
HEAD = "number,customer,language,zone,amount,consent"


def read(*lines: str, head: str = HEAD) -> list[Listed | Wrong | Again]:
    return list(read_list([head + "\n", *(line + "\n" for line in lines)], campaign(), NUMBERS))


def test_what_a_line_says() -> None:
    assert read("138 0000-1111,C1001,en,Asia/Urumqi,12.50,Yes", ",,,,,") == [
        Listed("13800001111", "C1001", "en", "Asia/Urumqi", Money(1250), consent=True)
    ]
    assert read("13800001111", head="\ufeffNumber") == [Listed("13800001111")]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (",C1,zh,,1,", "number: there is none"),
        ("16800001111,C1,zh,,1,", "number: `16800001111` is none that may be dialled"),
        ("13800001111@trunk,C1,zh,,1,", "number: `13800001111@trunk` is none that may be dialled"),
        ("13800001111,C1,fr,,1,", "language: `fr` is none of zh, en"),
        ("13800001111,C1,zh,Mars/X,1,", "zone: `Mars/X` is no time zone; write one like Asia/Shanghai"),
        ("13800001111,C1,zh,,-1,", "amount: `-1` is no amount; write one like 1234.50"),
        ("13800001111,C1,zh,,nan,", "amount: `nan` is no amount; write one like 1234.50"),
        ("13800001111,C1,zh,,1,perhaps", "consent: `perhaps` is neither yes nor no"),
        ("13800001111,C1", "2 fields, and 6 columns"),
        (f"13800001111,{'C' * 65},zh,,1,", "customer: more than 64 characters"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_line_and_the_next_is_read(line: str, why: str) -> None:
    wrong, good = read(line, "13800001002,C2,zh,,1,")
    assert wrong == Wrong(2, why, line)
    assert isinstance(good, Listed)


def test_a_number_twice_is_left_out_however_it_is_written() -> None:
    assert read("13800001111,,,,,", "+8613800001111,,,,,")[1] == Again(3, 2)


@pytest.mark.parametrize("head", ["", "customer", "number,number", "number,telephone"])
def test_a_first_line_that_names_no_columns(head: str) -> None:
    with pytest.raises(HeadError):
        read("13800001111", head=head)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=8))
def test_no_line_is_lost_and_none_but_digits_may_be_dialled(fields: list[str]) -> None:
    lines = [",".join(f'"{field.replace(chr(34), "")}"' for field in [one] * 6) for one in fields]
    told = read(*lines, "13800001111,,,,,")
    assert told, "the last line is told of whatever came before"
    for one in told:
        if isinstance(one, Listed):
            assert NUMBERS.allows(one.number)
