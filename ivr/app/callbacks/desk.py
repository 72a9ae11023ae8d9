"""The callbacks of queues: promised to callers and by supervisors, begun when the dispatcher says so.

The dispatcher has a callback in its line like any caller. When it is matched, its agent is kept, the
customer's telephone rings, and whoever presses 1 takes the callback's place as a live caller.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from ivr.app.callbacks.line import Line, tell
from ivr.app.callbacks.ringer import HUNG_UP, Ringer
from ivr.app.callbacks.rules import Rules
from ivr.app.callbacks.shelf import Shelf
from ivr.centre import callbacks
from ivr.model.errors import PortError
from ivr.model.floor import Alerted
from ivr.ports.callbacks import (
    LATE,
    MISSED,
    SCHEDULED,
    Callback,
    Purpose,
    State,
    Wish,
)
from ivr.ports.clock import Clock

_LOG = logging.getLogger("ivr.callbacks")

DNIS = "*61"
"""The service number whose flow talks with customers who are called back."""
AGAIN = timedelta(minutes=1)
"""When it is tried again where the telephone rings for another callback, or nothing can be written."""


class Reached(msgspec.Struct, frozen=True):
    """A call is the customer of a callback; `agent` is kept for them, or none is."""

    callback: Callback
    agent: str = ""


class CallbackDesk:
    """The callbacks of one engine, from their turn to their end."""

    offers = True

    def __init__(
        self,
        shelf: Shelf,
        ringer: Ringer,
        line: Line,
        rules: Rules,
        clock: Clock,
    ) -> None:
        self._shelf = shelf
        self._line = line
        self._rules = rules
        self._clock = clock
        self._in_line: set[str] = set()
        self._late: set[str] = set()
        self._work: set[asyncio.Task[None]] = set()
        self._ringer = ringer
        ringer.on_over(Purpose.QUEUE, self._over)

    def promised(self, callback: Callback) -> None:
        """A caller has gone, and a callback has their place."""
        self._line.became(callback)
        self._in_line.add(callback.id)
        tell(self._line, callback)

    def promised_for(self, callback: Callback) -> None:
        """A caller has gone, to be called within a window: then it comes into line."""
        self._line.became(callback)
        self._line.drop(callback.id)
        tell(self._line, callback, SCHEDULED)

    async def cancel(self, id: str, by: str, reason: str) -> bool:
        """Call nobody; False: it is over, is talked with, or there is none."""
        callback = self._shelf.get(id)
        if callback is None or callback.state is State.REACHED:
            return False
        self._end(callback, State.CANCELLED, f"{by}: {reason}")
        await self._shelf.written()
        return True

    # ------------------------------------------------------------------ what the floor tells

    def turn(self, id: str, agent: str) -> None:
        """It is a callback's turn: an `agent` is kept for it, or will be soon."""
        self._spawn(self._ring(id, agent))

    def reached(self, call_id: str) -> Reached | None:
        """Return the callback that a call is, whose customer wants to talk."""
        callback = self._shelf.of_attempt(call_id)
        if callback is None or callback.state is not State.REACHED:
            return None
        return Reached(callback, self._line.kept(callback.id))

    def rang_again(self, queue: str, ani: str, customer: str) -> Callback | None:
        """A customer has rung again: their callback is over, and they have its place."""
        for callback in self._shelf:
            same = ani == callback.number or (customer and customer == callback.customer)
            if callback.queue == queue and same and callback.state is not State.REACHED:
                self._end(callback, State.REPLACED, "")
                return callback
        return None

    def bridged(self, call_id: str) -> None:
        """An agent talks with a customer who was called back."""
        callback = self._shelf.of_attempt(call_id)
        if callback is not None:
            self._change(callbacks.bridged(callback))

    # ------------------------------------------------------------------ what the customer tells

    async def called(self, call_id: str) -> Callback | None:
        """Return which callback a call is. Raises PortError."""
        callback = await self._shelf.find(call_id)
        ours = callback is not None and callback.purpose is Purpose.QUEUE and callback.state.open
        return callback if ours else None

    async def wish(self, call_id: str, wish: Wish) -> None:
        """Do what the customer wants who has answered. Raises PortError."""
        callback = self._shelf.of_attempt(call_id)
        if callback is None:
            return
        match wish:
            case Wish.NOW:
                self._change(callbacks.reached(callback))
            case Wish.LATER:
                self._missed(callback, "later")
            case Wish.NEVER:
                self._end(callback, State.CANCELLED, "the customer")
        await self._shelf.written()

    # ------------------------------------------------------------------ as time goes by

    async def look(self) -> None:
        """Put in line whose time has come, and end what is too late."""
        now = self._clock.now()
        for callback in self._shelf:
            if callback.purpose is not Purpose.QUEUE:
                continue
            self._warn(callback, now)
            lapsed = callbacks.lapsed(callback, now)
            if lapsed is not None:
                self._change(lapsed)
            elif callback.state is State.KEPT and callback.not_before <= now:
                self._enter(callback)

    async def stop(self) -> None:
        """Ring no more."""
        for task in self._work:
            task.cancel()
        if self._work:
            await asyncio.wait(self._work)

    async def _ring(self, id_: str, agent: str) -> None:
        callback = self._shelf.get(id_)
        begun = await self._begun(callback) if callback is not None else None
        self._in_line.discard(id_)
        if begun is None:
            self._line.release(agent, id_)
            return
        tell(self._line, begun)
        await self._ringer.ring(begun, DNIS)

    async def _begun(self, callback: Callback) -> Callback | None:
        """Begin an attempt; where that cannot be written down, no telephone rings."""
        try:
            return await self._begin(callback)
        except PortError as error:
            _LOG.error("callback %s is not rung now: %s", callback.id, error)
            self._put_off(callback, self._clock.now() + AGAIN)
            return None

    async def _begin(self, callback: Callback) -> Callback | None:
        now = self._clock.now()
        opens = self._rules.opens(callback.queue, now)
        if opens is None or opens > now or await self._ringer.busy(callback.number):
            later = now + AGAIN if opens == now else opens or callback.until
            self._put_off(callback, later)
            return None
        refused = await self._ringer.refuses(callback.number)
        if refused is not None:
            self._end(callback, State.FAILED, refused.value)
            return None
        return await self._shelf.begin(callback, now)

    def _over(self, callback: Callback, why: str) -> None:
        if callback.state is State.REACHED and why == HUNG_UP:
            self._end(callback, State.FAILED, "hung up before an agent was there")
        else:
            self._missed(callback, why)

    def _missed(self, callback: Callback, why: str) -> None:
        self._free(callback)
        policy = self._rules.policy(callback.queue)
        trying = policy.trying if policy else callbacks.Trying(0, timedelta())
        missed = callbacks.missed(callback, trying, self._clock.now())
        if missed is not None:
            self._change(replace(missed, note=why), MISSED)

    def _end(self, callback: Callback, state: State, note: str) -> None:
        self._free(callback)
        self._change(callbacks.ended(callback, state, note))

    def _free(self, callback: Callback) -> None:
        self._line.release(self._line.kept(callback.id), callback.id)

    def _put_off(self, callback: Callback, to: datetime) -> None:
        later = callbacks.put_off(callback, to)
        if later.state is State.KEPT:
            self._shelf.change(later)
        else:
            self._change(later)

    def _change(self, callback: Callback | None, kept: str = "") -> None:
        """Have a callback be so, and tell; `kept` is what one that is kept (again) is called."""
        if callback is None:
            return
        self._shelf.change(callback)
        tell(self._line, callback, kept if callback.state is State.KEPT else "")
        if callback.state is State.REACHED or not callback.state.open:
            self._line.drop(callback.id)
        if not callback.state.open:
            self._in_line.discard(callback.id)
            self._late.discard(callback.id)

    def _enter(self, callback: Callback) -> None:
        if callback.id not in self._in_line:
            self._in_line.add(callback.id)
            self._line.enter(callback)

    def _warn(self, callback: Callback, now: datetime) -> None:
        """Raise an alert, once, where a window has passed: it was promised."""
        if callback.window_from and now >= callback.due and callback.id not in self._late:
            self._late.add(callback.id)
            tell(self._line, callback, LATE)
            until = f"{callback.due:%H:%M}"
            said = {"queue": callback.queue, "callback": callback.id, "until": until}
            self._line.emit(Alerted(callback.queue, kind="callback", said=said))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
