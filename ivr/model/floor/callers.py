"""What happened to callers in queues, and in conversations with agents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from ivr.model.floor.base import FloorEvent, Words
from ivr.model.values import Scalar


class Joined(FloorEvent, frozen=True):
    """A caller was offered to a queue: a new one, or one whom an agent has transferred to it.

    `since` is when they began to wait, where that was earlier: callbacks and transfers keep their
    place. `callback` names the callback that this call is, `recorded` is what they have answered when
    they were asked whether conversations may be recorded.
    """

    words: ClassVar[Words] = {
        "zh": "{call_id} 进入队列 {queue}",
        "en": "{call_id} joined the queue {queue}",
    }

    call_id: str
    queue: str
    language: str = ""
    ani: str = ""
    customer: str = ""
    level: int = 0
    priority: int = 0
    facts: Mapping[str, Scalar] = {}
    steps: tuple[str, ...] = ()
    dnis: str = ""
    since: datetime | None = None
    callback: str = ""
    recorded: bool | None = None


class RecordingAllowed(FloorEvent, frozen=True):
    """A caller was asked whether conversations may be recorded: they may, or not. `by`: `key` or
    `silence`."""

    words: ClassVar[Words] = {
        "zh": "{call_id} 对录音的答复（队列 {queue}）：{allowed}（{by}）",
        "en": "{call_id} was asked to be recorded (queue {queue}): {allowed} by {by}",
    }

    call_id: str
    queue: str
    allowed: bool
    by: str


class SteppedAside(FloorEvent, frozen=True):
    """A caller arranges to be called back; the place is kept meanwhile."""

    words: ClassVar[Words] = {
        "zh": "{call_id} 暂离队列 {queue}，预约回拨",
        "en": "{call_id} steps aside from the queue {queue} to be called back",
    }

    call_id: str
    queue: str


class CameBack(FloorEvent, frozen=True):
    """A caller waits again who had stepped aside."""

    words: ClassVar[Words] = {
        "zh": "{call_id} 回到队列 {queue}",
        "en": "{call_id} waits in the queue {queue} again",
    }

    call_id: str
    queue: str


class Matched(FloorEvent, frozen=True):
    """The dispatcher has chosen an agent for a caller."""

    words: ClassVar[Words] = {
        "zh": "{call_id} 分配给坐席 {agent}",
        "en": "{call_id} goes to the agent {agent}",
    }

    call_id: str
    queue: str
    agent: str


class Rang(FloorEvent, frozen=True):
    """The agent's telephone rings."""

    words: ClassVar[Words] = {
        "zh": "坐席 {agent} 的电话振铃（{call_id}）",
        "en": "the telephone of the agent {agent} rings for {call_id}",
    }

    call_id: str
    queue: str
    agent: str


class Missed(FloorEvent, frozen=True):
    """RNA: the agent did not take the call. `why` is `no_answer`, `busy`, `unavailable` or
    `declined`; the caller keeps their place."""

    words: ClassVar[Words] = {
        "zh": "坐席 {agent} 未接听 {call_id}（{why}）",
        "en": "the agent {agent} did not take {call_id} ({why})",
    }

    call_id: str
    queue: str
    agent: str
    why: str


class Answered(FloorEvent, frozen=True):
    """The agent talks with the caller. `channel` is the agent's; `again`: they have talked before and
    were apart for a hold, a consultation or an errand."""

    words: ClassVar[Words] = {
        "zh": "坐席 {agent} 与 {call_id} 通话",
        "en": "the agent {agent} talks with {call_id}",
    }

    call_id: str
    queue: str
    agent: str
    channel: str = ""
    again: bool = False


class Held(FloorEvent, frozen=True):
    """The caller hears music while the agent is away; `target`: while the agent consults somebody."""

    words: ClassVar[Words] = {
        "zh": "坐席 {agent} 让 {call_id} 保持等候 {target}",
        "en": "the agent {agent} holds {call_id} {target}",
    }

    call_id: str
    queue: str
    agent: str
    target: str = ""


class HandedOff(FloorEvent, frozen=True):
    """The caller is alone with the machine for an errand, and the agent is kept for them."""

    words: ClassVar[Words] = {
        "zh": "坐席 {agent} 请 {call_id} 独自办理 {kind} {name}",
        "en": "the agent {agent} leaves {call_id} alone with the machine: {kind} {name}",
    }

    call_id: str
    queue: str
    agent: str
    errand: str
    kind: str
    name: str
    form: Mapping[str, str] = {}


class Progressed(FloorEvent, frozen=True):
    """How far a caller is with an errand: words and counts, never what was keyed. With an `outcome`
    the errand is over."""

    words: ClassVar[Words] = {
        "zh": "{call_id} 办理进度：{progress} {outcome}",
        "en": "{call_id} is at: {progress} {outcome}",
    }

    call_id: str
    errand: str
    progress: str = ""
    outcome: str = ""


class Transferred(FloorEvent, frozen=True):
    """The agent has sent the caller on: to `agent:1002`, `queue:loans` or `branch:101`; `warm`: after
    talking there first. What comes of it follows: `Joined`, `Matched`, `Answered` or `Left`."""

    words: ClassVar[Words] = {
        "zh": "坐席 {agent} 将 {call_id} 转给 {target}",
        "en": "the agent {agent} transferred {call_id} to {target}",
    }

    call_id: str
    queue: str
    agent: str
    target: str
    warm: bool = False


class Ended(FloorEvent, frozen=True):
    """A conversation with an agent is over; `by` whom: `agent`, `caller`, or `transfer`; `unknown`
    where nobody was there to see it."""

    words: ClassVar[Words] = {
        "zh": "坐席 {agent} 与 {call_id} 通话结束（{by}）",
        "en": "the agent {agent} and {call_id} have talked; ended by: {by}",
    }

    call_id: str
    queue: str
    agent: str
    by: str


class Left(FloorEvent, frozen=True):
    """A caller's time in a queue is over; `how` is one of `ivr.ports.waiting.Leaving`."""

    words: ClassVar[Words] = {
        "zh": "{call_id} 离开队列 {queue}：{how}",
        "en": "{call_id} left the queue {queue}: {how}",
    }

    call_id: str
    queue: str
    how: str


class Recorded(FloorEvent, frozen=True):
    """A conversation is recorded in `file`, to be kept for `days`."""

    words: ClassVar[Words] = {
        "zh": "{call_id} 录音 {file}",
        "en": "{call_id} is recorded in {file}",
    }

    call_id: str
    queue: str
    agent: str
    file: str
    days: int
