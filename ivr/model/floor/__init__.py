"""Events of the floor: what happened to callers in queues and to the agents who serve them.

The floor's state is a fold of them, and so is every figure of a report. They are kept for years: a
new field needs a default. No secret is ever in one.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from ivr.model.floor.agents import (
    AgentChanged,
    Disposed,
    Spied,
)
from ivr.model.floor.base import (
    FloorEvent,
)
from ivr.model.floor.callers import (
    Answered,
    CameBack,
    Ended,
    HandedOff,
    Held,
    Joined,
    Left,
    Matched,
    Missed,
    Progressed,
    Rang,
    Recorded,
    RecordingAllowed,
    SteppedAside,
    Transferred,
)
from ivr.model.floor.queues import (
    Alerted,
    CallbackChanged,
    Resynced,
    Surged,
)

__all__ = [
    "AgentChanged",
    "Alerted",
    "Answered",
    "AnyFloorEvent",
    "CallbackChanged",
    "CameBack",
    "Disposed",
    "Ended",
    "FloorEvent",
    "HandedOff",
    "Held",
    "Joined",
    "Left",
    "Matched",
    "Missed",
    "Progressed",
    "Rang",
    "Recorded",
    "RecordingAllowed",
    "Resynced",
    "Spied",
    "Stamped",
    "SteppedAside",
    "Surged",
    "Transferred",
]

AnyFloorEvent = (
    Joined
    | RecordingAllowed
    | SteppedAside
    | CameBack
    | Matched
    | Rang
    | Missed
    | Answered
    | Held
    | HandedOff
    | Progressed
    | Transferred
    | Ended
    | Left
    | AgentChanged
    | Disposed
    | CallbackChanged
    | Surged
    | Alerted
    | Spied
    | Recorded
    | Resynced
)


class Stamped(msgspec.Struct, frozen=True):
    """An event with its place in the floor's diary (from 1) and its time, aware, in the bank's zone."""

    number: int
    at: datetime
    event: AnyFloorEvent
