"""What an agent writes down is read as what a caller keys, and nothing is guessed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.centre.orders.written import ReadWritten
from ivr.model.digits import Choices, Digits, Gather, Grammar, Status
from ivr.model.keyed import Amount, Day

AMOUNT = Amount(1, 5_000_000, 2)
DAY = Day("2026-11-23", "2027-11-23")
LIST = Choices(("1", "2", "9", "*"))


def _read(text: str, grammar: Grammar, *ids: str) -> str:
    return ReadWritten(text, grammar, ids).perform_now(None)


@given(st.integers(0, 6_000_000))
def test_an_amount_is_what_it_is_written_as_if_it_may_be_keyed(minor: int) -> None:
    entry = _read(f"{minor // 100}.{minor % 100:02d}", AMOUNT)
    if AMOUNT.least <= minor <= AMOUNT.most:
        assert AMOUNT.value(entry) == minor
    else:
        assert entry == ""


@given(st.dates(date(2026, 1, 1), date(2028, 12, 31)))
def test_a_day_is_what_it_is_written_as_if_it_may_be_keyed(day: date) -> None:
    entry = _read(day.isoformat(), DAY)
    possible = date(2026, 11, 23) <= day <= date(2027, 11, 23)
    assert (DAY.value(entry) if entry else None) == (day.isoformat() if possible else None)


@given(
    st.text(st.sampled_from("0123456789.*#- ９x"), max_size=12),
    st.sampled_from([AMOUNT, Amount(1, 99, 0), DAY, Digits(4, 8)]),
)
def test_what_is_taken_is_a_valid_entry_of_keys(text: str, grammar: Grammar) -> None:
    entry = _read(text, grammar)
    if not entry:
        return
    gather = Gather(grammar)
    ended = [gather.press(key) for key in f"{entry}#"]
    assert Status.COMPLETE_TERM in ended or Status.COMPLETE_LEN in ended
    assert gather.entry == entry


@pytest.mark.parametrize(
    ("text", "grammar"),
    [
        ("", AMOUNT),
        ("-5.00", AMOUNT),
        ("1e3", AMOUNT),
        ("1,000.00", AMOUNT),
        ("1.005", AMOUNT),
        ("2026-12-24", AMOUNT),
        ("１２", AMOUNT),
        ("12*50", AMOUNT),
        ("2026-02-30", DAY),
        ("2026-12-24", Digits(8, 12)),
        ("６２２２０２１００１", Digits(8, 12)),
        ("6222 0210 01", Digits(8, 12)),
    ],
)
def test_what_is_not_quite_right_is_not_taken(text: str, grammar: Grammar) -> None:
    assert _read(text, grammar) == ""


def test_of_a_list_it_is_what_is_named() -> None:
    assert _read("a2", LIST, "a1", "a2") == "2"
    assert _read("2", LIST, "a1", "a2") == ""
    assert _read("", LIST, "a1", "a2") == ""
