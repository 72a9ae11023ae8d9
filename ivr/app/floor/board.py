"""The Floor port: what supervisors see, made of the state, the figures and the dispatcher."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from ivr.app.floor.floor import RunningFloor
from ivr.app.floor.state import Caller, Place
from ivr.app.floor.working import Working
from ivr.ports.agents import AgentState
from ivr.ports.floor import Board, CallerView, QueueView

CONSULTING = "consulting"
_ERRAND = "errand"


class FloorBoard:
    """The Floor port. `agents` tells how they stand."""

    def __init__(self, floor: RunningFloor, agents: Working) -> None:
        self._floor = floor
        self._agents = agents

    async def board(self) -> Board:
        """Return everything now. See `Floor`."""
        floor = self._floor
        return Board(
            at=floor.clock.now(),
            change=floor.change,
            queues=tuple(self._queue(name) for name in sorted(floor.plan.queues)),
            agents=await self._agents.views(),
            callers=tuple(
                self._caller(call_id, caller)
                for call_id, caller in sorted(
                    floor.state.callers.items(), key=lambda item: item[1].since
                )
            ),
            alerts=tuple(floor.state.alerts),
        )

    async def changed(self, since: int, within_ms: int) -> Board:
        """Return everything as soon as something changes. See `Floor`."""
        floor = self._floor
        with suppress(TimeoutError):
            async with asyncio.timeout(within_ms / 1000):
                while floor.change <= since:
                    floor.changed.clear()
                    await floor.changed.wait()
        return await self.board()

    def _queue(self, name: str) -> QueueView:
        floor, now = self._floor, self._floor.clock.now()
        outlook = floor.dispatcher.outlook(name, floor.now())
        today, estimate = floor.kpi.today(name, now), outlook.estimate
        return QueueView(
            queue=name,
            waiting=outlook.waiting,
            callbacks=outlook.callbacks,
            longest_s=floor.kpi.longest_s(name, now),
            estimate_s=round(estimate.seconds) if estimate else None,
            offered=today.offered,
            handled=today.handled,
            abandoned=today.abandoned,
            service_level=today.service_level,
            abandonment=today.abandonment,
            abandonment_5m=floor.kpi.recent(name, now),
            ready=outlook.ready,
            surge=outlook.surge,
            error_s=round(estimate.error) if estimate and estimate.count else None,
        )

    def _caller(self, call_id: str, caller: Caller) -> CallerView:
        joined = caller.joined
        return CallerView(
            call_id=call_id,
            queue=joined.queue,
            since=caller.changed if caller.agent else caller.since,
            state=self._state(caller),
            agent=caller.agent,
            ani=joined.ani,
            customer=joined.customer,
            level=joined.level,
            language=joined.language,
            priority=joined.priority,
            steps=joined.steps,
            facts=dict(joined.facts),
            progress=self._floor.doors.keying(call_id) or caller.outcome or caller.progress,
        )

    def _state(self, caller: Caller) -> str:
        standing = self._floor.standing(caller.agent)
        if standing is not None and standing.state is AgentState.CONSULTING:
            return CONSULTING
        return {
            Place.CHOSEN: Place.WAITING,
            Place.ASIDE: Place.WAITING,
            Place.TALKED: Place.TALKING,
        }.get(caller.place, caller.place).value
