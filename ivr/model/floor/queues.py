"""What happened to whole queues, to callbacks, and to the floor itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

import msgspec

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


ALERTS: Mapping[str, Words] = {
    "missed": {
        "zh": "坐席 {agent} 连续 {count} 个来电未接，已小休",
        "en": "agent {agent} is paused: {count} calls in a row not answered",
    },
    "hold": {
        "zh": "坐席 {agent} 让客户保持等待过久",
        "en": "agent {agent} had a caller on hold for too long",
    },
    "surge": {"zh": "队列 {queue} 开始增援：{reason}", "en": "queue {queue}, surge: {reason}"},
    "surge-over": {
        "zh": "队列 {queue} 增援结束：{reason}",
        "en": "queue {queue}, surge over: {reason}",
    },
    "callback": {
        "zh": "队列 {queue} 的回拨 {callback} 承诺在 {until} 之前，已超时",
        "en": "queue {queue}: the callback {callback} was promised until {until}",
    },
    "case-waits": {"zh": "工单 {case} 等待 {owner} 处理", "en": "case {case} waits for {owner}"},
    "case-moved": {"zh": "工单 {case} 已升级给 {owner}", "en": "case {case} went to {owner}"},
    "case-overdue": {
        "zh": "工单 {case} 已超过答复期限，负责人 {owner}",
        "en": "case {case} of {owner} is overdue",
    },
}
"""What there is to be alerted of, by its kind."""


class Alerted(FloorEvent, frozen=True):
    """Supervisors should know of something `about` an agent, a queue or a case: its `kind` (of `ALERTS`),
    and what is `said` of it. Those of earlier OneCalls have neither, but a sentence (`what`)."""

    words: ClassVar[Words] = {"zh": "提醒（{about}）：{what}", "en": "alert about {about}: {what}"}

    about: str
    what: str = ""
    kind: str = ""
    said: dict[str, str] = msgspec.field(default_factory=dict)

    def story(self, language: str) -> str:
        """Say in words what there is."""
        found = ALERTS.get(self.kind)
        return found[language].format_map(self.said) if found else super().story(language)


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
