"""Consultations: an agent talks with somebody else while the caller hears music.

The somebody's leg waits in `held` like the agent's, and the two are joined there. Its name says who
consults whom, so that a restarted engine finds it. However it ends, nobody is left alone: the agent is
joined with the caller again, or the caller with who was consulted, or the caller waits as before.
"""

from __future__ import annotations

import asyncio
import logging
import re
import uuid
from collections.abc import Awaitable

import msgspec
from msgspec.structs import replace

from ivr.app.floor.acting import Acting
from ivr.app.floor.targets import AGENT, Target
from ivr.centre.agents import Act, Standing
from ivr.model.errors import PortError
from ivr.model.floor import Answered
from ivr.ports.agents import AgentState
from ivr.ports.legs import Legs
from ivr.ports.waiting import Join

_LOG = logging.getLogger(__name__)
CONSULTED = "consult-"
"""How the legs of those who are consulted are named."""
_LEG = re.compile(rf"{CONSULTED}(\d+)-(agent|branch)-(\d+)-[0-9a-f]+")


class Consultation(msgspec.Struct, frozen=True):
    """An `agent` has `target` (`agent:1002`, `branch:101`) rung on `leg`, about a call.

    `blind`: the agent has left, and the caller is joined with whoever answers.
    """

    leg: str
    call_id: str
    queue: str
    agent: str
    target: str
    colleague: str = ""
    answered: bool = False
    blind: bool = False


class Consultations:
    """Those that go on, by the agent who began them; blind ones by call."""

    def __init__(self, floor: Acting, legs: Legs, ring_ms: int) -> None:
        self._floor = floor
        self._legs = legs
        self._ring_ms = ring_ms
        self._open: dict[str, Consultation] = {}
        """By leg."""
        self._tasks: set[asyncio.Task[None]] = set()
        legs.on_gone(self._gone)

    def of(self, agent: str) -> Consultation | None:
        """Return the one that an agent has begun, if any."""
        return next(
            (one for one in self._open.values() if one.agent == agent and not one.blind), None
        )

    def begin(self, standing: Standing, target: Target, *, blind: bool = False) -> None:
        """Ring somebody; the caller and the agent hear music meanwhile."""
        leg = f"{CONSULTED}{standing.agent}-{target.name.replace(':', '-')}-{uuid.uuid4().hex}"
        one = Consultation(
            leg, standing.call_id, standing.queue, standing.agent, target.name, target.agent,
            blind=blind,
        )  # fmt: skip
        self._open[leg] = one
        if one.colleague:
            self._floor.act(one.colleague, Act.CHOSEN, call_id=one.call_id, queue=one.queue)
            self._floor.act(one.colleague, Act.RANG)
        self._spawn(self._ring(one, target.dial))

    async def complete(self, one: Consultation) -> None:
        """Join the caller with who was consulted. Raises PortError, and then nothing has changed."""
        await self._floor.direct(one.call_id, Join(one.leg, one.colleague or one.target))
        self._open.pop(one.leg, None)
        who = one.colleague or one.target
        self._floor.emit(Answered(one.call_id, one.queue, who, one.leg, again=True))

    async def end(self, agent: str) -> None:
        """End an agent's consultation, if there is one. Raises PortError."""
        one = self.of(agent)
        if one is not None:
            self._forget(one)
            await self._legs.hang_up(one.leg)

    async def recover(self) -> None:
        """Find the consultations that went on while there was no engine: those who talk go on, those
        who did not yet are let go. Raises PortError."""
        for channel in await self._legs.found(CONSULTED):
            named = _LEG.fullmatch(channel.uniqueid)
            standing = self._floor.standings().get(named[1]) if named else None
            if named is None or channel.uniqueid in self._open:
                continue
            if standing and standing.state is AgentState.CONSULTING and channel.bridge:
                colleague = named[3] if named[2] == AGENT else ""
                self._open[channel.uniqueid] = Consultation(
                    channel.uniqueid, standing.call_id, standing.queue, standing.agent,
                    f"{named[2]}:{named[3]}", colleague, answered=True,
                )  # fmt: skip
            else:
                await self._legs.hang_up(channel.uniqueid)
        for standing in self._floor.standings().values():
            if standing.state is AgentState.CONSULTING and self.of(standing.agent) is None:
                await rejoin(self._floor, standing)

    async def _ring(self, one: Consultation, dial: str) -> None:
        try:
            up = await self._legs.ring(one.leg, dial, self._ring_ms, one.agent, one.call_id)
            if up and one.leg in self._open:
                await self._answered(one)
            elif up:
                await self._legs.hang_up(one.leg)
            elif one.leg in self._open:
                await self._failed(one)
        except PortError as error:
            _LOG.error("call %s: %s could not be joined: %s", one.call_id, one.target, error)
            if one.leg in self._open:
                await self._failed(one)

    async def _answered(self, one: Consultation) -> None:
        one = self._open[one.leg] = replace(one, answered=True)
        if one.colleague:
            self._floor.act(one.colleague, Act.JOINED)
        if one.blind:
            await self.complete(one)
        else:
            await self._legs.join(self._floor.legs(one.call_id).agent, one.leg)

    async def _failed(self, one: Consultation) -> None:
        """Nobody is there to be consulted: the agent, or another one, talks with the caller."""
        self._forget(one, missed=True)
        standing = self._floor.standings()[one.agent]
        if one.blind:
            self._floor.back(one.call_id)
        elif standing.state is AgentState.CONSULTING:
            await rejoin(self._floor, standing)

    def _forget(self, one: Consultation, *, missed: bool = False) -> None:
        self._open.pop(one.leg, None)
        if one.colleague:
            self._floor.act(one.colleague, Act.MISSED if missed else Act.RELEASED)

    def _gone(self, channel: str) -> None:
        """Somebody hung up: who was consulted, or the caller."""
        for one in list(self._open.values()):
            if one.call_id == channel:
                self._forget(one)
                self._spawn(self._legs.hang_up(one.leg))
            elif one.leg == channel and one.answered:
                self._forget(one)
                self._spawn(self._back_to_the_caller(one))

    async def _back_to_the_caller(self, one: Consultation) -> None:
        standing = self._floor.standings()[one.agent]
        if standing.state is AgentState.CONSULTING:
            await rejoin(self._floor, standing)

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(self._logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _logged(self, work: Awaitable[None]) -> None:
        try:
            await work
        except PortError as error:
            _LOG.error("a consultation's end: %s", error)


async def rejoin(floor: Acting, standing: Standing) -> None:
    """Join an agent with the caller again. Raises PortError."""
    channel = floor.legs(standing.call_id).agent
    await floor.direct(standing.call_id, Join(channel, standing.agent))
    floor.act(standing.agent, Act.JOINED)
    floor.emit(Answered(standing.call_id, standing.queue, standing.agent, channel, again=True))
