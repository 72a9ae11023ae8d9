"""The staff port: who works here, what they may do, and the proof of it."""

from __future__ import annotations

import enum
from collections.abc import Awaitable
from datetime import datetime
from typing import Protocol

import msgspec

from ivr.model.secret import Secret
from ivr.ports.agents import Refusal


class Role(enum.StrEnum):
    """What somebody may do; each may do all that those before it may."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"

    def covers(self, other: Role) -> bool:
        """Whether this role may do what `other` may."""
        roles = list(Role)
        return roles.index(self) >= roles.index(other)


class Person(msgspec.Struct, frozen=True):
    """Somebody who works here: login `name`, role, agent id where they take calls, name to show."""

    name: str
    role: Role
    agent: str = ""
    shown: str = ""
    active: bool = True


class Noted(msgspec.Struct, frozen=True):
    """One line of the trail: `who` did `what` (dotted words) about whom or which call, from where."""

    at: datetime
    who: str
    what: str
    about: str = ""
    source: str = ""


class Staff(Protocol):
    """People and their credentials. Every method raises PortError.

    An attempt is counted durably before it is looked at. Who is not there, not active, or has no such
    credential is refused as one with a wrong one is, and it takes as long.
    """

    def check(self, name: str, password: Secret, source: str) -> Awaitable[Person | Refusal]:
        """Check a password for the desk; `source` is where it was typed, attempts from there count."""

    def check_pin(self, agent: str, pin: Secret, source: str) -> Awaitable[Person | Refusal]:
        """Check an agent's PIN for telephones; `source` is the telephone."""

    def person(self, name: str) -> Awaitable[Person | None]:
        """Return somebody as they are now, or None: not there, or not active."""

    def note(self, who: str, what: str, about: str = "", source: str = "") -> Awaitable[None]:
        """Write down what somebody did, in a trail that is only ever added to."""

    def trail(self, last: int = 100) -> Awaitable[tuple[Noted, ...]]:
        """Return the end of the trail, the earliest first."""
