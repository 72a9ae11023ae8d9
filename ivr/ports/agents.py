"""The agents port: what agents and their supervisors do, by telephone, on the desk, or in a shell."""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Iterator
from datetime import datetime
from typing import ClassVar, Protocol

import msgspec

from ivr.model.commands import Command
from ivr.model.secret import Secret
from ivr.model.world import Answer, World
from ivr.ports.waiting import Errand


class AgentState(enum.StrEnum):
    """What an agent does. `centre/agents.py` has the table of what leads where."""

    OFFLINE = "offline"
    READY = "ready"
    PAUSED = "paused"  # with a reason code
    RESERVED = "reserved"  # chosen for a caller, or kept for one who is alone with the machine
    RINGING = "ringing"
    TALKING = "talking"
    HOLDING = "holding"  # the caller hears music
    CONSULTING = "consulting"  # the agent talks with somebody else, the caller hears music
    WRAP_UP = "wrap_up"  # ACW


class AgentView(msgspec.Struct, frozen=True):
    """An agent now: `since` when in this state (None: never seen at work), why (`reason`), on which
    telephone, with which call.

    `until` is when the state ends by itself (wrap-up), None where it does not.
    """

    agent: str
    name: str
    state: AgentState
    since: datetime | None
    reason: str = ""
    endpoint: str = ""
    call_id: str = ""
    queue: str = ""
    missed: int = 0
    until: datetime | None = None


class Refusal(enum.StrEnum):
    """Why an agent's wish is not granted."""

    CREDENTIALS = "credentials"
    LOCKED = "locked"
    STATE = "state"  # not from this state
    TARGET = "target"  # no such agent, queue, branch, reason or disposition, or nobody there
    WINDOW = "window"  # not while a secure window is open
    UNREACHABLE = "unreachable"  # Asterisk cannot be asked


class Done(msgspec.Struct, frozen=True):
    """What came of a wish: how the agent stands now, and why it was refused, if it was."""

    view: AgentView | None
    refused: Refusal | None = None


class Spying(enum.StrEnum):
    """How a supervisor takes part in an agent's call."""

    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"


class Agents(Protocol):
    """Agents at work. Every method raises PortError; what may not be is a `Done` with a refusal.

    Who asks is checked before: by PIN on a telephone, by session and role on the desk.
    """

    def login(self, agent: str, pin: Secret, endpoint: str) -> Awaitable[Done]:
        """Begin work on a telephone, paused. One agent, one telephone."""

    def logout(self, agent: str) -> Awaitable[Done]:
        """End work; a conversation goes on to its end first."""

    def ready(self, agent: str) -> Awaitable[Done]:
        """Take calls from now on; ends a pause and wrap-up."""

    def pause(self, agent: str, reason: str) -> Awaitable[Done]:
        """Take no calls from now on, or after the one that goes on; `reason` by its key or name."""

    def extend(self, agent: str) -> Awaitable[Done]:
        """Need more time for wrap-up."""

    def dispose(self, agent: str, disposition: str, note: str = "") -> Awaitable[Done]:
        """Say what the last call was about: a disposition by its keys or name."""

    def hold(self, agent: str) -> Awaitable[Done]:
        """Let the caller hear music."""

    def resume(self, agent: str) -> Awaitable[Done]:
        """Talk with the caller again: after a hold, or instead of a consultation."""

    def consult(self, agent: str, target: str) -> Awaitable[Done]:
        """Talk with somebody else first: `agent:1002`, `queue:loans` or `branch:101`."""

    def complete(self, agent: str) -> Awaitable[Done]:
        """Join the caller with whom the agent has consulted, and leave."""

    def transfer(self, agent: str, target: str) -> Awaitable[Done]:
        """Send the caller on without talking first; the case and the priority go along."""

    def hand_off(self, agent: str, errand: Errand) -> Awaitable[Done]:
        """Leave the caller alone with the machine for an errand; the agent is kept for them."""

    def spy(self, supervisor: str, endpoint: str, agent: str, how: Spying) -> Awaitable[Done]:
        """Have a supervisor's telephone listen to, whisper to, or join an agent's call."""

    def at(self, endpoint: str) -> Awaitable[AgentView | None]:
        """Return who is logged in on a telephone."""

    def views(self) -> Awaitable[tuple[AgentView, ...]]:
        """Return all agents there are, as they stand."""


class AgentAt(Command[Agents, AgentView | None], frozen=True):
    """Who is logged in on this telephone?"""

    steady: ClassVar[bool] = True
    port: ClassVar[str] = "agents"
    answer: ClassVar[object] = AgentView | None
    endpoint: str

    def answers(self, world: World) -> Iterator[Answer]:
        yield Answer(value=_seen(AgentState.READY), sure=False)
        yield Answer(value=None, sure=False)
        yield from self.failures()

    def perform(self, port: Agents) -> Awaitable[AgentView | None]:
        return port.at(self.endpoint)


class LogIn(Command[Agents, Done], frozen=True):
    """Let this agent begin to work on this telephone."""

    port: ClassVar[str] = "agents"
    answer: ClassVar[type] = Done
    agent: str
    pin: Secret
    endpoint: str

    def answers(self, world: World) -> Iterator[Answer]:
        yield Answer(value=Done(_seen(AgentState.PAUSED)), sure=False)
        for refusal in (Refusal.CREDENTIALS, Refusal.LOCKED, Refusal.STATE, Refusal.UNREACHABLE):
            yield Answer(value=Done(None, refusal), sure=False)
        yield from self.failures()

    def perform(self, port: Agents) -> Awaitable[Done]:
        return port.login(self.agent, self.pin, self.endpoint)


class Wish(enum.StrEnum):
    """What an agent who is logged in may want: the methods of `Agents` that need no more than that, and
    those that are `about` something."""

    READY = "ready"
    PAUSE = "pause"
    LOGOUT = "logout"
    EXTEND = "extend"
    DISPOSE = "dispose"
    HOLD = "hold"
    RESUME = "resume"
    CONSULT = "consult"
    COMPLETE = "complete"
    TRANSFER = "transfer"

    @property
    def has_about(self) -> bool:
        """Whether it is about something: a reason, a disposition, a target."""
        return self in (Wish.PAUSE, Wish.DISPOSE, Wish.CONSULT, Wish.TRANSFER)


class WishFor(Command[Agents, Done], frozen=True):
    """Do this for an agent."""

    port: ClassVar[str] = "agents"
    answer: ClassVar[type] = Done
    agent: str
    wish: Wish
    about: str = ""

    def answers(self, world: World) -> Iterator[Answer]:
        for state in (AgentState.READY, AgentState.TALKING):
            yield Answer(value=Done(_seen(state)), sure=False)
        for refusal in (Refusal.STATE, Refusal.UNREACHABLE):
            yield Answer(value=Done(_seen(AgentState.READY), refusal), sure=False)
        yield from self.failures()

    def perform(self, port: Agents) -> Awaitable[Done]:
        method = getattr(port, self.wish.value)
        about = (self.about,) if self.wish.has_about else ()
        done: Awaitable[Done] = method(self.agent, *about)
        return done


def _seen(state: AgentState) -> AgentView:
    """Return an agent of a proof."""
    return AgentView("1001", "", state, None)
