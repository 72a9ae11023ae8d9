"""The floor port: what a supervisor sees, and a desk follows."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import Protocol

import msgspec

from ivr.model.floor import Alerted
from ivr.model.values import Scalar
from ivr.ports.agents import AgentView


class QueueView(msgspec.Struct, frozen=True):
    """A queue now, and since midnight in the bank's zone. Shares are 0..1, None without a call.

    `service_level` is H_T/O, `abandonment` Ab/O (field notes, terms and formulas), the latter also of
    the last five minutes; `longest_s` is the longest that anybody waits now; `error_s` by how much the
    estimates that callers were told were wrong, on average; `surge` what reinforces the queue now, in
    words, or empty.
    """

    queue: str
    waiting: int
    callbacks: int
    longest_s: int
    estimate_s: int | None
    offered: int
    handled: int
    abandoned: int
    service_level: float | None
    abandonment: float | None
    abandonment_5m: float | None
    ready: int
    surge: str = ""
    error_s: int | None = None


class CallerView(msgspec.Struct, frozen=True):
    """A caller who waits, talks, or is alone with the machine: what their agent's desk shows.

    `steps` is the path through the menu; `progress` what they do on an errand ("PIN •••", never more).
    """

    call_id: str
    queue: str
    since: datetime
    state: str
    agent: str = ""
    ani: str = ""
    customer: str = ""
    level: int = 0
    language: str = ""
    priority: int = 0
    steps: tuple[str, ...] = ()
    facts: dict[str, Scalar] = {}
    progress: str = ""


class Alert(msgspec.Struct, frozen=True):
    """Something that supervisors were alerted of."""

    at: datetime
    what: Alerted


class Board(msgspec.Struct, frozen=True):
    """Everything, as of `at`. `change` grows with every change of it."""

    at: datetime
    change: int
    queues: tuple[QueueView, ...]
    agents: tuple[AgentView, ...]
    callers: tuple[CallerView, ...]
    alerts: tuple[Alert, ...] = ()


class Floor(Protocol):
    """The floor as it stands. Every method raises PortError."""

    def board(self) -> Awaitable[Board]:
        """Return it now."""

    def changed(self, since: int, within_ms: int) -> Awaitable[Board]:
        """Return it as soon as `change` is greater than `since`, or as it stands after a while."""
