"""Cases that others open are taken into the book."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from ivr.app.cases.book import Book
from ivr.app.cases.taking import Taking
from ivr.ports.callbacks import Callback, Kept, Purpose, State
from ivr.ports.cases import Case, CaseFilter, CaseState, Link, LinkKind
from tests.app.cases.kit import HandClock
from tests.centre.cases.kit import MONDAY

ORDER = Case(
    "12345679", "unknown_order", "C1001", "operations", MONDAY, "o1", {"order": "transfer"}
)
TRAVEL = Case("20000007", "travel", "C1002", "travel-desk", MONDAY, "o2")
PROMISED = Callback(
    id="1764000000.1",
    purpose=Purpose.QUEUE,
    number="13800001111",
    language="en",
    entered=MONDAY,
    due=MONDAY,
    not_before=MONDAY,
    until=MONDAY + timedelta(hours=8),
    attempts=3,
    queue="service",
    customer="C1003",
    note="no answer",
)


class Ledger:
    """The cases of a ledger of orders."""

    def __init__(self, *cases: Case) -> None:
        self.cases = cases

    async def list_open(self) -> tuple[Case, ...]:
        return self.cases


class Calls:
    """The callbacks of an engine."""

    def __init__(self, *calls: Callback) -> None:
        self.calls = calls

    async def find(self, past: bool = False) -> tuple[Callback, ...]:
        return self.calls

    async def cancel(self, id: str, by: str, reason: str) -> bool:
        raise NotImplementedError

    async def schedule(self, *args: object, **named: object) -> Kept:
        raise NotImplementedError


async def test_the_case_of_an_order_has_the_ledgers_number_and_owner(book: Book) -> None:
    ledger = Ledger(ORDER, TRAVEL)
    for _ in range(2):
        await Taking(book, ledger, Calls()).orders()
    case, travel = await book.find(CaseFilter())
    assert (case.number, case.owner, case.kind) == ("12345679", "operations", "unknown_order")
    assert case.links == (Link(LinkKind.ORDER, "o1"),)
    assert case.facts == {"order": "transfer"}
    assert case.due is not None
    assert (travel.number, travel.owner, travel.due) == ("20000007", "travel-desk", None)


async def test_it_is_closed_when_the_ledger_closes_it_and_a_request_is_not(book: Book) -> None:
    ledger = Ledger(ORDER, TRAVEL)
    taking = Taking(book, ledger, Calls())
    await taking.orders()
    ledger.cases = ()
    for _ in range(2):
        await taking.orders()
    case, travel = [await book.get(one.number) for one in (ORDER, TRAVEL)]
    assert case is not None
    assert travel is not None
    assert (case.state, case.solved_by) == (CaseState.CLOSED, "orders")
    assert travel.state is CaseState.OPEN


async def test_what_somebody_has_solved_or_closed_before_stays_so(
    book: Book, clock: HandClock
) -> None:
    ledger = Ledger(ORDER)
    taking = Taking(book, ledger, Calls())
    await taking.orders()
    await book.answer(ORDER.number, "1008", "it was done")
    await book.solve(ORDER.number, "1008", "asked the bank")
    await taking.orders()
    ledger.cases = ()
    await taking.orders()
    case = await book.get(ORDER.number)
    assert case is not None
    assert (case.state, case.solution) == (CaseState.CLOSED, "asked the bank")


@pytest.mark.parametrize("state", [State.FAILED, State.EXPIRED])
async def test_a_call_that_did_not_reach_its_customer_is_a_case(book: Book, state: State) -> None:
    calls = Calls(
        replace(PROMISED, state=state),
        replace(PROMISED, id="2", state=State.BRIDGED),
        replace(PROMISED, id="3", state=State.KEPT),
        replace(PROMISED, id="4", state=State.CANCELLED),
        replace(PROMISED, id="5", state=state, purpose=Purpose.CONFIRM),
    )
    for _ in range(2):
        await Taking(book, Ledger(), calls).callbacks()
    (case,) = await book.find(CaseFilter())
    assert (case.kind, case.customer, case.ani) == ("missed-callback", "C1003", "13800001111")
    assert Link(LinkKind.CALLBACK, PROMISED.id) in case.links
    assert case.facts == {"queue": "service", "attempts": "3", "why": "no answer"}
