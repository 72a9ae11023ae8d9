"""The ledger of releases, as commands and engines use it."""

from __future__ import annotations

import asyncio
import os
import pwd
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime

from ivr.adapters.clock import SystemClock
from ivr.adapters.flowfile import load_files, version_of
from ivr.adapters.store.database import DatabaseStore
from ivr.adapters.store.kind import KIND
from ivr.app.cluster.shared import RELEASES, tell_all
from ivr.app.config import Config
from ivr.app.places import kept, made, place
from ivr.centre.releases import Act, Entry, LedgerError, State, follow, opened, seal
from ivr.centre.releases.kinds.publishing import Publishing
from ivr.database import Place
from ivr.model.errors import FlowError, OneCallError
from ivr.model.flow import FlowSet
from ivr.ports.clock import Clock
from ivr.ports.releases import Kept, Sealed
from ivr.ports.store import Store

DATABASE = "onecall.sqlite"
"""The store's file in the state folder."""


class ReleaseError(OneCallError):
    """A release cannot be used: which one, why, and what to do."""


async def nobody() -> None:
    """Nobody is to be told."""


class Ledger:
    """The ledger in an open store. `tell` is awaited whenever it has grown."""

    def __init__(
        self, store: Store, clock: Clock, tell: Callable[[], Awaitable[None]] = nobody
    ) -> None:
        self._store = store
        self._clock = clock
        self._tell = tell

    @property
    def store(self) -> Store:
        """The store it is in."""
        return self._store

    def now(self) -> datetime:
        """Return the time by which entries are written."""
        return self._clock.now()

    async def sealed(self) -> list[Sealed]:
        """Return all entries as they are stored. Raises PortError."""
        return await self._store.releases.since()

    async def entries(self) -> list[Entry]:
        """Return all entries. Raises LedgerError, PortError."""
        sealed = await self.sealed()
        with _advice():
            return [opened(one) for one in sealed]

    async def state(self) -> State:
        """Return what is in force now. Raises LedgerError for a broken chain, PortError."""
        sealed = await self.sealed()
        with _advice():
            return follow(State(), sealed).at(self._clock.now())

    async def append(
        self, act: Act, *, why: str, who: str, after: State, flows: FlowSet | None = None
    ) -> Entry:
        """Write down an act, decided on in the state `after`; `flows` are kept with it.

        Raises LedgerMoved when the ledger is in another state by now, PortError.
        """
        now = self._clock.now()
        entry = Entry(after.number + 1, now, _one_line(who), _one_line(why), act, after.head)
        sealed = seal(entry)
        kept = Kept(flows.version, flows.files) if flows else None
        await self._store.releases.append(sealed, after.head, kept)
        await self._tell()
        return opened(sealed)

    async def flows(self, number: int) -> FlowSet:
        """Return the flows of a release. Raises ReleaseError, LedgerError, PortError."""
        return await self.flows_of(await self.version(number))

    async def version(self, number: int) -> str:
        """Return the version of a release. Raises ReleaseError, LedgerError, PortError."""
        entries = {entry.number: entry for entry in await self.entries()}
        entry = entries.get(number)
        if entry is None:
            raise ReleaseError(f"there is no entry {number}; `ivr releases` lists them")
        if not isinstance(entry.act, Publishing):
            raise ReleaseError(f"entry {number} is no release but: {entry.act.words}")
        return entry.act.version

    async def holds(self, version: str) -> bool:
        """Whether the flows of a version are kept and can be run. Raises PortError."""
        try:
            await self.flows_of(version)
        except ReleaseError:
            return False
        return True

    async def flows_of(self, version: str) -> FlowSet:
        """Return the flows of a version that was published. Raises ReleaseError, PortError."""
        return await stored_flows(self._store, version)


@contextmanager
def _advice() -> Iterator[None]:
    """Have whoever meets a broken ledger know what it is and what to do."""
    try:
        yield
    except LedgerError as error:
        raise LedgerError(
            f"the ledger is broken, nothing is done: {error}; see `ivr releases --verify`"
        ) from error


async def stored_flows(store: Store, version: str) -> FlowSet:
    """Return a version's flows from the store, if they are what was published.

    Raises ReleaseError when they are not kept, damaged, or nothing this OneCall can run; PortError.
    """
    name = f"the flows of version {version[:12]}"
    files = await store.version_files(version)
    if files is None:
        raise ReleaseError(f"{name} are not kept; publish them again")
    if version_of(files) != version:
        raise ReleaseError(f"{name} are damaged; publish them again, or restore the store")
    try:
        return await asyncio.to_thread(load_files, files)
    except FlowError as error:
        raise ReleaseError(f"{name} cannot be run by this OneCall:\n{error}") from error


def who(name: str | None = None) -> str:
    """Return who acts: the user of this machine, also if another name is given."""
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        user = f"uid {os.getuid()}"
    here = f"{user}@{socket.gethostname()}"
    return f"{name} ({here})" if name else here


def _one_line(text: str) -> str:
    """Return a text as it can stand in a log: nothing in it ends the line or moves the cursor."""
    return "".join(one if one.isprintable() else " " for one in text)


def store_place(config: Config) -> Place | None:
    """Return where the store is; None: nobody has begun one. Raises ConfigError, PortError."""
    return kept(config, DATABASE, KIND)


@asynccontextmanager
async def open_ledger(config: Config, *, begin: bool = False) -> AsyncIterator[Ledger]:
    """Open the ledger for a command; with `begin`, make the store if there is none.

    Raises ReleaseError when there is none, ConfigError, PortError.
    """
    async with open_store(config, begin=begin) as store:
        yield Ledger(store, SystemClock(config.zone), lambda: tell_all(config, RELEASES))


@asynccontextmanager
async def open_store(config: Config, *, begin: bool = False) -> AsyncIterator[DatabaseStore]:
    """Open the store with all that is in it, the coverage ledger too. Raises as `open_ledger`."""
    where = made(config, DATABASE) if begin else store_place(config)
    if where is None:
        missing = f"there is no {place(config, DATABASE)}"
        raise ReleaseError(f"nothing is published yet: {missing}; run `ivr publish`")
    store = await DatabaseStore.open(where, SystemClock(config.zone), country=config.country)
    try:
        yield store
    finally:
        await store.close()
