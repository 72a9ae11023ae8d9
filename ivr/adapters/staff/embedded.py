"""The Staff port in a SQLite file. Each use opens it anew: people log in seldom, and several processes
(engine, desk, `ivr staff`) share it."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from ivr.adapters.staff.attempts import NoneLeft, count, forgive
from ivr.database import Kind
from ivr.database.sqlite import prepare, reading, writing
from ivr.model.secret import Secret
from ivr.pins import PinHasher, read_pepper
from ivr.ports.agents import Refusal
from ivr.ports.clock import Clock
from ivr.ports.staff import Noted, Person, Role

T = TypeVar("T")

KIND = Kind("staff", 0x4F435331, files(__package__) / "migrations")
PEPPER = ".pepper"
"""What the file beside the database is called that holds the pepper: `staff.sqlite.pepper`."""
NAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
AGENT = re.compile(r"[0-9]{4,6}")
NOBODY = "?"
"""Who is not known: what was keyed instead of a name may be a secret, and is written down nowhere."""

_PERSON = "SELECT name, role, coalesce(agent, ''), shown, active FROM people WHERE "


class EmbeddedStaff:
    """The Staff port, and what `ivr staff` changes (`ivr.adapters.staff.register`)."""

    def __init__(self, file: Path, clock: Clock, hasher: PinHasher) -> None:
        self.file = file
        self.clock = clock
        self.hasher = hasher

    @classmethod
    async def open(cls, file: Path, clock: Clock) -> EmbeddedStaff:
        """Open the file and its pepper, making both at the first use. Raises PortError."""
        await asyncio.to_thread(prepare, file, KIND)
        pepper = await asyncio.to_thread(read_pepper, file.with_name(file.name + PEPPER), KIND.port)
        return cls(file, clock, PinHasher(pepper))

    async def close(self) -> None:
        """End the hasher's threads."""
        self.hasher.close()

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

        def read(database: sqlite3.Connection) -> Person | None:
            row = database.execute(_PERSON + "active AND name = ?", (name,)).fetchone()
            return _person(row) if row else None

        return await self.read(read)

    async def people(self) -> tuple[Person, ...]:
        """Return everybody, by name."""

        def read(database: sqlite3.Connection) -> tuple[Person, ...]:
            return tuple(map(_person, database.execute(_PERSON + "true ORDER BY name")))

        return await self.read(read)

    async def note(self, who: str, what: str, about: str = "", source: str = "") -> None:
        """Add a line to the trail."""
        await self.write(lambda database: self.noted(database, who, what, about, source))

    async def trail(self, last: int = 100) -> tuple[Noted, ...]:
        """Return the last lines, the earliest first; 0: all."""
        zone = self.clock.now().tzinfo

        def read(database: sqlite3.Connection) -> tuple[Noted, ...]:
            rows = database.execute(
                "SELECT at, who, what, about, source FROM trail ORDER BY id DESC LIMIT ?",
                (last or -1,),
            ).fetchall()
            return tuple(
                Noted(datetime.fromtimestamp(at, zone), *rest) for at, *rest in reversed(rows)
            )

        return await self.read(read)

    def counted(self, kind: str, whose: str) -> str:
        """Return what attempts at a credential are counted under."""
        return self.hasher.keyed(kind, whose)

    def noted(
        self, database: sqlite3.Connection, who: str, what: str, about: str = "", source: str = ""
    ) -> None:
        """Add a line to the trail in the transaction that does it."""
        database.execute(
            "INSERT INTO trail (at, who, what, about, source) VALUES (?, ?, ?, ?, ?)",
            (int(self.clock.now().timestamp()), who, what, about, source),
        )

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do something in one transaction; it is on the disk afterwards."""

        def done() -> T:
            with writing(self.file, KIND.port) as database:
                return work(database)

        return await asyncio.to_thread(done)

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Read something."""

        def done() -> T:
            with reading(self.file, KIND.port) as database:
                return work(database)

        return await asyncio.to_thread(done)

    async def _checked(
        self, kind: str, by: str, whose: str, credential: Secret, source: str
    ) -> Person | Refusal:
        """Count an attempt, then look at the credential."""
        counted = self.counted(kind, whose)

        def counting(database: sqlite3.Connection) -> tuple[str | None, Person] | None:
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


def _person(row: tuple[str, str, str, str, int]) -> Person:
    name, role, agent, shown, active = row
    return Person(name, Role(role), agent, shown, bool(active))
