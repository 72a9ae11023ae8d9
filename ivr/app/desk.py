"""A desk carries out authorised orders: at once, and again until it is known what came of them.

A desk that dies leaves its orders in the ledger under a lease; whoever looks first when that is over,
this engine or another, takes them from there.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from ivr.app.orderbook import OrderBook
from ivr.centre.ledger.acts import OPEN
from ivr.centre.ledger.chain import LawBroken
from ivr.model.errors import PortError
from ivr.ports.ledger import OrderRecord
from ivr.ports.orders import OrderState

MOST = 20
"""Orders that are taken up again at a time."""
POLL_S = 0.25
"""How often an order that another engine carries out is looked at."""
IN_HAND = (OrderState.AUTHORISED, OrderState.POSTING)

_LOG = logging.getLogger("ivr.orders")

Carry = Callable[[OrderRecord], Awaitable[None]]
"""Carries an order out as far as it can: `sent` and the result are written by it. An order that was
sent before (`attempts`) is asked about first. Raises PortError, to be tried again later."""


class Desk:
    """The orders of one desk (`Draft.desk`). `carry` carries one out."""

    def __init__(self, name: str, book: OrderBook, carry: Carry) -> None:
        self._name = name
        self._book = book
        self._carry = carry
        self._working: dict[str, asyncio.Task[None]] = {}

    def begin(self, order: str) -> None:
        """Carry out an order from now on, whatever becomes of the call."""
        self._start(order, 0)

    async def wait(self, order: str, wait_ms: int) -> OrderRecord:
        """Return an order as soon as it is not in hand any more, or as it stands after a while.

        Raises PortError, also for no such order.
        """
        working = self._working.get(order)
        until = asyncio.get_running_loop().time() + wait_ms / 1000
        if working is not None:
            await asyncio.wait([working], timeout=wait_ms / 1000)
        while True:
            record = await self.record(order)
            left = until - asyncio.get_running_loop().time()
            if record.state not in IN_HAND or left <= 0:
                return record
            await asyncio.sleep(min(POLL_S, left))

    async def catch_up(self) -> int:
        """Take up what is due, and return how many orders that were. Raises PortError."""
        count = 0
        while claimed := await self._book.claim(self._name, MOST):
            for one in claimed:
                self._start(one.record.draft.id, one.tries)
            await self.finish()
            count += len(claimed)
        return count

    async def finish(self, within_s: float | None = None) -> None:
        """Wait for what is in hand; the ledger knows of what is not done by then."""
        if self._working:
            await asyncio.wait(self._working.values(), timeout=within_s)

    async def stop(self, within_s: float) -> None:
        """Wait for what is in hand, and let go of it then."""
        await self.finish(within_s)
        left = list(self._working.values())
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)

    async def record(self, order: str) -> OrderRecord:
        """Return an order. Raises PortError, also when there is none."""
        record = await self._book.record(order)
        if record is None:
            raise PortError("orders", "there is no such order")
        return record

    async def carry_out(self, order: str, tries: int) -> None:
        """Carry an order out, as far as it goes; what is open then is due again later."""
        try:
            await self._once(order)
        except (PortError, LawBroken) as error:
            _LOG.warning("order %s: %s; it is taken up again later", order, error)
        try:
            if (await self.record(order)).state in OPEN:
                await self._book.put_off(order, tries)
        except PortError as error:
            _LOG.warning("order %s: %s; it is taken up again when its lease is over", order, error)

    async def _once(self, order: str) -> None:
        record = await self.record(order)
        if record.state in OPEN and record.draft.desk == self._name:
            await self._carry(record)

    def _start(self, order: str, tries: int) -> None:
        if order not in self._working:
            task = asyncio.create_task(self.carry_out(order, tries), name=f"order-{order}")
            self._working[order] = task
            task.add_done_callback(lambda _: self._working.pop(order, None))


class DeskInCall(Desk):
    """A desk without tasks: an order is carried out while the caller waits for it, in the time of a
    simulated call. What nobody waited for is carried out by `finish`."""

    def __init__(self, name: str, book: OrderBook, carry: Carry) -> None:
        super().__init__(name, book, carry)
        self._begun: dict[str, None] = {}

    def begin(self, order: str) -> None:
        """Carry out an order when somebody waits for it."""
        self._begun[order] = None

    async def wait(self, order: str, wait_ms: int) -> OrderRecord:
        """Carry an order out, and return it as it stands then."""
        if order in self._begun:
            del self._begun[order]
            await self.carry_out(order, 0)
        return await self.record(order)

    async def finish(self, within_s: float | None = None) -> None:
        """Carry out what nobody waited for."""
        for order in tuple(self._begun):
            await self.wait(order, 0)
        await super().finish(within_s)
