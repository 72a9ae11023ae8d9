"""Callers as the dispatcher sees them, in the order in which they are served."""

from __future__ import annotations

import enum
from bisect import bisect_left, insort

from ivr.centre.dispatch.agents import Pool
from ivr.centre.dispatch.queue import QueueState
from ivr.centre.dispatch.values import Caller
from ivr.model.queues import CallbackMode

Entry = tuple[float, int, str]
"""Where a caller stands: the smallest is served first. The score is now less the first of it."""


class Standing(enum.Enum):
    """Where a caller is."""

    WAITING = "waiting"
    WITHHELD = "withheld"
    TAKEN = "taken"


class Waiter:
    """A caller, and where they stand.

    `since` is when they came to wait as they do now, on the line or for a call; `due` when their place
    changes by itself. `plain` is what was estimated at entry, `told` what the caller was told.
    """

    __slots__ = (
        "caller",
        "due",
        "entry",
        "kind",
        "plain",
        "rule",
        "serial",
        "since",
        "standing",
        "told",
    )

    def __init__(self, caller: Caller, serial: int, kind: Kind, now: float) -> None:
        self.caller = caller
        self.serial = serial
        self.kind = kind
        self.since = now
        self.standing = Standing.WITHHELD
        self.rule = 0
        self.entry: Entry = (0.0, serial, caller.call_id)
        self.due: float | None = None
        self.plain: float | None = None
        self.told = 0.0

    @property
    def ends(self) -> float | None:
        """When the longest wait is over; never for one who is to be called back."""
        if self.caller.callback is not CallbackMode.NONE:
            return None
        return self.since + self.kind.queue.document.max_wait / 1000


class Kind:
    """Callers of one queue for whom its rules admit the same agents.

    `pools` has one pool a rule, `lines` one line a rule: those callers whose wait has opened it, but
    not the next.
    """

    def __init__(self, queue: QueueState, pools: tuple[Pool, ...]) -> None:
        self.queue = queue
        self.pools = pools
        self.lines: tuple[list[Entry], ...] = tuple([] for _ in pools)

    @property
    def staff(self) -> int:
        """How many agents are logged in whom some rule admits, at least."""
        return max(pool.staff for pool in self.pools)

    @property
    def serving(self) -> int:
        """How many of them are not paused."""
        return max(pool.working for pool in self.pools)

    @property
    def free(self) -> int:
        """How many of them are free for somebody who has just come."""
        return len(next((pool for pool in self.pools if pool.staff), self.pools[0]).free)

    def first_free(self, rule: int) -> int | None:
        """Return the first rule with a free agent, for callers whose wait has opened `rule`.

        A rule for which nobody is logged in opens the next one at once.
        """
        for number, pool in enumerate(self.pools):
            if pool.free:
                return number
            if number >= rule and pool.staff:
                return None
        return None

    def enter(self, waiter: Waiter) -> None:
        insort(self.lines[waiter.rule], waiter.entry)
        insort(self.queue.order, waiter.entry)

    def exit(self, waiter: Waiter) -> None:
        for line in (self.lines[waiter.rule], self.queue.order):
            del line[bisect_left(line, waiter.entry)]
