"""Promises of callbacks: to callers who give up waiting, and within windows."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import uuid4

from ivr.app.callbacks.desk import CallbackDesk
from ivr.app.callbacks.line import Line, tell
from ivr.app.callbacks.ringer import Ringer
from ivr.app.callbacks.rules import Rules
from ivr.app.callbacks.shelf import Shelf
from ivr.centre import callbacks
from ivr.ports.callbacks import SCHEDULED, Callback, Kept, Place, Refused, Wanted, Window
from ivr.ports.clock import Clock


class Promising:
    """What an engine promises; it is on the disk before anybody is told."""

    def __init__(
        self,
        shelf: Shelf,
        ringer: Ringer,
        line: Line,
        rules: Rules,
        clock: Clock,
        desk: CallbackDesk,
    ) -> None:
        self._shelf = shelf
        self._ringer = ringer
        self._line = line
        self._rules = rules
        self._clock = clock
        self._desk = desk

    async def keep(self, wanted: Wanted) -> Kept:
        """Promise a callback that has the caller's place. Raises PortError."""
        policy = self._rules.policy(wanted.queue)
        if policy is None:
            return Kept(refused=Refused.NOT_NOW)
        known = self._shelf.get(wanted.call_id) or self._promised(wanted.queue, wanted.number)
        if known is not None:
            return Kept(known.due, id=known.id)
        refused = await self._ringer.refuses(wanted.number)
        if refused is not None:
            return Kept(refused=refused)
        now = self._clock.now()
        if wanted.window is not None:
            return await self._keep_for(wanted, wanted.window, now)
        opens = self._rules.opens(wanted.queue, now)
        if opens is None or opens >= now + policy.expiry:
            return Kept(refused=Refused.NOT_NOW)
        place = self._line.place(wanted.call_id) or Place(now)
        callback = callbacks.kept(wanted, place, now, opens, policy.expiry)
        await self._shelf.keep(callback)
        self._desk.promised(callback)
        return Kept(callback.due, id=callback.id)

    async def windows(self, queue: str, most: int) -> tuple[Window, ...]:
        """Return the next hours in which customers of a queue may be called."""
        if self._rules.policy(queue) is None:
            return ()
        return callbacks.windows(partial(self._rules.opens, queue), self._clock.now(), most)

    async def _keep_for(self, wanted: Wanted, window: Window, now: datetime) -> Kept:
        """Promise a call within a window to somebody who gives up their place for it."""
        if window.ends <= now:
            return Kept(refused=Refused.NOT_NOW)
        about = callbacks.About(wanted.customer)
        within = (window.begins, window.ends)
        whom = (wanted.queue, wanted.number, wanted.language)
        callback = callbacks.scheduled(wanted.call_id, *whom, within, "the caller", about)
        await self._shelf.keep(callback)
        self._desk.promised_for(callback)
        return Kept(callback.due, id=callback.id)

    async def schedule(
        self,
        queue: str,
        number: str,
        language: str,
        window: tuple[datetime, datetime],
        by: str,
        about: callbacks.About,
    ) -> Kept:
        """Promise a call within a window. Raises PortError."""
        begins, ends = window
        if self._rules.policy(queue) is None or ends <= max(begins, self._clock.now()):
            return Kept(refused=Refused.NOT_NOW)
        refused = await self._ringer.refuses(number)
        if refused is not None:
            return Kept(refused=refused)
        id_ = f"scheduled-{uuid4().hex[:12]}"
        callback = callbacks.scheduled(id_, queue, number, language, window, by, about)
        await self._shelf.keep(callback)
        tell(self._line, callback, SCHEDULED)
        return Kept(callback.due, id=id_)

    def _promised(self, queue: str, number: str) -> Callback | None:
        """Return the callback that a number has in a queue already: nobody is rung twice for one."""
        return next(
            (one for one in self._shelf if (one.queue, one.number) == (queue, number)), None
        )
