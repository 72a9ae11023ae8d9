"""The floor's diary: every event, written in groups, in `floor.sqlite` or where all nodes keep their data.

An event is there a few milliseconds after it happened. What a power cut takes of the last moments is
found again by looking at Asterisk; nothing that costs money is kept here. Two processes may write into it,
as for a moment while one engine follows another: an event's number is given as it is written. Among several
nodes only the leader writes: once another has led, what the one before it still has is refused.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, tzinfo
from importlib.resources import files
from itertools import groupby
from pathlib import Path

import msgspec

from ivr.database import (
    Connection,
    InDoubt,
    Kind,
    Place,
    connect_now,
    explained,
    prepare,
    reading,
    there,
    writing,
)
from ivr.database.fence import admit
from ivr.model.errors import PortError
from ivr.model.floor import FloorEvent, Stamped
from ivr.ports.cluster import Fenced

DATABASE = "floor.sqlite"
"""Its file in the state folder."""
_HERE = files("ivr.app.floor")
KIND = Kind("floor", 0x4F434631, _HERE / "migrations", _HERE / "migrations_postgres")
_RETRY_S = 0.5

_LOG = logging.getLogger(__name__)
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Stamped)
_APPEND = "INSERT INTO events (at, body) VALUES (?, ?)"
_KEEP = "INSERT INTO checkpoint SELECT coalesce(max(number), 0), ? FROM events"
_FURTHER = "SELECT number, body FROM events WHERE number > ? ORDER BY number"
_BOUNDS = "SELECT min(number), max(number) FROM events WHERE at >= ? AND at < ?"


def _nobody() -> None:
    """Tell nobody."""


class Diary:
    """Writes events as they come, in a thread, as many together as came meanwhile.

    Opening it shuts out whoever led by a smaller `token`, and waits for what they are writing; raises
    PortError, Fenced. `last` is the number of the last event that was there then. `fenced` is called once
    when another node leads: nothing is written from then on.
    """

    last: int

    def __init__(self, place: Place, token: int | None = None) -> None:
        prepare(place, KIND)
        with writing(place, KIND) as connection:
            admit(connection, token)
            newest = connection.execute("SELECT coalesce(max(number), 0) FROM events")
            (self.last,) = newest.fetchone()
        self.fenced: Callable[[], None] = _nobody
        self._place = place
        self._token = token
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="floor-diary")
        self._connection: Connection | None = None
        self._doubt: InDoubt | None = None
        self._out: Fenced | None = None
        self._waiting: list[Stamped | bytes] = []
        self._news = asyncio.Event()
        self._written = asyncio.Condition()
        self._durable = self._appended = 0
        self._closing = self._failing = False
        self._task = asyncio.create_task(self._write(), name="floor-diary")

    def append(self, stamped: Stamped) -> None:
        """Write down an event, soon."""
        self._put(stamped)

    def keep(self, checkpoint: bytes) -> None:
        """Write down, soon, what the events up to here come to; what was kept before goes."""
        self._put(checkpoint)

    def _put(self, one: Stamped | bytes) -> None:
        self._waiting.append(one)
        self._appended += 1
        self._news.set()

    async def durable(self) -> None:
        """Wait until all that happened so far outlives this process. While nothing can be written nobody
        is kept waiting: a full disk is no reason for silence. Raises Fenced."""
        appended = self._appended
        async with self._written:
            await self._written.wait_for(lambda: self._failing or self._durable >= appended)
        if self._durable < appended and self._out is not None:
            raise self._out

    async def close(self) -> None:
        """Write what is left and close."""
        self._closing = True
        self._news.set()
        await self._task
        if self._connection is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.close)
        self._thread.shutdown()

    async def _write(self) -> None:
        while self._waiting or not self._closing:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                group, self._waiting = self._waiting, []
                if not await self._wrote(group):
                    return
                self._durable += len(group)
                await self._tell(failing=False)

    async def _wrote(self, group: list[Stamped | bytes]) -> bool:
        """Write a group, however long that takes; False: it is not written, and nothing will be."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                await loop.run_in_executor(self._thread, self._insert, group)
            except Fenced as error:
                _LOG.error("%s; the floor is another node's", error)
                self._out = error
                await self._tell(failing=True)
                self.fenced()
                return False
            except PortError as error:
                _LOG.error("%s; the floor goes on, and writes again", error)
                await self._tell(failing=True)
                if self._closing:
                    return False
                await asyncio.sleep(_RETRY_S)
            else:
                return True

    async def _tell(self, *, failing: bool) -> None:
        """Have those look who wait until something is written."""
        async with self._written:
            self._failing = failing
            self._written.notify_all()

    def _insert(self, group: list[Stamped | bytes]) -> None:
        if self._doubt is not None:
            written = self._doubt.settled()
            self._doubt = None
            if written:
                return
        if self._connection is None:
            self._connection = connect_now(self._place, KIND)
            if isinstance(self._place, Path):
                # Outlives the process; of a power cut it may lose the last moments.
                self._connection.execute("PRAGMA synchronous=NORMAL")
        with explained(self._place, KIND):
            try:
                self._transact(self._connection, group)
            except BaseException as error:
                self._connection.rollback()
                if isinstance(error, InDoubt):
                    self._doubt = error
                raise

    def _transact(self, connection: Connection, group: list[Stamped | bytes]) -> None:
        connection.begin(write=True)
        admit(connection, self._token)
        for kept, several in groupby(group, lambda one: isinstance(one, bytes)):
            if kept:
                *_, latest = several
                connection.execute("DELETE FROM checkpoint")
                connection.execute(_KEEP, (latest,))
            else:
                connection.executemany(_APPEND, _rows(several))
        connection.commit()


def _rows(events: Iterable[Stamped | bytes]) -> list[tuple[float, bytes]]:
    return [
        (one.at.timestamp(), _ENCODER.encode(one)) for one in events if isinstance(one, Stamped)
    ]


def read_checkpoint(place: Place) -> tuple[int, bytes] | None:
    """Return what was kept last, and the number of the last event in it; None: nothing. Raises PortError."""
    with reading(place, KIND) as connection:
        found = connection.execute("SELECT number, body FROM checkpoint").fetchone()
    return (int(found[0]), bytes(found[1])) if found else None


def read_on(place: Place, zone: tzinfo, number: int) -> Iterator[Stamped]:
    """Yield the events after the one of a number, in order. Raises PortError."""
    with reading(place, KIND) as connection:
        for found, body in connection.stream(_FURTHER, (number,)):
            stamped = _DECODER.decode(body)
            yield Stamped(found, stamped.at.astimezone(zone), stamped.event)


def read_diary(
    place: Place,
    zone: tzinfo,
    since: datetime | None = None,
    until: datetime | None = None,
    kinds: Sequence[type[FloorEvent]] = (),
) -> Iterator[Stamped]:
    """Yield the events from `since` on and before `until`, in order; also while an engine runs. With
    `kinds`, only those.

    A diary that nobody has begun is empty. Raises PortError.
    """
    if not there(place, KIND):
        return
    first = since.timestamp() if since else 0
    last = until.timestamp() if until else 1e12
    names = [f'"type":"{kind.__name__}"'.encode() for kind in kinds]
    wanted = " OR ".join(["instr(body, ?) > 0"] * len(names)) or "true"
    # `+ 0`: read along the numbers, and not sorted by them after the times have been.
    query = f"""SELECT number, body FROM events WHERE number >= ? AND number <= ?
        AND at + 0 >= ? AND at + 0 < ? AND ({wanted}) ORDER BY number"""  # noqa: S608
    with reading(place, KIND) as connection:
        bounds = connection.execute(_BOUNDS, (first, last)).fetchone()
        for number, body in connection.stream(query, (*bounds, first, last, *names)):
            stamped = _DECODER.decode(body)
            yield Stamped(number, stamped.at.astimezone(zone), stamped.event)
