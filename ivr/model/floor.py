"""Events of the floor: what happened to callers in queues and to the agents who serve them.

The floor's state is a fold of them, and so is every figure of a report. They are kept for years: a
new field needs a default. No secret is ever in one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

import msgspec

from ivr.model.values import Scalar

Words = Mapping[str, str]


class FloorEvent(msgspec.Struct, frozen=True, tag=True):
    """Base of all events of the floor. `words` tell it to people: language → a sentence with the
    event's fields in braces."""

    words: ClassVar[Words] = {}

    def story(self, language: str) -> str:
        """Say in words what happened."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__}
        return self.words[language].format_map(fields)


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
    form: dict[str, str] = {}


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


class AgentChanged(FloorEvent, frozen=True):
    """An act (`ivr.centre.agents.Act`) brought an agent to a state (`ivr.ports.agents.AgentState`).

    The rest is what holds then: the reason asked for, the telephone, the call and its queue, how many
    calls in a row were missed; `lasts_s` is how long a wrap-up is, or is longer.
    """

    words: ClassVar[Words] = {
        "zh": "坐席 {agent}：{state} {reason}",
        "en": "the agent {agent} is {state} {reason}",
    }

    agent: str
    act: str
    state: str
    reason: str = ""
    endpoint: str = ""
    call_id: str = ""
    queue: str = ""
    missed: int = 0
    lasts_s: float = 0


class Disposed(FloorEvent, frozen=True):
    """An agent said what a call was about."""

    words: ClassVar[Words] = {
        "zh": "坐席 {agent} 为 {call_id} 记录结果 {disposition}",
        "en": "the agent {agent} says of {call_id}: {disposition}",
    }

    agent: str
    call_id: str
    queue: str
    disposition: str
    note: str = ""


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


class Spied(FloorEvent, frozen=True):
    """A supervisor listened to, whispered to or joined an agent's call, or was not let (`refused`)."""

    words: ClassVar[Words] = {
        "zh": "主管 {supervisor} 对坐席 {agent} {how} {refused}",
        "en": "the supervisor {supervisor}: {how} with the agent {agent} {refused}",
    }

    supervisor: str
    agent: str
    call_id: str
    how: str
    refused: str = ""


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
