"""The floor's diary: every event, in `floor.sqlite`, written in groups.

An event is there a few milliseconds after it happened. What a power cut takes of the last moments is
found again by looking at Asterisk; nothing that costs money is kept here. Two processes may write into it,
as for a moment while one engine follows another: an event's number is given as it is written.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from ivr.database import Kind
from ivr.database.sqlite import connect_now, explain, prepare, reading
from ivr.model.errors import PortError
from ivr.model.floor import FloorEvent, Stamped

DATABASE = "floor.sqlite"
"""Its file in the state folder."""
_KIND = Kind("floor", 0x4F434631, files("ivr.app.floor") / "migrations")
_RETRY_S = 0.5

_LOG = logging.getLogger(__name__)
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Stamped)


class Diary:
    """Writes events as they come, in a thread, as many together as came meanwhile. Opening it raises
    PortError. `last` is the number of the last event that was there then."""

    last: int

    def __init__(self, path: Path) -> None:
        prepare(path, _KIND)
        with reading(path, "floor") as database:
            (self.last,) = database.execute("SELECT ifnull(max(number), 0) FROM events").fetchone()
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="floor-diary")
        self._database: sqlite3.Connection | None = None
        self._waiting: list[Stamped] = []
        self._news = asyncio.Event()
        self._written = asyncio.Condition()
        self._durable = self._appended = 0
        self._closing = self._failing = False
        self._task = asyncio.create_task(self._write(), name="floor-diary")

    def append(self, stamped: Stamped) -> None:
        """Write down an event, soon."""
        self._waiting.append(stamped)
        self._appended += 1
        self._news.set()

    async def durable(self) -> None:
        """Wait until all that happened so far outlives this process. While nothing can be written nobody
        is kept waiting: a full disk is no reason for silence."""
        appended = self._appended
        async with self._written:
            await self._written.wait_for(lambda: self._failing or self._durable >= appended)

    async def close(self) -> None:
        """Write what is left and close."""
        self._closing = True
        self._news.set()
        await self._task
        if self._database is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._database.close)
        self._thread.shutdown()

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting or not self._closing:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                group, self._waiting = self._waiting, []
                try:
                    await loop.run_in_executor(self._thread, self._insert, group)
                except PortError as error:
                    _LOG.error("%s; the floor goes on, and writes again", error)
                    self._waiting = [*group, *self._waiting]
                    await self._tell(failing=True)
                    if self._closing:
                        return
                    await asyncio.sleep(_RETRY_S)
                else:
                    self._durable += len(group)
                    await self._tell(failing=False)

    async def _tell(self, *, failing: bool) -> None:
        """Have those look who wait until something is written."""
        async with self._written:
            self._failing = failing
            self._written.notify_all()

    def _insert(self, group: list[Stamped]) -> None:
        rows = [(one.at.timestamp(), _ENCODER.encode(one)) for one in group]
        try:
            if self._database is None:
                self._database = connect_now(self._path, "floor")
                # Outlives the process; of a power cut it may lose the last moments.
                self._database.execute("PRAGMA synchronous=NORMAL")
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany("INSERT INTO events (at, body) VALUES (?, ?)", rows)
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            if self._database is not None:
                self._database.rollback()
            raise explain(error, "floor", self._path) from error


def read_diary(
    path: Path,
    zone: ZoneInfo,
    since: datetime | None = None,
    until: datetime | None = None,
    kinds: Sequence[type[FloorEvent]] = (),
) -> Iterator[Stamped]:
    """Yield the events from `since` on and before `until`, in order; also while an engine runs. With
    `kinds`, only those.

    A diary that nobody has begun is empty. Raises PortError.
    """
    if not path.exists():
        return
    first = since.timestamp() if since else 0
    last = until.timestamp() if until else 1e12
    names = [f'"type":"{kind.__name__}"'.encode() for kind in kinds]
    wanted = " OR ".join(["instr(body, ?)"] * len(names)) or "1"
    query = (
        f"SELECT number, body FROM events WHERE at >= ? AND at < ? AND ({wanted}) ORDER BY number"  # noqa: S608
    )
    with reading(path, "floor") as database, closing(database.cursor()) as rows:
        for number, body in rows.execute(query, (first, last, *names)):
            stamped = _DECODER.decode(body)
            at = stamped.at.astimezone(zone)
            yield msgspec.structs.replace(stamped, number=number, at=at)
