"""The callbacks that are open, in memory as they are on the disk."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Iterator
from datetime import datetime

from ivr.centre.callbacks import attempted
from ivr.model.errors import PortError
from ivr.model.session import Session
from ivr.ports.callbackbook import CallbackStore
from ivr.ports.callbacks import Callback

_LOG = logging.getLogger("ivr.callbacks")

ATTEMPT = "callback-"
"""How the UNIQUEIDs of our own calls begin. Asterisk's own begin with its name or a figure."""


class Shelf:
    """Open callbacks by id. `change` holds at once and is written soon after, in order; what must not
    be forgotten in a kill (`keep`, `begin`) is written first."""

    def __init__(self, store: CallbackStore) -> None:
        self._store = store
        self._open: dict[str, Callback] = {}
        self._writing: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()

    async def load(self) -> None:
        """Take up what was open when an engine ended. Raises PortError."""
        self._open = {one.id: one for one in await self._store.open_ones()}

    def __iter__(self) -> Iterator[Callback]:
        return iter(tuple(self._open.values()))

    def get(self, id_: str) -> Callback | None:
        """Return one that is open."""
        return self._open.get(id_)

    def of_attempt(self, attempt: str) -> Callback | None:
        """Return the open one that was begun as this call."""
        return next((one for one in self if one.attempt == attempt), None)

    async def find(self, attempt: str) -> Callback | None:
        """Return what was begun as this call, by this engine or another. Raises PortError."""
        if not attempt.startswith(ATTEMPT):
            return None
        callback = self.of_attempt(attempt)
        if callback is None:
            await self.written()
            callback = await self._store.of_attempt(attempt)
        return callback

    async def session(self, id_: str) -> Session | None:
        """Return the call that a callback goes on with. Raises PortError."""
        return await self._store.session(id_)

    async def keep(self, callback: Callback, session: Session | None = None) -> None:
        """Promise a callback. Raises PortError."""
        async with self._turn:
            if session is None:
                await self._store.put(callback)
            else:
                await self._store.put_with(callback, session)
        self._open[callback.id] = callback

    async def begin(self, callback: Callback, now: datetime) -> Callback | None:
        """Begin an attempt; None where there must be none now. Raises PortError."""
        begun = attempted(callback, ATTEMPT + secrets.token_hex(8), now)
        if begun is None or self._open.get(callback.id) != callback:
            return None
        self._open[callback.id] = begun
        async with self._turn:
            if await self._store.claim(begun):
                return begun
        _LOG.warning("callback %s: another engine was first", callback.id)
        del self._open[callback.id]
        return None

    def change(self, callback: Callback) -> None:
        """Have a callback be so from now on."""
        if callback.state.open:
            self._open[callback.id] = callback
        else:
            self._open.pop(callback.id, None)
        task = asyncio.create_task(self._write(callback))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def written(self) -> None:
        """Wait until all of it is on the disk."""
        while self._writing:
            await asyncio.wait(self._writing)

    async def _write(self, callback: Callback) -> None:
        async with self._turn:
            try:
                await self._store.put(callback)
            except PortError as error:
                _LOG.error("callback %s is %s, unwritten: %s", callback.id, callback.state, error)
