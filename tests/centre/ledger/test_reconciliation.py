"""A day of the ledger against the bank's: every sort of difference, both ways."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from ivr.centre.ledger.acts import Act, Agreed, Done, Drafted, Heard, Lost, Refused, Sent, Withdrawn
from ivr.centre.ledger.chain import written
from ivr.centre.ledger.reconciliation import Difference, Sort, differences
from ivr.model.values import Money
from ivr.ports.ledger import Booked, OrderRecord
from ivr.ports.posting import Posted, Reason
from tests.contracts.ledger_kit import MONDAY, draft, order_id, said

DAY = "2026-11-23"
BOOKED = Booked("B1", Money(50_000), Money(0), DAY)
POSTED = Posted(order_id(1), Reason.NONE, "B1", Money(50_000), Money(0), DAY)


def order(*acts: Act, number: int = 1, agreed: bool = True) -> OrderRecord:
    whole = [Drafted(draft(number)), Heard(said(number)), *([Agreed("12345670")] if agreed else [])]
    record: OrderRecord | None = None
    for second, act in enumerate([*whole, *acts]):
        _, record = written(record, act, MONDAY + timedelta(seconds=second), "test")
    assert record is not None
    return record


DONE = order(Sent(1), Done(BOOKED))


def test_a_day_of_which_both_say_the_same() -> None:
    assert differences(DAY, [DONE], [POSTED]) == []
    assert differences(DAY, [], []) == []


@pytest.mark.parametrize(
    ("here", "sort", "problem"),
    [
        (None, Sort.NOT_AUTHORISED, "booked 500.00 CNY under B1; no such order is known here"),
        (order(agreed=False), Sort.NOT_AUTHORISED, "booked 500.00 CNY; it is read_back here"),
        (order(Withdrawn("left"), agreed=False), Sort.NOT_AUTHORISED, "it is cancelled here"),
        (order(Sent(1), Refused("funds")), Sort.NOT_POSTED, "it is rejected here: funds"),
        (order(Sent(1)), Sort.OPEN, "it is still posting here"),
        (order(Sent(1), Lost("late", "1")), Sort.OPEN, "it is still unknown here"),
    ],
)
def test_the_bank_has_what_is_not_posted_here(
    here: OrderRecord | None, sort: Sort, problem: str
) -> None:
    (found,) = differences(DAY, [here] if here else [], [POSTED])
    assert (found.sort, found.order) == (sort, order_id(1))
    assert problem in found.problem


def test_what_is_posted_here_and_the_bank_does_not_have() -> None:
    problem = "500.00 CNY are posted here; the bank has booked nothing"
    wanted = Difference(Sort.NOT_BOOKED, order_id(1), "12345670", problem)
    assert differences(DAY, [DONE], []) == [wanted]
    assert differences("2026-11-24", [DONE], []) == []


def test_what_is_open_is_told_though_the_bank_does_not_have_it() -> None:
    (found,) = differences(DAY, [order(Sent(1), Lost("late", "1"))], [])
    assert (found.sort, found.problem) == (Sort.OPEN, "it is still unknown; not booked that day")


@pytest.mark.parametrize(
    ("posted", "problem"),
    [
        ({"amount": Money(50_001)}, "amount 500.01 CNY at the bank, 500.00 CNY here"),
        ({"amount": Money(50_001)}, "amount 500.01 CNY at the bank, 500.00 CNY was authorised"),
        ({"fee": Money(200)}, "fee 2.00 CNY at the bank, 0.00 CNY here"),
        ({"fee": Money(200)}, "fee 2.00 CNY at the bank, 0.00 CNY was authorised"),
        ({"reference": "B2"}, "reference B2 at the bank, B1 here"),
        ({"amount": Money(50_000, "USD")}, "amount 500.00 USD at the bank, 500.00 CNY here"),
    ],
)
def test_both_have_it_and_do_not_say_the_same(posted: dict[str, object], problem: str) -> None:
    (found,) = differences(DAY, [DONE], [replace(POSTED, **posted)])
    assert found.sort is Sort.DIFFERS
    assert problem in found.problem


def test_what_was_said_when_it_was_posted_is_compared_with_what_was_authorised() -> None:
    dearer = order(Sent(1), Done(replace(BOOKED, fee=Money(500))))
    (found,) = differences(DAY, [dearer], [replace(POSTED, fee=Money(500))])
    assert found.problem == "fee 5.00 CNY at the bank, 0.00 CNY was authorised"


def test_differences_come_by_order() -> None:
    here = [order(Sent(1), number=number) for number in (3, 1, 2)]
    found = differences(DAY, here, [])
    assert [one.order for one in found] == [order_id(number) for number in (1, 2, 3)]
