"""Ports that misbehave on purpose."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import Any, Generic, TypeVar

from ivr.model.errors import PortError, PortTimeout
from ivr.model.scripted import Fault

R = TypeVar("R")

BUDGET_MS = 3_000
"""How long a caller waits for a port that never answers."""


class Slow(Awaitable[R], Generic[R]):
    """Work that takes `delay_ms` of virtual time: the line lets it pass before it awaits."""

    def __init__(self, work: Callable[[], Awaitable[R]], delay_ms: int) -> None:
        self._work = work
        self.delay_ms = delay_ms

    def __await__(self) -> Generator[Any, Any, R]:
        return self._work().__await__()


class Faulty:
    """A port with a fault in it. Every method of the port is there, and answers as the fault says;
    one that takes longer than `budget_ms` is given up then, whatever it does."""

    def __init__(self, name: str, port: object, fault: Fault, budget_ms: int = BUDGET_MS) -> None:
        self._name = name
        self._port = port
        self._fault = fault
        self._budget_ms = budget_ms
        self._well = fault.well

    def __getattr__(self, method: str) -> Callable[..., Slow[Any]]:
        asked = getattr(self._port, method)
        fault = self._fault
        concerned = not fault.only or method in fault.only

        def call(*args: Any, **kwargs: Any) -> Slow[Any]:
            async def lost(error: PortError) -> Any:
                if fault.done:
                    await asked(*args, **kwargs)
                raise error

            if not concerned:
                return Slow(lambda: asked(*args, **kwargs), 0)
            if self._well:
                self._well -= 1
                return Slow(lambda: asked(*args, **kwargs), 0)
            if fault.times_out or fault.delay > self._budget_ms:
                late = PortTimeout(self._name, self._budget_ms)
                return Slow(lambda: lost(late), self._budget_ms)
            if fault.fails:
                failing = PortError(self._name, "it fails, as the script says")
                return Slow(lambda: lost(failing), fault.delay)
            return Slow(lambda: asked(*args, **kwargs), fault.delay)

        return call


class Attended:
    """A port that another port asks during a call: `attend` lets its delays pass on the line."""

    def __init__(self, port: object, attend: Callable[[Awaitable[Any]], Awaitable[Any]]) -> None:
        self._port = port
        self._attend = attend

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        asked = getattr(self._port, method)

        def call(*args: Any, **kwargs: Any) -> Awaitable[Any]:
            return self._attend(asked(*args, **kwargs))

        return call
