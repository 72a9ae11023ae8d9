"""Where callers' sessions wait to be told: in memory, one door a call."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

import msgspec

from ivr.model.floor import HandedOff
from ivr.ports.waiting import Errand, Leaving, Turn

_PAST_MOST = 10_000


class Bell(asyncio.Event):
    """News for one caller; whoever listens for all callers of a node is told as well."""

    def __init__(self, ring: Callable[[], None]) -> None:
        super().__init__()
        self._ring = ring

    def set(self) -> None:
        """Tell."""
        super().set()
        self._ring()


class Door(msgspec.Struct):
    """One caller's door. `news` is set when there is something to tell; `directive` is what comes next
    whatever the state says; `over` how the time in the queue ended.

    `asked` is the queue that the session named, `said_at` when the caller was last told where they
    stand; what they were told once is not told again. `errand` is what they do alone although the
    agent is gone, `given` what they were told to do alone, `keying` what is keyed of a secret just now;
    `since` is when they began to wait while there was no engine; `node` is the one that their session
    runs on, empty for this one.
    """

    news: Bell
    directive: Turn | None = None
    over: Leaving | None = None
    asked: str = ""
    errands: bool = False
    callbacks: bool = False
    most_ms: int = 0
    said_at: float | None = None
    offered: bool = False
    declined: bool = False
    errand: HandedOff | None = None
    given: Errand | None = None
    keying: str = ""
    since: datetime | None = None
    node: str = ""


class Doors:
    """Doors by call id, and how calls that have left did so. `on_news` is told of each call with news, and
    of its node."""

    def __init__(self) -> None:
        self.on_news: Callable[[str, str], None] = _nobody
        self._doors: dict[str, Door] = {}
        self._past: OrderedDict[str, Leaving] = OrderedDict()

    def of(self, call_id: str) -> Door:
        """Return the door of a call, made if there is none."""
        door = self._doors.get(call_id)
        if door is None:
            door = self._doors[call_id] = Door(Bell(lambda: self._rung(call_id)))
        return door

    def keying(self, call_id: str) -> str:
        """Return what a caller keys of a secret just now: what it is, and how much of it."""
        door = self._doors.get(call_id)
        return door.keying if door is not None else ""

    def wake(self, call_id: str) -> None:
        """Have a caller's session look at what is next."""
        door = self._doors.get(call_id)
        if door is not None:
            door.news.set()

    def close(self, call_id: str, how: Leaving) -> None:
        """Forget a call that has left, but for how it did."""
        self._doors.pop(call_id, None)
        self._past[call_id] = how
        while len(self._past) > _PAST_MOST:
            self._past.popitem(last=False)

    def wake_all(self) -> None:
        """Have all sessions look at what is next."""
        for door in self._doors.values():
            door.news.set()

    def _rung(self, call_id: str) -> None:
        door = self._doors.get(call_id)
        if door is not None:
            self.on_news(call_id, door.node)

    def past(self, call_id: str) -> Leaving | None:
        """Return how a call has left, where that is known."""
        return self._past.get(call_id)


def _nobody(call_id: str, node: str) -> None:
    """Nobody listens."""
