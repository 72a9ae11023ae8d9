"""The profiles port: what is remembered of customers, whichever engine or node asks."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import ClassVar, Protocol

from ivr.model.commands import Command
from ivr.model.profile import Profile


class Profiles(Protocol):
    """Profiles by customer number. Every method raises PortError."""

    def get(self, customer: str) -> Awaitable[Profile | None]:
        """Return a customer's profile, or None when nothing is remembered."""

    def put(self, profile: Profile) -> Awaitable[Profile | None]:
        """Store a profile, durably, and return it with its new revision.

        None, and nothing stored, when what is stored is not of `profile.revision`: somebody else
        has changed it since it was read. Read it again, change that, and put it
        (`ivr.centre.remember`).
        """


class GetProfile(Command[Profiles, Profile | None], frozen=True):
    """What is remembered of this customer?"""

    port: ClassVar[str] = "profiles"
    answer: ClassVar[object] = Profile | None
    customer: str

    def perform(self, port: Profiles) -> Awaitable[Profile | None]:
        return port.get(self.customer)


class PutProfile(Command[Profiles, Profile | None], frozen=True):
    """Remember this of its customer, unless somebody else has changed it meanwhile."""

    port: ClassVar[str] = "profiles"
    answer: ClassVar[object] = Profile | None
    profile: Profile

    def perform(self, port: Profiles) -> Awaitable[Profile | None]:
        return port.put(self.profile)
