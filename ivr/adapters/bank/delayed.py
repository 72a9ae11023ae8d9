"""A bank that thinks for a while, for rehearsals: what do callers hear when the core is slow?"""

from __future__ import annotations

import asyncio

from ivr.model.secret import Secret
from ivr.model.values import Money
from ivr.ports.bank import Bank, Branch, PinAnswer


class Delayed:
    """Another bank, `delay_ms` later."""

    def __init__(self, bank: Bank, delay_ms: int) -> None:
        self._bank = bank
        self._delay_s = delay_ms / 1000

    async def verify_pin(self, account: str, pin: Secret, ani: str) -> PinAnswer:
        """See `ivr.ports.bank.Bank`."""
        await asyncio.sleep(self._delay_s)
        return await self._bank.verify_pin(account, pin, ani)

    async def balance(self, account: str) -> Money:
        """See `ivr.ports.bank.Bank`."""
        await asyncio.sleep(self._delay_s)
        return await self._bank.balance(account)

    async def branch(self, number: str, day: str) -> Branch | None:
        """See `ivr.ports.bank.Bank`."""
        await asyncio.sleep(self._delay_s)
        return await self._bank.branch(number, day)
