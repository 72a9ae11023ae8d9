"""A simulated call: how it comes in, and what is known of it in the end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from ivr.adapters.sim.transcript import Moment
from ivr.model.events import Event
from ivr.model.profile import Profile
from ivr.model.scripted import Fault, Person
from ivr.ports.agents import AgentState


class Incoming(msgspec.Struct, frozen=True):
    """A call that comes in. Without `flow` it goes to the flow that answers `dnis`.

    `profiles` are remembered of their customers instead of what was. `lose_at` ends the connection
    right after that many saved steps; the call then goes on on a new one, as on another node.
    """

    dnis: str = ""
    ani: str = ""
    flow: str | None = None
    language: str | None = None
    at: datetime | None = None
    faults: Mapping[str, Fault] = {}
    people: Mapping[str, Person] = {}
    endpoint: str = ""
    agents: Mapping[str, AgentState] = {}
    profiles: tuple[Profile, ...] = ()
    lose_at: int | None = None


class Report(msgspec.Struct, frozen=True):
    """A call that is over: `ended` is the reason, `trail` the steps entered (`flow.step`), `heard`
    the recordings in the order of their beginning, `problem` why no handler took it, if none did;
    `closed` whether its session is closed."""

    ended: str
    moments: tuple[Moment, ...]
    trail: tuple[str, ...]
    heard: tuple[str, ...]
    events: tuple[Event, ...]
    journal: tuple[bytes, ...]
    saves: int
    ms: int
    closed: bool
    problem: str = ""
    failures: tuple[str, ...] = ()
