"""What happened to agents, and what they and their supervisors did."""

from __future__ import annotations

from typing import ClassVar

from ivr.model.floor.base import FloorEvent, Words


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
