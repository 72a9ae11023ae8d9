"""Offers in customers' own calls, asked of the real books: what is open, what is agreed to, what was refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ivr.adapters.campaigns.lists import DatabaseCampaigns
from ivr.app.campaigns.proposing import Proposing
from ivr.app.cases.book import Book
from ivr.centre.dialling import Numbers
from ivr.ports.campaigns import Scope
from ivr.ports.cases import Case, NewCase
from ivr.ports.proposals import Trouble
from tests.app.callbacks.kit import Clock
from tests.app.cases.kit import HandClock, book_on

CUSTOMER, ANI = "C1001", "13800001111"


class Orders:
    """The Cases port of the ledger of orders."""

    def __init__(self) -> None:
        self.open: list[Case] = []

    async def list_open(self) -> tuple[Case, ...]:
        return tuple(self.open)


class Books:
    """All that is asked."""

    def __init__(self, store: DatabaseCampaigns, cases: Book) -> None:
        self.store, self.cases, self.orders = store, cases, Orders()
        numbers = Numbers(allow=("",), country="86")
        self.port = Proposing(store, cases, self.orders, numbers.telephone)

    async def trouble(self, product: str = "deposit", ani: str = ANI) -> Trouble | None:
        return await self.port.trouble(CUSTOMER, ani, product)


@pytest.fixture
async def books(tmp_path: Path) -> AsyncIterator[Books]:
    clock = HandClock()
    cases = await book_on(tmp_path, clock)
    store = await DatabaseCampaigns.open(tmp_path / "campaigns.sqlite", Clock())
    yield Books(store, cases)
    await store.close()
    await cases.store.close()


async def test_nothing_is_offered_before_somebody_has_agreed(books: Books) -> None:
    assert await books.trouble() is Trouble.NO_CONSENT
    await books.store.agree(ANI, True, "li.na")
    assert await books.trouble() is None
    assert await books.trouble(ani=f"+86{ANI}") is None, "it is the same telephone"
    await books.store.bar(ANI, Scope.SALES, "li.na", "")
    assert await books.trouble() is Trouble.NO_CALLS


async def test_their_own_matter_comes_first(books: Books) -> None:
    await books.store.agree(ANI, True, "li.na")
    other = Case("12345679", "unknown_order", "C1002", "operations", HandClock().now())
    books.orders.open.append(other)
    assert await books.trouble() is None, "another customer's order"
    books.orders.open.append(Case("22345679", "unknown_order", CUSTOMER, "x", HandClock().now()))
    assert await books.trouble() is Trouble.ORDER
    opened = await books.cases.open(NewCase("k", "complaint", "flow", customer=CUSTOMER))
    assert await books.trouble() is Trouble.CASE
    await books.cases.answer(opened.number, "1008", "told")
    await books.cases.solve(opened.number, "1008", "paid back")
    assert await books.trouble() is Trouble.CASE, "it is not closed"
    await books.cases.finish(opened.number, "1008")
    books.orders.open.clear()
    assert await books.trouble() is None


async def test_what_they_refused_is_not_offered_again_and_other_things_are(books: Books) -> None:
    await books.store.agree(ANI, True, "li.na")
    await books.port.refused(CUSTOMER, "deposit")
    assert await books.trouble() is Trouble.REFUSED
    assert await books.trouble("fund") is None
