"""Limits of an order and of a day, and the level that an amount needs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ivr.centre.orders.limits import allowances, amount_of, broken, level_needed
from ivr.model.errors import EvaluationError
from ivr.model.values import Money
from ivr.ports.orders import Allowance, Per
from tests.centre.orders.kit import GIFT, form, order_type

ORDER = order_type()
NEW = form(payee={"hours": 0})
OLD = form()


def said(filled: dict[str, Any], yuan: str) -> str:
    """Return what is said of an amount."""
    limit = broken(ORDER, filled, Money.of(yuan))
    return "" if limit is None else str(limit.say.root[0])


@pytest.mark.parametrize(
    ("filled", "yuan", "word"),
    [
        (NEW, "5000.00", ""),
        (NEW, "5000.01", "too-much-yet"),
        (NEW, "60000.00", "too-much-yet"),
        (OLD, "5000.01", ""),
        (OLD, "50000.00", ""),
        (OLD, "50000.01", "too-much"),
    ],
)
def test_the_first_limit_that_holds_and_is_broken(
    filled: dict[str, Any], yuan: str, word: str
) -> None:
    assert said(filled, yuan) == word


def test_an_amount_above_the_limit_of_a_day_is_above_it_alone() -> None:
    daily = order_type(GIFT.replace('  - {most: "50000.00", say: too-much}\n', ""))
    found = broken(daily, OLD, Money.of("80000.01"))
    assert found is not None
    assert found.say.root == ("too-much-today",)


SHANGHAI = ZoneInfo("Asia/Shanghai")
BEGAN = datetime(2026, 11, 22, 23, 50, tzinfo=SHANGHAI)
NOW = datetime(2026, 11, 23, 0, 30, tzinfo=SHANGHAI)


def test_the_smallest_limit_of_a_day_that_holds_is_the_day_s() -> None:
    midnight = datetime(2026, 11, 23, tzinfo=SHANGHAI)
    for scope, most in ((NEW, "20000.00"), (OLD, "80000.00")):
        found = [one for _, one in allowances(ORDER, scope, NOW, BEGAN)]
        assert found == [Allowance(Per.DAY, Money.of(most), midnight)]


def test_a_limit_of_a_call_counts_from_its_beginning() -> None:
    order = order_type(GIFT.replace("limits:", LIMIT_OF_CALL))
    (limit, call), (_, day) = allowances(order, OLD, NOW, BEGAN)
    assert call == Allowance(Per.CALL, Money.of("60000.00"), BEGAN)
    assert limit.say.root == ("too-much-at-once",)
    assert day.per is Per.DAY


LIMIT_OF_CALL = """limits:
  - {most: "60000.00", per: call, say: too-much-at-once}
  - {most: "70000.00", per: call, say: too-much}"""


@pytest.mark.parametrize(("yuan", "level"), [("10000.00", 2), ("10000.01", 3)])
def test_above_an_amount_another_level_is_needed(yuan: str, level: int) -> None:
    assert level_needed(ORDER, Money.of(yuan), OLD) == level


def test_an_order_that_says_no_amount_comes_to_nothing() -> None:
    order = order_type(GIFT.replace('\namount: "{{ amount }}"\n', "\n"))
    assert amount_of(order, OLD) == Money(0)


def test_what_is_no_amount_is_not_taken_for_one() -> None:
    with pytest.raises(EvaluationError, match="no amount"):
        amount_of(ORDER, {**OLD, "amount": 5})
