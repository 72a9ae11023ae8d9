"""Ports that answer in time, or not at all; and, for rehearsals, ports that take their time.

Both wrap any port whose methods are all asynchronous.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ivr.model.errors import PortTimeout


class Budgeted:
    """A port that answers within `budget_ms` (a method in `budgets` within its own), or raises
    PortTimeout.

    What the port did in the meantime is unknown then; a PIN attempt stays counted.
    """

    def __init__(
        self, name: str, port: object, budget_ms: int, budgets: Mapping[str, int] | None = None
    ) -> None:
        self._name = name
        self._port = port
        self._budget_ms = budget_ms
        self._budgets = budgets or {}

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        asked = getattr(self._port, method)
        budget_ms = self._budgets.get(method, self._budget_ms)

        async def call(*args: Any) -> Any:
            budget = asyncio.timeout(budget_ms / 1000)
            try:
                async with budget:
                    return await asked(*args)
            except TimeoutError as error:
                if budget.expired():
                    raise PortTimeout(self._name, budget_ms) from error
                raise

        return call


class Delayed:
    """A port that answers `delay_ms` later: what do callers hear when the core is slow?"""

    def __init__(self, port: object, delay_ms: int) -> None:
        self._port = port
        self._delay_s = delay_ms / 1000

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        asked = getattr(self._port, method)

        async def call(*args: Any) -> Any:
            if self._delay_s:
                await asyncio.sleep(self._delay_s)
            return await asked(*args)

        return call
