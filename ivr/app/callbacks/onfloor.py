"""Callbacks on the running floor: each has its place in the dispatcher's line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ivr.app.callbacks.guard import FILE, Guard
from ivr.app.callbacks.outgoing import NoCalls, OutgoingCalls, outgoing_calls
from ivr.app.callbacks.rules import PublishedRules
from ivr.app.config import Config
from ivr.app.floor.floor import RunningFloor
from ivr.app.floor.whole import Whole
from ivr.app.flows import Published
from ivr.app.places import made
from ivr.centre import dispatch
from ivr.centre.agents import Act
from ivr.model.floor import AnyFloorEvent, Left
from ivr.model.queues import CallbackMode
from ivr.ports.callbacks import Callback, Place
from ivr.ports.clock import Clock
from ivr.ports.identity import Identity
from ivr.ports.sessions import Sessions
from ivr.ports.waiting import Leaving


class FloorLine:
    """The Line of callbacks on a floor."""

    def __init__(self, floor: RunningFloor) -> None:
        self._floor = floor

    def place(self, call_id: str) -> Place | None:
        """Return the place of a caller who waits, or has left it only to choose a callback."""
        floor, caller = self._floor, self._floor.caller(call_id)
        if caller is None:
            return None
        estimate = floor.dispatcher.estimate(call_id, floor.now())
        joined = caller.joined
        return Place(
            caller.since,
            estimate.seconds if estimate else None,
            joined.priority,
            {**joined.facts, "language": joined.language},
        )

    def became(self, callback: Callback) -> None:
        """The caller of this id has gone, and a callback has their place."""
        floor = self._floor
        if floor.caller(callback.id) is None:
            self.enter(callback)
            return
        floor.dispatcher.as_callback(callback.id, self._mode(callback), floor.now())
        floor.emit(Left(callback.id, callback.queue, Leaving.CALLBACK.value))
        floor.doors.close(callback.id, Leaving.CALLBACK)

    def enter(self, callback: Callback) -> None:
        """Put a callback in its place, or back into it."""
        floor = self._floor
        waiter = dispatch.Caller(
            callback.id,
            callback.queue,
            callback.entered.timestamp(),
            priority=callback.priority,
            facts={**callback.facts, "language": callback.language},
            callback=self._mode(callback),
        )
        floor.dispatcher.join(waiter, floor.now(), admitted=True)
        floor.dispatcher.put_back(callback.id, floor.now())

    def drop(self, id: str) -> None:
        """Take a callback out for good; a caller who has its id stays."""
        if self._floor.caller(id) is None:
            self._floor.dispatcher.leave(id, self._floor.now())

    def kept(self, id: str) -> str:
        """Return the agent who is kept for a callback, or nothing."""
        standings = self._floor.standings().items()
        return next((agent for agent, standing in standings if standing.call_id == id), "")

    def release(self, agent: str, id: str) -> None:
        """An agent who was kept for a callback is free again, unless they have gone on already."""
        standing = self._floor.standing(agent)
        if standing is not None and standing.call_id == id:
            self._floor.act(agent, Act.RELEASED)

    def emit(self, event: AnyFloorEvent) -> None:
        """Write down what happened."""
        self._floor.emit(event)

    def _mode(self, callback: Callback) -> CallbackMode:
        said = self._floor.queue(callback.queue).callbacks
        return CallbackMode(said.mode) if said else CallbackMode.AGENT_FIRST


@asynccontextmanager
async def callbacks_on(
    config: Config,
    whole: Whole,
    published: Published,
    bank: Identity,
    sessions: Sessions,
    clock: Clock,
    guard: Guard | None,
    token: int | None,
) -> AsyncIterator[OutgoingCalls | NoCalls]:
    """Call customers, if the configuration says how, for as long as a floor runs, by the token of its lease.
    Raises PortError."""
    if config.dialler is None or guard is None:
        yield NoCalls()
        return
    async with outgoing_calls(
        guard,
        config.dialler.ring,
        made(config, FILE),
        FloorLine(whole.floor),
        PublishedRules(published),
        bank,
        sessions,
        clock,
        token,
    ) as calls:
        whole.floor.on_turn = calls.desk.turn
        whole.room.promises = calls.desk
        yield calls
