"""Comparing a day of the ledger with the bank's."""

from __future__ import annotations

from datetime import date

import msgspec

from ivr.adapters.clock import SystemClock
from ivr.app.backends import opened
from ivr.app.clerk import DESK
from ivr.app.config import Config
from ivr.app.orders import order_ledger
from ivr.centre.ledger.acts import OPEN
from ivr.centre.ledger.reconciliation import Difference, differences
from ivr.ports.ledger import OrderLedger, OrderRecord, Wanted
from ivr.ports.posting import Posted


class Reconciliation(msgspec.Struct, frozen=True):
    """What was compared of a day: how many orders were `posted` here and `booked` at the bank."""

    day: date
    posted: int
    booked: int
    differences: tuple[Difference, ...]


async def reconcile(config: Config, day: date) -> Reconciliation:
    """Compare a business day, both ways. Raises ConfigError, PortError."""
    clock = SystemClock(config.zone)
    async with opened("bank", config.bank, clock) as bank, order_ledger(config) as ledger:
        booked: tuple[Posted, ...] = await bank.booked(day)
        posted = await ledger.select(Wanted(desk=DESK, booked_on=str(day)))
        known = {record.draft.id: record for record in posted}
        known |= {record.draft.id: record for record in await _open(ledger, day)}
        for key in [one.key for one in booked if one.key not in known]:
            record = await ledger.record(key)
            if record is not None:
                known[key] = record
    found = differences(str(day), known.values(), booked)
    return Reconciliation(day, len(posted), len(booked), tuple(found))


async def _open(ledger: OrderLedger, day: date) -> list[OrderRecord]:
    """Return the orders of up to that day of which nobody knows yet what came of them."""
    found = await ledger.select(Wanted(desk=DESK, states=OPEN))
    return [one for one in found if one.order.at.date() <= day]
