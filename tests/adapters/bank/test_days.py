"""Days of the bank and the exchange, and months from a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.adapters.bank.days import months_later, next_trading, trades, works


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2026-11-23", 36, "2029-11-23"),
        ("2026-12-31", 1, "2027-01-31"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-10-31", 2, "2026-12-31"),
        ("2026-11-30", 1, "2026-12-30"),
    ],
)
def test_months_later(day: str, months: int, later: str) -> None:
    assert str(months_later(date.fromisoformat(day), months)) == later


@settings(deadline=None)  # a year's holidays are worked out once
@given(st.dates(date(2025, 1, 1), date(2028, 12, 1)))
def test_the_next_trading_day_is_the_first_after_and_the_bank_works_on_it(day: date) -> None:
    found = next_trading(day)
    assert trades(found)
    assert works(found)
    assert not any(trades(day + timedelta(days=n)) for n in range(1, (found - day).days))
    assert found > day


def test_a_weekend_day_that_is_worked_is_no_trading_day() -> None:
    saturday = date(2026, 10, 10)
    assert works(saturday)
    assert not trades(saturday)
    assert not works(date(2026, 10, 1))
