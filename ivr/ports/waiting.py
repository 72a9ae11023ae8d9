"""The waiting port: a caller in a queue, from joining it to the end of the last conversation.

The dispatcher decides, the caller's own session does: it asks `turn` again and again and does what
it is told. A session that comes back on a new connection joins again and keeps its place.
"""

from __future__ import annotations

import enum
from collections.abc import Awaitable
from typing import Protocol

import msgspec

from ivr.model.values import Scalar
from ivr.ports.line import DialStatus


class Joining(msgspec.Struct, frozen=True):
    """Who wants to wait, and for whom.

    `priority` is what the flow gives beside the queue's own rules; `facts` are what skill rules and
    the agent's desk may read (segment, level, products, the path through the menu).
    """

    call_id: str
    queue: str
    language: str
    ani: str = ""
    customer: str = ""
    level: int = 0
    priority: int = 0
    facts: dict[str, Scalar] = {}


class Leaving(enum.StrEnum):
    """How a caller's time in a queue ended. Each is an outcome of the step `queue`, but `abandoned`."""

    SERVED = "served"
    TIMEOUT = "timeout"
    FULL = "full"
    CLOSED = "closed"
    OVERFLOW = "overflow"
    CALLBACK = "callback"
    EMPTY = "empty"
    ABANDONED = "abandoned"


class Wait(msgspec.Struct, frozen=True, tag=True):
    """Go on waiting, with music. `position` counts from 1; `estimate_s` is the estimated wait, None
    where there is none to tell. `say` tells the caller both now; `offer` offers to be called back."""

    position: int
    estimate_s: int | None = None
    say: bool = False
    offer: bool = False


class Ring(msgspec.Struct, frozen=True, tag=True):
    """Ring an agent's telephone and join it with the caller.

    `endpoint` is a configured Asterisk endpoint, never anything that a caller said. `whisper` are
    prompts that only the agent hears, before the caller; `accept`: the agent takes the call by a key.
    """

    agent: str
    endpoint: str
    ring_ms: int
    whisper: tuple[str, ...] = ()
    accept: bool = False


class Hold(msgspec.Struct, frozen=True, tag=True):
    """Wait with music while the agent is away for a moment; nothing is announced."""


class Join(msgspec.Struct, frozen=True, tag=True):
    """Be joined with a channel that is up: the agent again, or whoever the agent has consulted."""

    channel: str
    agent: str


class Errand(msgspec.Struct, frozen=True, tag=True):
    """Do something alone with the machine that an agent prepared, then come back to that agent.

    `kind` is `order` or `payment`; `name` the order type or the payment's order number; `form` what
    the agent has filled in.
    """

    id: str
    kind: str
    name: str
    form: dict[str, Scalar | dict[str, Scalar]] = {}


class Over(msgspec.Struct, frozen=True, tag=True):
    """The time in the queue is over."""

    how: Leaving


Turn = Wait | Ring | Hold | Join | Errand | Over


class Waiting(Protocol):
    """Callers in queues. Every method raises PortError."""

    def join(self, joining: Joining) -> Awaitable[Turn]:
        """Enter a queue, or come back to it with the original time of entry; return what is next.

        Joining twice under a call id is joining once.
        """

    def turn(self, call_id: str, within_ms: int) -> Awaitable[Turn]:
        """Return what is next as soon as there is something, or `Wait` after a while."""

    def rung(self, call_id: str, agent: str, status: DialStatus) -> Awaitable[None]:
        """Tell how ringing or joining an agent ended: `answered` when they have talked."""

    def leave(self, call_id: str, how: Leaving) -> Awaitable[None]:
        """Leave the queue: hung up, or called back instead. Leaving twice is leaving once."""
