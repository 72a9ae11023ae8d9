"""What rates and prices make of amounts. Amounts are minor units; rates are decimal texts."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

DAYS_A_YEAR = 360
"""A deposit's daily rate is its yearly rate / 360 (PBoC, Rules on the interest of RMB deposits and
loans, Yin Fa [2005] 129)."""


def rounded(exact: Decimal) -> int:
    """Return whole minor units, half up, as the PBoC's rules on interest have it."""
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def share(amount: int, rate: str) -> int:
    """Return what a rate makes of an amount."""
    return rounded(amount * Decimal(rate))


def deposit_interest(amount: int, rate: str, since: date, until: date) -> int:
    """Return simple interest by days; the first counts, the last does not."""
    return rounded(amount * Decimal(rate) * (until - since).days / DAYS_A_YEAR)


def bond_interest(amount: int, rate: str, months: int) -> int:
    """Return the simple interest of a savings bond held until it matures (Ministry of Finance: paid
    once with the principal, never compounded)."""
    return rounded(amount * Decimal(rate) * months / 12)


def units_for(amount: int, nav: str) -> int:
    """Return the hundredths of units that net money buys: money / price (CSRC, Zheng Jian Ji Jin Zi
    [2007] 10: the fee is on the net amount, outside it), half up."""
    return rounded(amount / Decimal(nav))


def value_of(units: int, nav: str) -> int:
    """Return what hundredths of units are worth in minor units: units x price, half up."""
    return rounded(units * Decimal(nav))
