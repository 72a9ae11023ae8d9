"""What goes into the dispatcher, and what it decides.

Times and waits are in seconds; `now` is whatever clock the caller of the dispatcher goes by.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ivr.model.queues import CallbackMode
from ivr.model.values import Scalar
from ivr.ports.waiting import Leaving


class Caller(msgspec.Struct, frozen=True):
    """Somebody who waits, on the line or to be called back.

    `entered` is the original time of entry, whatever has happened since. `priority` is a head start
    beside the queue's own. `facts` are what rules read as `caller.…`.
    """

    call_id: str
    queue: str
    entered: float
    priority: float = 0.0
    facts: Mapping[str, Scalar] = {}
    callback: CallbackMode = CallbackMode.NONE


class Match(msgspec.Struct, frozen=True, tag=True):
    """An agent for a caller. `rule` counts from 0; `score` is the wait with the head start."""

    call_id: str
    agent: str
    queue: str
    callback: bool
    rule: int
    waited: float
    score: float


class DialCustomer(msgspec.Struct, frozen=True, tag=True):
    """It is nearly the turn of somebody who is to be rung first. They are withheld until then."""

    call_id: str
    queue: str


class Dismiss(msgspec.Struct, frozen=True, tag=True):
    """A caller waits no longer."""

    call_id: str
    queue: str
    how: Leaving


class SurgeChange(msgspec.Struct, frozen=True, tag=True):
    """A surge begins or ends: `agents` of the second line now help, or no longer do.

    `predicted` is the share of callers expected to abandon, `threshold` the one it has passed.
    """

    queue: str
    on: bool
    predicted: float
    threshold: float
    agents: tuple[str, ...]
    reason: str


Decision = Match | DialCustomer | Dismiss | SurgeChange


class Estimate(msgspec.Struct, frozen=True):
    """An estimated wait, and how wrong those before were: the running mean of |estimated - real|,
    and of (estimated - real), over `count` callers who were answered."""

    seconds: float
    error: float
    bias: float
    count: int


class Outlook(msgspec.Struct, frozen=True):
    """A queue now. `predicted` is the share of callers expected to abandon, None where no surge is
    looked for; `surge` why it is reinforced, or empty."""

    waiting: int
    callbacks: int
    longest: float
    ready: int
    logged_in: int
    estimate: Estimate | None
    predicted: float | None
    surge: str
