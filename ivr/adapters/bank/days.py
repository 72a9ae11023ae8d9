"""Which days the bank and the exchange work, and what follows from it.

Sources: the State Council's yearly notice on public holidays and the weekend days worked for them,
and the Shanghai exchange's calendar (which never trades at weekends), as the library `holidays` has
them. Beyond the years that are announced these are its forecasts.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta
from functools import cache

import holidays

FUND_CUT_OFF = time(15, 0)
"""The exchange's close: orders of funds before it have the day's price (CSRC, Measures for the
Administration of Sales of Publicly Offered Funds: unknown price, T+1 confirmation)."""

REMITTANCE_CUT_OFF = time(17, 0)
"""Until when large remittances of a business day leave on it."""

_DAY = timedelta(days=1)
_SATURDAY = 5


def trades(day: date) -> bool:
    """Whether the exchange trades, and funds have a price."""
    return day.weekday() < _SATURDAY and day not in _exchange_holidays(day.year)


def works(day: date) -> bool:
    """Whether it is a business day of the bank."""
    public, worked = _public_holidays(day.year)
    return day in worked or (day.weekday() < _SATURDAY and day not in public)


def next_trading(day: date) -> date:
    """Return the first trading day after a day."""
    day += _DAY
    while not trades(day):
        day += _DAY
    return day


def price_day(at: datetime) -> date:
    """Return the day whose price an order of funds gets."""
    today = at.date()
    return today if trades(today) and at.time() < FUND_CUT_OFF else next_trading(today)


def remittance_day(at: datetime) -> date:
    """Return the business day on which a large remittance leaves, and arrives."""
    day = at.date()
    if works(day) and at.time() < REMITTANCE_CUT_OFF:
        return day
    day += _DAY
    while not works(day):
        day += _DAY
    return day


def months_later(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


@cache
def _exchange_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.financial_holidays("XSHG", years=year))


@cache
def _public_holidays(year: int) -> tuple[frozenset[date], frozenset[date]]:
    found = holidays.country_holidays("CN", years=year)
    return frozenset(found), frozenset(getattr(found, "weekend_workdays", ()))
