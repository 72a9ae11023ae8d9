"""Reading and changing what is remembered of a customer, so that no change is lost."""

from __future__ import annotations

from collections.abc import Callable

from ivr.model.commands import Script, ask
from ivr.model.errors import PortError
from ivr.model.profile import Profile
from ivr.ports.profiles import GetProfile, PutProfile

TRIES = 3
"""How often a change is made anew when somebody else was quicker."""


def recall(customer: str) -> Script[Profile]:
    """Return what is remembered of a customer; an empty profile when nothing is. Raises PortError."""
    profile = yield from ask(GetProfile(customer))
    return profile or Profile(customer)


def remember(customer: str, edit: Callable[[Profile], Profile]) -> Script[Profile]:
    """Change what is remembered of a customer and return it as stored.

    `edit` is applied to what is stored now, not to what was read a minute ago: where two calls
    change the same profile, both changes stay. One that changes nothing is not stored. Raises
    PortError, also when others were quicker each time.
    """
    for _ in range(TRIES):
        profile = yield from recall(customer)
        changed = edit(profile)
        if changed == profile:
            return profile
        stored = yield from ask(PutProfile(changed))
        if stored is not None:
            return stored
    raise PortError(GetProfile.port, "the profile changes all the time", retryable=True)
