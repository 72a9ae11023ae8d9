"""What happened to whole queues, to callbacks, and to the floor itself."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from ivr.model.floor.base import FloorEvent, Words


class CallbackChanged(FloorEvent, frozen=True):
    """A callback came to a state (`ivr.ports.callbacks.State`), or was offered, scheduled, missed or late.
    `call_id` and `queue` are those in which it was promised, `due` is by when."""

    words: ClassVar[Words] = {
        "zh": "回拨 {callback}（队列 {queue}）：{state}",
        "en": "the callback {callback} for the queue {queue}: {state}",
    }

    callback: str
    call_id: str
    queue: str
    state: str
    attempt: int = 0
    due: datetime | None = None


class Surged(FloorEvent, frozen=True):
    """A queue is reinforced, or no longer: `what` is done, `on` or undone, and why."""

    words: ClassVar[Words] = {
        "zh": "队列 {queue} 增援 {what}（{on}）：{reason}",
        "en": "the queue {queue}: {what} ({on}): {reason}",
    }

    queue: str
    what: str
    on: bool
    reason: str


class Alerted(FloorEvent, frozen=True):
    """Supervisors should know of something about an agent or a queue (`about`)."""

    words: ClassVar[Words] = {"zh": "提醒（{about}）：{what}", "en": "alert about {about}: {what}"}

    about: str
    what: str


class Resynced(FloorEvent, frozen=True):
    """The floor was compared with Asterisk: why, and how many callers and agents were not what was
    thought."""

    words: ClassVar[Words] = {
        "zh": "与 Asterisk 核对（{why}）：{callers} 位来电者、{agents} 位坐席已更正",
        "en": "compared with Asterisk ({why}): {callers} callers and {agents} agents set right",
    }

    why: str
    callers: int = 0
    agents: int = 0
