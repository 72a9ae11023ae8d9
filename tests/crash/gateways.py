"""Gateways whose caller is killed, and gateways that lose what is said, for `tests.crash.payments`."""

from __future__ import annotations

import os
from typing import Any

from msgspec.structs import replace

from ivr.model.errors import PortTimeout
from ivr.model.values import Money
from ivr.ports.payments import Card, Payment, Payments
from tests.crash.harness import Reaper


class DyingGateway:
    """A gateway whose caller dies before it asks, or after it was done."""

    def __init__(self, gateway: Payments, reaper: Reaper) -> None:
        self._gateway = gateway
        self._reaper = reaper

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    async def authorise(
        self, key: str, order: str, amount: Money, card: Card, instalments: int
    ) -> Payment:
        self._reaper.before("authorise")
        payment = await self._gateway.authorise(key, order, amount, card, instalments)
        self._reaper.after("authorise")
        return payment

    async def capture(self, key: str) -> Payment:
        self._reaper.before("capture")
        payment = await self._gateway.capture(key)
        self._reaper.after("capture")
        return payment

    async def void(self, key: str) -> Payment:
        self._reaper.before("void")
        payment = await self._gateway.void(key)
        self._reaper.after("void")
        return payment


class SilentGateway(DyingGateway):
    """Reserves what it is asked to and never says so; in a later life it can be asked."""

    silent = False

    async def authorise(
        self, key: str, order: str, amount: Money, card: Card, instalments: int
    ) -> Payment:
        await super().authorise(key, order, amount, card, instalments)
        self.silent = True
        raise PortTimeout("gateway", 3_000)

    async def query(self, key: str) -> Payment | None:
        if self.silent:
            raise PortTimeout("gateway", 3_000)
        return await self._gateway.query(key)


class LosingGateway(DyingGateway):
    """Is never reached by a request to reserve."""

    async def authorise(
        self, key: str, order: str, amount: Money, card: Card, instalments: int
    ) -> Payment:
        raise PortTimeout("gateway", 3_000)


class RekeyingGateway(DyingGateway):
    """What no gateway may be given: every request has a key of its own."""

    async def authorise(
        self, key: str, order: str, amount: Money, card: Card, instalments: int
    ) -> Payment:
        other = os.urandom(16).hex()
        await super().authorise(other, order, amount, card, instalments)
        payment = await self.capture(other)
        return replace(payment, key=key)
