"""The agents port: what agents and their supervisors do, by telephone, on the desk, or in a shell."""

from __future__ import annotations

import enum
from collections.abc import Awaitable
from datetime import datetime
from typing import Protocol

import msgspec

from ivr.model.secret import Secret
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
        """Take no calls from now on, or after the one that goes on."""

    def extend(self, agent: str) -> Awaitable[Done]:
        """Need more time for wrap-up."""

    def dispose(self, agent: str, disposition: str, note: str = "") -> Awaitable[Done]:
        """Say what the last call was about."""

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
