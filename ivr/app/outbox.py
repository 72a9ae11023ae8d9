"""Sends what customers are to be told of their orders: once a result, and again while it cannot be."""

from __future__ import annotations

import asyncio
import logging

from ivr.app.orderbook import OrderBook
from ivr.model.errors import PortError
from ivr.ports.ledger import Outgoing
from ivr.ports.notify import Notify

MOST = 50
"""Notices that are sent at a time."""

_LOG = logging.getLogger("ivr.orders")


class Outbox:
    """The notices that the ledger holds for customers."""

    def __init__(self, book: OrderBook, notify: Notify) -> None:
        self._book = book
        self._notify = notify

    async def catch_up(self) -> int:
        """Send what is due, and return how many notices that were. Raises PortError."""
        count = 0
        while due := await self._book.outbox(MOST):
            await asyncio.gather(*(self._send(one) for one in due))
            count += len(due)
        return count

    async def _send(self, one: Outgoing) -> None:
        try:
            # A kill after this sends it again; it has the same key then, and is not doubled.
            delivered = await self._notify.send(one.notice)
        except PortError as error:
            _LOG.warning("order %s: the customer is not told yet: %s", one.order, error)
            await self._book.put_off_notice(one.notice.key, one.tries)
        else:
            await self._book.told(one, delivered=delivered)
