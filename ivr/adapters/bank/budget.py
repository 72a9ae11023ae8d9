"""A time budget for every question to a bank."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from ivr.model.errors import PortTimeout
from ivr.model.secret import Secret
from ivr.model.values import Money
from ivr.ports.bank import Bank, Branch, PinAnswer

R = TypeVar("R")

BUDGET_MS = 3_000
"""A caller who hears nothing for longer than this believes the line is dead."""


class Budgeted:
    """A bank that answers within `budget_ms`, or raises PortTimeout.

    What the bank did in the meantime is unknown then; a PIN attempt stays counted.
    """

    def __init__(self, bank: Bank, budget_ms: int = BUDGET_MS) -> None:
        self._bank = bank
        self._budget_ms = budget_ms

    async def verify_pin(self, account: str, pin: Secret, ani: str) -> PinAnswer:
        """See `ivr.ports.bank.Bank`."""
        return await self._within(self._bank.verify_pin(account, pin, ani))

    async def balance(self, account: str) -> Money:
        """See `ivr.ports.bank.Bank`."""
        return await self._within(self._bank.balance(account))

    async def branch(self, number: str, day: str) -> Branch | None:
        """See `ivr.ports.bank.Bank`."""
        return await self._within(self._bank.branch(number, day))

    async def _within(self, answer: Awaitable[R]) -> R:
        budget = asyncio.timeout(self._budget_ms / 1000)
        try:
            async with budget:
                return await answer
        except TimeoutError as error:
            if budget.expired():
                raise PortTimeout("bank", self._budget_ms) from error
            raise
