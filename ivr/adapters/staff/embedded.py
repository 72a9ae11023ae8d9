"""The Staff port in OneCall's own database, which several processes share: engines, desks, `ivr staff`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from ivr.adapters.staff.attempts import NoneLeft, count, forgive
from ivr.database import Connection, Kind, Place
from ivr.database.beside import Database
from ivr.model.errors import PortError
from ivr.model.secret import Secret
from ivr.pins import PinHasher, read_pepper
from ivr.ports.agents import Refusal
from ivr.ports.clock import Clock
from ivr.ports.staff import Noted, Person, Role

T = TypeVar("T")

KIND = Kind(
    "staff",
    0x4F435331,
    files(__package__) / "migrations",
    files(__package__) / "migrations_postgres",
)
PEPPER = "staff.sqlite.pepper"
"""The file of the state folder that holds the pepper: the same on every node."""
NAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
AGENT = re.compile(r"[0-9]{4,6}")
NOBODY = "?"
"""Who is not known: what was keyed instead of a name may be a secret, and is written down nowhere."""

_ALL = 1 << 62
_MADE_WITH = "SELECT fingerprint FROM pepper"
_MAKE_WITH = "INSERT INTO pepper VALUES (1, ?) ON CONFLICT DO NOTHING"
_PERSON = "SELECT name, role, coalesce(agent, ''), shown, active FROM people WHERE "


class EmbeddedStaff:
    """The Staff port, and what `ivr staff` changes (`ivr.adapters.staff.register`)."""

    def __init__(self, database: Database, clock: Clock, hasher: PinHasher) -> None:
        self.place = database.place
        self._database = database
        self.clock = clock
        self.hasher = hasher

    @classmethod
    async def open(cls, place: Place, clock: Clock, pepper: Path) -> EmbeddedStaff:
        """Open the database, and the file of its pepper, making both at the first use. Raises
        PortError."""
        database = await Database.open(place, KIND)
        try:
            return cls(database, clock, await _hasher(database, pepper))
        except BaseException:
            await database.close()
            raise

    async def close(self) -> None:
        """Close the database, and end the hasher's threads."""
        self.hasher.close()
        await self._database.close()

    async def check(self, name: str, password: Secret, source: str) -> Person | Refusal:
        """Check a password. See `Staff`."""
        name = name if NAME.fullmatch(name) else ""
        return await self._checked("password", "name", name, password, source)

    async def check_pin(self, agent: str, pin: Secret, source: str) -> Person | Refusal:
        """Check an agent's PIN. See `Staff`."""
        agent = agent if AGENT.fullmatch(agent) else ""
        return await self._checked("pin", "agent", agent, pin, source)

    async def person(self, name: str) -> Person | None:
        """Return somebody who is active."""

        def read(database: Connection) -> Person | None:
            row = database.execute(_PERSON + "active AND name = ?", (name,)).fetchone()
            return _person(row) if row else None

        return await self.read(read)

    async def people(self) -> tuple[Person, ...]:
        """Return everybody, by name."""

        def read(database: Connection) -> tuple[Person, ...]:
            return tuple(map(_person, database.execute(_PERSON + "true ORDER BY name")))

        return await self.read(read)

    async def note(self, who: str, what: str, about: str = "", source: str = "") -> None:
        """Add a line to the trail."""
        await self.write(lambda database: self.noted(database, who, what, about, source))

    async def trail(self, last: int = 100) -> tuple[Noted, ...]:
        """Return the last lines, the earliest first; 0: all."""
        zone = self.clock.now().tzinfo

        def read(database: Connection) -> tuple[Noted, ...]:
            rows = database.execute(
                "SELECT at, who, what, about, source FROM trail ORDER BY id DESC LIMIT ?",
                (last or _ALL,),
            ).fetchall()
            return tuple(
                Noted(datetime.fromtimestamp(at, zone), *rest) for at, *rest in reversed(rows)
            )

        return await self.read(read)

    def counted(self, kind: str, whose: str) -> str:
        """Return what attempts at a credential are counted under."""
        return self.hasher.keyed(kind, whose)

    def noted(
        self, database: Connection, who: str, what: str, about: str = "", source: str = ""
    ) -> None:
        """Add a line to the trail in the transaction that does it."""
        database.execute(
            "INSERT INTO trail (at, who, what, about, source) VALUES (?, ?, ?, ?, ?)",
            (int(self.clock.now().timestamp()), who, what, about, source),
        )

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Do something in one transaction; it is on the disk afterwards."""
        return await self._database.run(work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Read something."""
        return await self._database.run(work, write=False)

    async def _checked(
        self, kind: str, by: str, whose: str, credential: Secret, source: str
    ) -> Person | Refusal:
        """Count an attempt, then look at the credential."""
        counted = self.counted(kind, whose)

        def counting(database: Connection) -> tuple[str | None, Person] | None:
            count(database, counted, source, self.clock.now())
            row = database.execute(
                f"SELECT {kind}_hash, name, role, coalesce(agent, ''), shown, active "  # noqa: S608
                f"FROM people WHERE active AND {by} = ?",
                (whose,),
            ).fetchone()
            return (row[0], _person(row[1:])) if row else None

        try:
            found = await self.write(counting)
        except NoneLeft:
            await self.note(NOBODY, f"{kind}.locked", source=source)
            return Refusal.LOCKED
        stored, person = found or (None, None)
        name = person.name if person else NOBODY
        if not await self.hasher.verify(stored, keyed(kind, name), credential) or person is None:
            await self.note(name, f"{kind}.wrong", source=source)
            return Refusal.CREDENTIALS
        await self.write(lambda database: forgive(database, counted, source))
        return person


def keyed(kind: str, name: str) -> str:
    """Return what a hash is bound to: one kind of credential of one person."""
    return f"{kind} of {name}"


async def _hasher(database: Database, pepper: Path) -> PinHasher:
    """Hashes made with another pepper would all be wrong: say so at the start, not to who logs in."""
    known = await database.rows(_MADE_WITH)
    if known and not await asyncio.to_thread(pepper.exists):
        raise _other(database.place, f"{pepper} is missing")
    hasher = PinHasher(await asyncio.to_thread(read_pepper, pepper, KIND.port))
    if not known:
        await database.do(_MAKE_WITH, hasher.fingerprint)
    ((fingerprint,),) = await database.rows(_MADE_WITH)
    if fingerprint != hasher.fingerprint:
        hasher.close()
        raise _other(database.place, f"{pepper} is another")
    return hasher


def _other(place: Place, what: str) -> PortError:
    where = place if isinstance(place, Path) else place.name
    return PortError(
        KIND.port,
        f"the secret that PINs and passwords in {where} were made with is not here: {what}; "
        "copy it from the node that made it, or from its backup",
    )


def _person(row: tuple[str, str, str, str, int]) -> Person:
    name, role, agent, shown, active = row
    return Person(name, Role(role), agent, shown, bool(active))
