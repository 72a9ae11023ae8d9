"""The operations port: how an engine is, and whether it takes new calls."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import Protocol

import msgspec

from ivr.ports.store import StoreHealth


class EngineStatus(msgspec.Struct, frozen=True):
    """An engine, as of `at`.

    `version` is that of the flows which new calls run (SHA-256, hex), `calls` how many run now. `ami` is
    whether it is connected to Asterisk's manager interface, None where it is not to be. `draining`: it
    takes no new calls. `node` is its name; the `leader` runs the floor of all nodes: `waiting` callers and
    `agents` (logged in) are those of it, 0 elsewhere. `nodes` are those that are there; `led_by` is the one that
    leads, as far as this one knows, or empty.
    """

    at: datetime
    pid: int
    started: datetime
    version: str
    calls: int
    calls_most: int
    draining: bool
    ami: bool | None
    store: StoreHealth
    waiting: int
    agents: int
    node: str = "engine"
    leader: bool = True
    nodes: tuple[str, ...] = ()
    led_by: str = ""

    @property
    def problems(self) -> tuple[str, ...]:
        """Why it should be given no new calls; empty when it should."""
        found = []
        if self.draining:
            found.append("draining: it takes no new calls; `ivr resume` has it take some again")
        if self.ami is False:
            found.append("not connected to Asterisk's manager interface; see `ivr doctor`")
        if self.store.problem is not None:
            found.append(self.store.problem)
        if self.calls >= self.calls_most:
            found.append(f"full: {self.calls} calls, see `agi.max_calls`")
        return tuple(found)


class Latency(msgspec.Struct, frozen=True):
    """How long something took, all together and by buckets: the upper bound of each (seconds, ascending,
    the last is infinity) and how many were at most that and above the one before."""

    total_s: float = 0.0
    buckets: tuple[tuple[float, int], ...] = ()


class Operations(Protocol):
    """What operators do with an engine. Every method raises PortError."""

    def status(self) -> Awaitable[EngineStatus]:
        """Return how it is."""

    def drain(self) -> Awaitable[EngineStatus]:
        """Take no new calls: Asterisk takes them to the next node. Those that run go on."""

    def resume(self) -> Awaitable[EngineStatus]:
        """Take new calls again."""
