"""The profiles port: what is remembered of customers, whichever engine or node asks."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from datetime import datetime
from typing import ClassVar, Protocol

from msgspec.structs import replace

from ivr.model.commands import Command
from ivr.model.profile import MOST_ENTRIES, Profile
from ivr.model.scripted import Remembered
from ivr.model.world import Answer, World

OFTEN = 99
"""In a proof: so many uses in a month that whatever can be learnt of them is."""


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

    steady: ClassVar[bool] = True
    port: ClassVar[str] = "profiles"
    answer: ClassVar[object] = Profile | None
    customer: str

    def perform(self, port: Profiles) -> Awaitable[Profile | None]:
        return port.get(self.customer)

    def answers(self, world: World) -> Iterator[Answer]:
        yield Answer(value=None)
        for one in _classes(world):
            yield Answer(value=one.profile(self.customer), remembered=(self.customer, one))
        yield from self.failures()


class PutProfile(Command[Profiles, Profile | None], frozen=True):
    """Remember this of its customer, unless somebody else has changed it meanwhile."""

    port: ClassVar[str] = "profiles"
    answer: ClassVar[object] = Profile | None
    level: ClassVar[int] = 1
    profile: Profile

    def perform(self, port: Profiles) -> Awaitable[Profile | None]:
        return port.put(self.profile)

    def presumed(self, now: datetime) -> Profile:
        return replace(self.profile, revision=self.profile.revision + 1)

    def answers(self, world: World) -> Iterator[Answer]:
        yield Answer(value=replace(self.profile, revision=self.profile.revision + 1))
        yield Answer(value=None, sure=False)
        yield from self.failures()


def _classes(world: World) -> Iterator[Remembered]:
    """Yield what may be remembered: nothing of use, a language, each own menu of one entry, a full
    one, and one in which a learnt move is due."""
    yield Remembered()
    yield Remembered(language=world.language)
    for service in world.services:
        yield Remembered(entries=(service,))
    if len(world.services) > 1:
        full = tuple(world.services[:MOST_ENTRIES])
        often = {f"{at:%Y-%m}": OFTEN for at in world.instants}
        yield Remembered(entries=full)
        yield Remembered(entries=full, learning=True, uses={full[-1]: often})
