"""Offers in customers' own calls: what forbids them is in the book of cases, the ledger of orders and the
file of wishes."""

from __future__ import annotations

from collections.abc import Callable

from ivr.adapters.campaigns.lists import DatabaseCampaigns
from ivr.centre.campaigns import proposing
from ivr.ports.cases import CaseBook, CaseFilter, Cases
from ivr.ports.proposals import Trouble


class Proposing:
    """The Proposals port. `telephone` returns the one name of a telephone."""

    def __init__(
        self,
        store: DatabaseCampaigns,
        book: CaseBook,
        orders: Cases,
        telephone: Callable[[str], str],
    ) -> None:
        self._store = store
        self._book = book
        self._orders = orders
        self._telephone = telephone

    async def trouble(self, customer: str, ani: str, product: str) -> Trouble | None:
        """Return why something is not offered. See `Proposals`."""
        wishes = await self._store.wishes(self._telephone(ani), customer)
        cases = await self._book.find(CaseFilter(customer=customer, most=1))
        orders = await self._orders.list_open()
        theirs = sum(one.customer == customer for one in orders)
        return proposing.trouble(product, wishes, len(cases), theirs)

    async def refused(self, customer: str, product: str) -> None:
        """Remember that they do not want it. See `Proposals`."""
        await self._store.refuse(customer, product)
