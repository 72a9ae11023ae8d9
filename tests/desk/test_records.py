"""A caller's card, read from where OneCall and the bank keep it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

from ivr.adapters.ledger.sqlite import SqliteLedger
from ivr.adapters.store.memory import MemoryStore
from ivr.app.cases.book import Book
from ivr.desk.records import KeptRecords, Linked
from ivr.model.errors import PortError
from ivr.model.events import CallEnded, CallStarted
from ivr.ports.bank import Matter
from ivr.ports.cases import Link, LinkKind, NewCase
from ivr.ports.identity import Customer
from ivr.ports.ledger import OrderLedger
from tests.contracts.ledger_kit import StillClock, Writing
from tests.desk.cases_kit import book_of
from tests.desk.kit import NOW, Time, caller


class Bank:
    """A bank that knows one customer by two numbers of telephones, and counts what it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.down = False

    async def identify(self, ani: str) -> Customer | None:
        self.asked += 1
        number = {"13800001001": "C1001", "13800001002": "C1002"}.get(ani)
        return Customer(number, "王芳", "vip", "zh") if number else None

    async def products(self, customer: str) -> tuple[str, ...]:
        if self.down:
            raise PortError("bank", "down")
        return ("card",)

    async def matters(self, customer: str, now: datetime) -> tuple[Matter, ...]:
        return (Matter("M1", "transfer", NOW, 2),)


def records(bank: Bank, book: Book | None = None) -> KeptRecords:
    clock = Time()
    book = book or book_of(clock)
    return KeptRecords(MemoryStore(clock), cast(OrderLedger, None), book, bank, clock)  # type: ignore[arg-type]


async def test_a_card_is_the_customer_s_own_and_read_once_a_call() -> None:
    bank, book = Bank(), book_of(Time())
    for number in ("C1001", "C1002"):
        await book.open(NewCase(number, "complaint", "1001", customer=number))
    found = records(bank, book)
    card = await found.card(caller())
    assert card.name == "王芳"
    assert card.products == ("card",)
    assert [one.customer for one in card.cases or ()] == ["C1001"]
    assert await found.card(caller(progress="pin •")) is card
    assert bank.asked == 1
    found.forget(caller())
    await found.card(caller())
    assert bank.asked == 2


async def test_a_number_that_is_somebody_else_s_names_nobody() -> None:
    card = await records(Bank()).card(caller(ani="13800001002"))
    assert card.name == ""


async def test_nobody_who_is_not_identified_has_a_card() -> None:
    card = await records(Bank()).card(caller(customer=""))
    assert (card.name, card.cases, card.products) == ("", (), ())


async def test_what_cannot_be_asked_is_said_to_be_unknown_and_asked_again() -> None:
    bank = Bank()
    bank.down = True
    found = records(bank)
    card = await found.card(caller())
    assert card.products is None
    assert card.matters
    bank.down = False
    assert (await found.card(caller())).products == ("card",)


async def test_what_a_case_is_linked_to_is_told_as_far_as_it_is_known(tmp_path: Path) -> None:
    clock = Time()
    orders = Writing(await SqliteLedger.open(tmp_path / "ledger.sqlite"), StillClock())
    order = await orders.authorise()
    store, book = MemoryStore(clock), book_of(clock)
    store.events.emit("1.1", CallStarted("95500", "13800001001", "v1", "main", "zh"))
    clock.at += timedelta(minutes=3)
    store.events.emit("1.1", CallEnded("completed"))
    links = (
        Link(LinkKind.CALL, "1.1"),
        Link(LinkKind.CALL, "1.2"),
        Link(LinkKind.ORDER, order.draft.id),
        Link(LinkKind.ORDER, "00000000"),
    )
    case = await book.open(NewCase("a", "complaint", "1001", links=links))
    known = KeptRecords(store, orders.ledger, book, Bank(), clock)  # type: ignore[arg-type]
    assert await known.linked(case) == (
        Linked(links[0], NOW, "completed"),
        Linked(links[1]),
        Linked(links[2], order.authorised_at, "authorised", order.reference),
        Linked(links[3]),
    )
    await orders.ledger.close()
