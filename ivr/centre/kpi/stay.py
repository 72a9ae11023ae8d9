"""A stay: one caller's time in one queue, of which every figure is counted."""

from __future__ import annotations

import enum
from datetime import datetime

import msgspec


class Fate(enum.StrEnum):
    """How the wait of a stay ended. What is not answered, abandoned or called back went elsewhere."""

    WAITING = "waiting"
    HANDLED = "handled"
    ABANDONED = "abandoned"
    CALLBACK = "callback"
    OVERFLOWED = "overflowed"


class Stay(msgspec.Struct):
    """One caller's time in one queue.

    `offered` is when the wait began; `wait_ms` how long it was until its `fate`, `how` in the words of
    `ivr.ports.waiting.Leaving`. The caller and the first agent, `agent`, talked for `talk_ms`, and were
    apart for `hold_ms` (a hold, a consultation, an errand); agents wrapped up for `acw_ms`. `missed`
    is how often a telephone rang in vain; `target` where the caller was transferred to, `misrouted` if
    that was another queue, and soon. `callback` names the callback that this stay is, if it is one.
    """

    call_id: str
    queue: str
    offered: datetime
    callback: str = ""
    fate: Fate = Fate.WAITING
    how: str = ""
    wait_ms: int = 0
    agent: str = ""
    talk_ms: int = 0
    hold_ms: int = 0
    acw_ms: int = 0
    missed: int = 0
    target: str = ""
    misrouted: bool = False
    ended_by: str = ""
