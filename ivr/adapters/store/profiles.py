"""The Profiles port on the store's database, and in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from ivr.adapters.store.codec import encode, millis
from ivr.database.beside import Database
from ivr.model.errors import PortError
from ivr.model.profile import Profile
from ivr.ports.clock import Clock

PORT = "profiles"

_GET = "SELECT body FROM profiles WHERE customer = ?"
_ADD = "INSERT INTO profiles VALUES (:customer, :revision, :at, :body) ON CONFLICT DO NOTHING"
_CHANGE = """UPDATE profiles SET revision = :revision, changed_at = :at, body = :body
WHERE customer = :customer AND revision = :revision - 1"""

_PROFILES = msgspec.json.Decoder(Profile)


class DatabaseProfiles:
    """Profiles in a table. `glance` is the store's way to read a row."""

    def __init__(
        self, database: Database, clock: Clock, glance: Callable[..., Awaitable[Any]]
    ) -> None:
        self._database = database
        self._clock = clock
        self._glance = glance

    async def get(self, customer: str) -> Profile | None:
        """Return a customer's profile, or None. Raises PortError."""
        row = await self._glance(_GET, customer)
        return _decode(row[0]) if row else None

    async def put(self, profile: Profile) -> Profile | None:
        """Store a profile durably unless it has changed meanwhile (None). Raises PortError."""
        changed = _next(profile)
        row = {
            "customer": changed.customer,
            "revision": changed.revision,
            "at": millis(self._clock.now()),
            "body": encode(changed),
        }
        sql = _CHANGE if profile.revision else _ADD
        written = await self._database.run(lambda one: one.execute(sql, row).rowcount)
        return changed if written else None


class MemoryProfiles:
    """Profiles that end with their process."""

    def __init__(self) -> None:
        self._bodies: dict[str, bytes] = {}

    async def get(self, customer: str) -> Profile | None:
        """Return a customer's profile, or None."""
        body = self._bodies.get(customer)
        return None if body is None else _decode(body)

    async def put(self, profile: Profile) -> Profile | None:
        """Store a profile unless it has changed meanwhile (None)."""
        stored = await self.get(profile.customer)
        if (stored.revision if stored else 0) != profile.revision:
            return None
        changed = _next(profile)
        self._bodies[profile.customer] = encode(changed)
        return changed


def _next(profile: Profile) -> Profile:
    return msgspec.structs.replace(profile, revision=profile.revision + 1)


def _decode(body: bytes) -> Profile:
    try:
        return _PROFILES.decode(body)
    except msgspec.DecodeError as error:
        raise PortError(PORT, f"a profile cannot be read: {error}") from error
