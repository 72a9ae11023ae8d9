"""Windows of an engine without a manager interface: they never open."""

from __future__ import annotations

from collections.abc import Callable

from ivr.ports.window import Opened


class ClosedWindow:
    """The Window port that refuses, and says why. `records` tells whether conversations are recorded:
    then no PIN is asked for either."""

    def __init__(self, problem: str, records: Callable[[], bool] = lambda: True) -> None:
        self._problem = problem
        self._records = records

    async def open(self, call_id: str) -> Opened:
        """Refuse."""
        return Opened(False, self._problem)

    async def close(self, call_id: str) -> None:
        """Nothing was open."""

    async def hush(self, call_id: str) -> Opened:
        """Refuse where anything may record the call."""
        return Opened(False, self._problem) if self._records() else Opened(True)

    async def unhush(self, call_id: str) -> None:
        """Nothing was silenced."""
