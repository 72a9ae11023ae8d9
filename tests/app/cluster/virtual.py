"""An event loop whose time goes by as soon as nobody has anything to do."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class _Instant(selectors.SelectSelector):
    """Waits for nothing; what would have been waited is taken down."""

    waited = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("everybody waits for ever")
        self.waited += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop. Nothing of the world outside may be waited for on it."""

    def __init__(self) -> None:
        self._instant = _Instant()
        super().__init__(self._instant)

    def time(self) -> float:
        return self._instant.waited


def virtually(work: Coroutine[Any, Any, None]) -> None:
    """Run something on a loop of its own, in no time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(work)
