"""Something new: a number that grows, and those who wait for it."""

from __future__ import annotations

import asyncio


class News:
    """Counts what is new."""

    def __init__(self) -> None:
        self.number = 0
        self._told = asyncio.Event()

    def tell(self) -> None:
        """There is something new."""
        self.number += 1
        self.wake()

    def wake(self) -> None:
        """Wake whoever waits, though nothing is new."""
        self._told.set()
        self._told = asyncio.Event()

    async def after(self, number: int, within_s: float) -> None:
        """Return as soon as there is anything after `number`, or after a while, or when woken."""
        try:
            async with asyncio.timeout(within_s):
                if self.number <= number:
                    await self._told.wait()
        except TimeoutError:
            pass
