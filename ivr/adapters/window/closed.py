"""Windows of an engine that cannot make sure of anything: they never open."""

from __future__ import annotations

from ivr.ports.window import Opened


class ClosedWindow:
    """The Window port that refuses, and says why."""

    def __init__(self, problem: str) -> None:
        self._problem = problem

    async def open(self, call_id: str) -> Opened:
        """Refuse."""
        return Opened(False, self._problem)

    async def close(self, call_id: str) -> None:
        """Nothing was open."""
