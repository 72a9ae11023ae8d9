"""Agents at work: which act leads from which state to which, as one table.

The floor folds acts into `Standing`s; the dispatcher is told of nothing but `Standing.free`. Timers are
the floor's: `Standing.until` says when wrap-up ends.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from ivr.ports.agents import AgentState

MISSED = "missed"
"""The reason of a pause that the dispatcher decides: too many calls in a row that nobody answered."""
WRAP_UP = timedelta(seconds=30)


class Act(enum.StrEnum):
    """What happens to an agent: wished by them, decided for them, or seen on their telephone."""

    LOGIN = "login"
    LOGOUT = "logout"
    READY = "ready"
    PAUSE = "pause"
    EXTEND = "extend"  # wrap-up takes longer
    CHOSEN = "chosen"  # for a caller, or to be consulted
    RANG = "rang"
    MISSED = "missed"  # rang, and nobody answered
    RELEASED = "released"  # nothing came of it, or a consultation is over: no wrap-up
    JOINED = "joined"  # with a caller, or with who consults: at first, or again
    HELD = "held"
    CONSULTED = "consulted"
    HANDED_OFF = "handed off"  # the caller is alone with the machine
    ENDED = "ended"  # the call, for this agent
    WRAPPED = "wrapped"  # wrap-up is over


class Next(enum.StrEnum):
    """What an agent does once free: `READY`, or what was asked for in the call."""

    READY = AgentState.READY.value
    PAUSED = AgentState.PAUSED.value
    OFFLINE = AgentState.OFFLINE.value


class Standing(msgspec.Struct, frozen=True):
    """How an agent stands: `since` when, why paused, on which telephone, with which call of which queue.

    `then` is what follows the call, and `then_reason` why; `until` is when wrap-up ends, `extended` how
    often it was put off; `missed` calls in a row that nobody answered.
    """

    agent: str
    state: AgentState = AgentState.OFFLINE
    since: datetime | None = None
    reason: str = ""
    endpoint: str = ""
    call_id: str = ""
    queue: str = ""
    missed: int = 0
    then: Next = Next.READY
    then_reason: str = ""
    until: datetime | None = None
    extended: int = 0

    @property
    def free(self) -> bool:
        """Whether a caller may be given to this agent."""
        return self.state is AgentState.READY

    @property
    def engaged(self) -> bool:
        """Whether there is a call."""
        return self.state in ENGAGED


_S = AgentState
_A = Act
FREE = "free"
"""Where a call leaves an agent: `ready`, or what was asked for meanwhile (`Standing.then`)."""

ENGAGED = frozenset({_S.RESERVED, _S.RINGING, _S.TALKING, _S.HOLDING, _S.CONSULTING})
DEFERRED: Mapping[Act, Next] = {
    _A.READY: Next.READY,
    _A.PAUSE: Next.PAUSED,
    _A.LOGOUT: Next.OFFLINE,
}
"""Acts that an engaged agent may ask for: they are done when the call is over."""

TABLE: Mapping[AgentState, Mapping[Act, AgentState | str]] = {
    _S.OFFLINE: {_A.LOGIN: _S.PAUSED},
    _S.READY: {
        _A.READY: _S.READY,
        _A.PAUSE: _S.PAUSED,
        _A.LOGOUT: _S.OFFLINE,
        _A.CHOSEN: _S.RESERVED,
    },
    _S.PAUSED: {_A.READY: _S.READY, _A.PAUSE: _S.PAUSED, _A.LOGOUT: _S.OFFLINE},
    _S.RESERVED: {
        _A.RANG: _S.RINGING,
        _A.JOINED: _S.TALKING,
        _A.MISSED: FREE,
        _A.RELEASED: FREE,
        _A.ENDED: _S.WRAP_UP,
    },
    _S.RINGING: {_A.JOINED: _S.TALKING, _A.MISSED: FREE, _A.RELEASED: FREE},
    _S.TALKING: {
        _A.HELD: _S.HOLDING,
        _A.CONSULTED: _S.CONSULTING,
        _A.HANDED_OFF: _S.RESERVED,
        _A.RELEASED: FREE,
        _A.ENDED: _S.WRAP_UP,
    },
    _S.HOLDING: {
        _A.JOINED: _S.TALKING,
        _A.CONSULTED: _S.CONSULTING,
        _A.HANDED_OFF: _S.RESERVED,
        _A.ENDED: _S.WRAP_UP,
    },
    _S.CONSULTING: {_A.JOINED: _S.TALKING, _A.ENDED: _S.WRAP_UP},
    _S.WRAP_UP: {
        _A.EXTEND: _S.WRAP_UP,
        _A.READY: _S.READY,
        _A.PAUSE: _S.PAUSED,
        _A.LOGOUT: _S.OFFLINE,
        _A.WRAPPED: FREE,
    },
}
"""State → act → state. What is not here, nor deferred, is refused, and nothing changes."""


def allowed(state: AgentState) -> frozenset[Act]:
    """Return the acts that there are in a state."""
    deferred = DEFERRED if state in ENGAGED else ()
    return frozenset((*TABLE[state], *deferred))


def step(
    standing: Standing,
    act: Act,
    at: datetime,
    *,
    reason: str = "",
    endpoint: str = "",
    call_id: str = "",
    queue: str = "",
    lasts: timedelta = WRAP_UP,
) -> Standing | None:
    """Return how an agent stands after an act, or None where the table has no such act.

    `reason` belongs to PAUSE, `endpoint` to LOGIN, `call_id` and `queue` to CHOSEN and JOINED; `lasts` is
    the queue's wrap-up for ENDED, how much longer for EXTEND.
    """
    if act in DEFERRED and standing.engaged:
        return replace(standing, then=DEFERRED[act], then_reason=reason)
    target = TABLE[standing.state].get(act)
    if target is None:
        return None
    match act:
        case Act.LOGIN:
            return Standing(standing.agent, _S.PAUSED, at, endpoint=endpoint)
        case Act.EXTEND if standing.until is not None:
            return replace(standing, until=standing.until + lasts, extended=standing.extended + 1)
        case Act.ENDED:
            return _ended(standing, at, lasts)
        case Act.MISSED:
            return _free(replace(standing, missed=standing.missed + 1), at)
    if target is FREE:
        return _free(standing, at)
    if target in (_S.READY, _S.PAUSED, _S.OFFLINE):
        return _at_rest(standing, AgentState(target), at, reason)
    return replace(
        standing,
        state=AgentState(target),
        since=at,
        reason="",
        call_id=call_id or standing.call_id,
        queue=queue or standing.queue,
        missed=0 if act is Act.JOINED else standing.missed,
    )


def _at_rest(standing: Standing, state: AgentState, at: datetime, reason: str) -> Standing:
    """Return an agent without a call. Being ready again is being there: nothing counts as missed."""
    if state is AgentState.OFFLINE:
        return Standing(standing.agent, since=at)
    if state is standing.state and reason == standing.reason:
        return standing
    missed = 0 if state is AgentState.READY else standing.missed
    return Standing(
        standing.agent, state, at, reason=reason, endpoint=standing.endpoint, missed=missed
    )


def _free(standing: Standing, at: datetime) -> Standing:
    rested = _at_rest(standing, AgentState(standing.then), at, standing.then_reason)
    return replace(rested, missed=standing.missed) if rested.endpoint else rested


def _ended(standing: Standing, at: datetime, lasts: timedelta) -> Standing:
    """Return an agent after a call: who asked to go, goes; else there is wrap-up."""
    if standing.then is Next.OFFLINE or not lasts:
        return _free(standing, at)
    return replace(standing, state=AgentState.WRAP_UP, since=at, reason="", until=at + lasts)
