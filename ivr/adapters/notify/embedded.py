"""The embedded notify: what customers' handsets would have received, in an SQLite file of its own.

No message leaves the machine: `ivr notify show` lists them. A one-time code is in the file for as long
as it is good for, so that the demo's handset can show it; then it is overwritten, at the next message,
look or start.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, tzinfo
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import aiosqlite
import msgspec

from ivr.adapters.notify.texts import PORT, Rendered, Texts
from ivr.database import Kind
from ivr.database.sqlite import connect, explain, prepare, transaction, writing
from ivr.model.errors import PortError
from ivr.ports.backend import Settings
from ivr.ports.clock import Clock
from ivr.ports.notify import Notice

KIND = Kind(PORT, 0x4F434E31, files(__package__) / "migrations")
TEXTS = files(__package__) / "messages"

_FORGET = """
    UPDATE messages SET disclosed = NULL, until = NULL WHERE until IS NOT NULL AND until <= ?
    RETURNING id"""


class Message(msgspec.Struct, frozen=True):
    """A message that a customer's handset (its `number`) has received."""

    key: str
    customer: str
    number: str
    template: str
    language: str
    text: str
    sent_at: datetime


class EmbeddedNotify:
    """The Notify port on an SQLite file. Every method raises PortError."""

    def __init__(
        self, path: Path, database: aiosqlite.Connection, texts: Texts, clock: Clock
    ) -> None:
        self._path = path
        self._database = database
        self._texts = texts
        self._clock = clock
        self._one_writer = asyncio.Lock()

    @classmethod
    async def open(
        cls, path: Path, clock: Clock, texts: Traversable | None = None
    ) -> EmbeddedNotify:
        """Open the file, making it at the first use; `texts` is a folder of other texts than ours.

        Raises PortError.
        """
        read = await asyncio.to_thread(Texts.read, TEXTS if texts is None else texts)
        await asyncio.to_thread(prepare, path, KIND)
        database = await connect(path, KIND.port)
        notify = cls(path, database, read, clock)
        try:
            # Overwritten means overwritten, in free pages as well.
            await database.execute("PRAGMA secure_delete=ON")
            await notify._forget()
        except (sqlite3.Error, PortError) as error:
            await database.close()
            raise error if isinstance(error, PortError) else explain(error, PORT, path) from error
        return notify

    @classmethod
    async def opened(cls, settings: Settings, clock: Clock) -> EmbeddedNotify:
        """Open it as the configuration says."""
        return await cls.open(settings.file, clock, settings.texts)

    async def close(self) -> None:
        """Close the file."""
        await self._database.close()

    async def send(self, notice: Notice) -> bool:
        """Send a message, once for its key; False when the customer has no number on file."""
        rendered = self._texts.render(notice)
        await self._forget()
        async with self._writing():
            handset = await self._database.execute_fetchall(
                "SELECT 1 FROM handsets WHERE customer = ?", (notice.customer,)
            )
            if handset:
                await self._database.execute(
                    """INSERT OR IGNORE INTO messages
                       (key, customer, template, language, text, disclosed, until, sent_at)
                       VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
                    self._row(notice, rendered),
                )
        return bool(handset)

    async def received(self, customer: str = "") -> tuple[Message, ...]:
        """Return what handsets have received, a customer's or all; the latest last."""
        await self._forget()
        try:
            rows = await self._database.execute_fetchall(
                """SELECT key, customer, number, template, language, coalesce(disclosed, text), sent_at
                   FROM messages JOIN handsets USING (customer)
                   WHERE ? IN ('', customer) ORDER BY messages.id""",
                (customer,),
            )
        except sqlite3.Error as error:
            raise explain(error, PORT, self._path) from error
        zone = self._clock.now().tzinfo
        return tuple(
            Message(key, customer, number, template, language, text, _instant(sent_at, zone))
            for key, customer, number, template, language, text, sent_at in rows
        )

    def _row(self, notice: Notice, rendered: Rendered) -> tuple[object, ...]:
        now = int(self._clock.now().timestamp())
        disclosed, until = None, None
        if rendered.sent != rendered.kept:
            minutes = notice.values.get("minutes")
            if not isinstance(minutes, int):
                raise PortError(PORT, f"the text {notice.template!r} needs a number of `minutes`")
            disclosed, until = rendered.sent, now + 60 * minutes
        named = (notice.key, notice.customer, notice.template, notice.language)
        return (*named, rendered.kept, disclosed, until, now)

    async def _forget(self) -> None:
        """Overwrite what is not good for anything any more, also in the journal of the file."""
        async with self._writing():
            expired = await self._database.execute_fetchall(
                _FORGET, (int(self._clock.now().timestamp()),)
            )
        if expired:
            await self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[None]:
        try:
            async with self._one_writer, transaction(self._database):
                yield
        except sqlite3.Error as error:
            raise explain(error, PORT, self._path) from error


def _instant(seconds: int, zone: tzinfo | None) -> datetime:
    return datetime.fromtimestamp(seconds, zone)


def seed(path: Path, numbers: Iterable[tuple[str, str]]) -> None:
    """Put customers and their numbers on file; what is there stays. Raises PortError."""
    prepare(path, KIND)
    with writing(path, PORT) as database:
        database.executemany("INSERT OR IGNORE INTO handsets VALUES (?, ?)", numbers)


BACKEND = EmbeddedNotify
