"""Money is whole minor units."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.model.values import Money


@given(st.integers(-(10**14), 10**14))
def test_money_round_trips_through_text_and_json(minor: int) -> None:
    money = Money(minor)
    assert Money.of(str(money).removesuffix(" CNY")) == money
    assert msgspec.json.decode(msgspec.json.encode(money), type=Money) == money


@pytest.mark.parametrize("text", ["1.234", "nan", "inf", "", "1,000", "twelve"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        Money.of(text)


def test_negative_amounts_print_as_people_write_them() -> None:
    assert str(Money(-5)) == "-0.05 CNY"
