"""Amounts and days as they are keyed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.model.digits import Gather, Status
from ivr.model.keyed import Amount, Day

YUAN = Amount(least=1, most=500_000_000)
YEAR = Day("2026-11-23", "2027-11-23")


def keyed(grammar: Amount | Day, keys: str) -> tuple[str, Status | None]:
    """Press keys; return the entry and how it ended."""
    gather = Gather(grammar)
    status = None
    for number, key in enumerate(keys, 1):
        status = gather.press(key)
        assert status is None or number == len(keys), f"over after {keys[:number]}"
    return gather.entry, status


@pytest.mark.parametrize(
    ("keys", "value"),
    [("1250#", 125000), ("12*5#", 1250), ("12*50", 1250), ("0*01", 1), ("7*#", 700)],
)
def test_a_star_is_the_decimal_point(keys: str, value: int) -> None:
    entry, status = keyed(YUAN, keys)
    assert status is not None
    assert status.complete
    assert YUAN.value(entry) == value


@pytest.mark.parametrize("keys", ["*", "12**", "12*5*"])
def test_a_star_that_is_no_point_clears(keys: str) -> None:
    assert keyed(YUAN, keys)[1] is Status.CANCELLED


def test_a_star_after_clearing_goes_back() -> None:
    assert keyed(Amount(1, 100, cleared=True), "*")[1] is Status.BACK
    assert keyed(Day("2026-11-23", "2026-12-31", cleared=True), "*")[1] is Status.BACK


@pytest.mark.parametrize("keys", ["0#", "5000000*01#", "12345678"])
def test_an_amount_out_of_bounds_is_no_match(keys: str) -> None:
    assert keyed(YUAN, keys)[1] is Status.NO_MATCH


def test_without_decimals_a_star_always_clears_and_the_longest_entry_is_over() -> None:
    units = Amount(least=1, most=99, decimals=0)
    assert keyed(units, "4*")[1] is Status.CANCELLED
    assert keyed(units, "42") == ("42", Status.COMPLETE_LEN)


@given(st.integers(0, 4), st.data())
def test_every_value_can_be_keyed_and_is_read_as_it_is(decimals: int, data: st.DataObject) -> None:
    most = data.draw(st.integers(1, 10**12))
    value = data.draw(st.integers(0, most))
    grammar = Amount(0, most, decimals)
    entry, status = keyed(grammar, grammar.keyed(value))
    assert status is not None
    assert status.complete
    assert grammar.value(entry) == value


@pytest.mark.parametrize(
    ("keys", "day"),
    [
        ("1123#", "2026-11-23"),
        ("1122#", "2027-11-22"),
        ("20270101", "2027-01-01"),
        ("0101#", "2027-01-01"),
    ],
)
def test_a_day_is_keyed_with_or_without_its_year(keys: str, day: str) -> None:
    entry, status = keyed(YEAR, keys)
    assert status is not None
    assert status.complete
    assert YEAR.value(entry) == day


@pytest.mark.parametrize("keys", ["0230#", "20261122#", "20271124#", "112#", "202611231"])
def test_no_day_or_one_out_of_bounds_is_no_match(keys: str) -> None:
    gather = Gather(YEAR)
    status = None
    for key in keys:
        status = gather.press(key)
    assert status is Status.NO_MATCH


def test_a_leap_day_is_the_next_one() -> None:
    assert Day("2027-01-01", "2030-01-01").value("0229") == "2028-02-29"


@given(st.dates(date(2000, 1, 1), date(2098, 1, 1)), st.integers(0, 364))
def test_every_day_within_a_year_can_be_keyed_without_its_year(first: date, ahead: int) -> None:
    day = first + timedelta(days=ahead)
    grammar = Day(str(first), str(first + timedelta(days=364)))
    assert grammar.value(f"{day:%m%d}") == str(day)


@pytest.mark.parametrize("grammar", [YUAN, YEAR, Amount(5, 3), Amount(1, 9, 0)])
def test_a_proof_tries_entries_that_are_valid_and_ones_that_are_not(grammar: Amount | Day) -> None:
    ended = {keyed(grammar, keys)[1] for keys in grammar.examples((), "")}
    assert {Status.NO_MATCH, Status.EMPTY_TERM, Status.CANCELLED} <= ended
    assert any(status.complete for status in ended if status) is (grammar != Amount(5, 3))
