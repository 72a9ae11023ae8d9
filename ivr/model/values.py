"""The values a flow computes with."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec


class Money(msgspec.Struct, frozen=True, array_like=True, tag="money", order=True):
    """An amount in minor units (fen, cents) of one currency (ISO 4217 code)."""

    minor: int
    currency: str = "CNY"

    @classmethod
    def of(cls, major: str | Decimal, currency: str = "CNY") -> Money:
        """Make money from a decimal text of major units: `Money.of("12.34")` is 1234 fen.

        Raises ValueError for more than two decimals or no number at all.
        """
        try:
            minor = Decimal(major) * 100
        except ArithmeticError as error:
            raise ValueError(f"not an amount: {major!r}") from error
        if not minor.is_finite() or minor != minor.to_integral_value():
            raise ValueError(f"not an amount of whole minor units: {major!r}")
        return cls(int(minor), currency)

    def __str__(self) -> str:
        sign = "-" if self.minor < 0 else ""
        major, rest = divmod(abs(self.minor), 100)
        return f"{sign}{major}.{rest:02d} {self.currency}"


Scalar = None | bool | int | str | Money
"""What a variable may hold. Dates and times are ISO 8601 texts."""

TYPES: Mapping[type, str] = {bool: "truth", int: "number", str: "text", Money: "money"}


def type_of(value: Scalar) -> str:
    """Return the type of a value, as flows declare it; `nothing` for none."""
    return TYPES.get(type(value), "nothing")


Value = Scalar | Mapping[str, Scalar]
"""A scalar, or one level of named scalars (`customer.segment`)."""
