"""Agents at work: the part of the Agents port that needs no call.

A wish is looked at by the table of states first, then done in Asterisk, and only then written down:
what Asterisk refused has not happened. Two wishes of one agent come one after the other.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from ivr.app.config import AgentsConfig
from ivr.app.floor.acting import Acting, Refused, need
from ivr.centre.agents import WRAP_UP, Act, Standing
from ivr.model.errors import PortError
from ivr.model.floor import Disposed
from ivr.model.queues import QueueDocument, QueuePlan
from ivr.model.secret import Secret
from ivr.ports.agents import AgentView, Done, Refusal
from ivr.ports.staff import Staff

_LOG = logging.getLogger(__name__)

Plan = Callable[[], QueuePlan]
"""Returns the queues and agents in force."""
Work = Callable[[Standing], Awaitable[None]]


class Working:
    """Login to logout. `ivr.app.floor.control` adds what is done with calls."""

    def __init__(self, floor: Acting, staff: Staff, plan: Plan, config: AgentsConfig) -> None:
        self._floor = floor
        self._staff = staff
        self._plan = plan
        self._config = config
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def login(self, agent: str, pin: Secret, endpoint: str) -> Done:
        """Begin work on a telephone. See `Agents`."""
        endpoint = endpoint.removeprefix("PJSIP/")
        person = await self._staff.check_pin(agent, pin, endpoint)
        if isinstance(person, Refusal):
            return Done(None, person)

        async def work(standing: Standing) -> None:
            if endpoint not in self._endpoints():
                raise Refused(Refusal.TARGET)
            if standing.endpoint == endpoint:
                return
            taken = any(one.endpoint == endpoint for one in self._floor.standings().values())
            if taken:
                raise Refused(Refusal.STATE)
            need(self._floor.act(agent, Act.LOGIN, endpoint=endpoint))
            await self._staff.note(person.name, "agent.login", agent, endpoint)

        return await self._done(agent, work)

    async def logout(self, agent: str) -> Done:
        """End work. See `Agents`."""
        return await self._done(agent, self._simple(Act.LOGOUT))

    async def ready(self, agent: str) -> Done:
        """Take calls. See `Agents`."""
        return await self._done(agent, self._simple(Act.READY))

    async def pause(self, agent: str, reason: str) -> Done:
        """Take no calls. See `Agents`."""

        async def work(standing: Standing) -> None:
            named = _named(self._plan().reasons, reason) if reason else ""
            need(self._floor.act(agent, Act.PAUSE, reason=named))

        return await self._done(agent, work)

    async def extend(self, agent: str) -> Done:
        """Need more time for wrap-up. See `Agents`."""

        async def work(standing: Standing) -> None:
            wrap_up = self._queue(standing).wrap_up
            if standing.extended >= wrap_up.extensions:
                raise Refused(Refusal.STATE)
            lasts = timedelta(milliseconds=wrap_up.extend)
            need(self._floor.act(agent, Act.EXTEND, lasts=lasts))

        return await self._done(agent, work)

    async def dispose(self, agent: str, disposition: str, note: str = "") -> Done:
        """Say what the call was about. See `Agents`."""

        async def work(standing: Standing) -> None:
            named = _named(self._plan().dispositions, disposition)
            if not standing.call_id:
                raise Refused(Refusal.STATE)
            call = (standing.call_id, standing.queue)
            self._floor.emit(Disposed(agent, *call, named, note))

        return await self._done(agent, work)

    async def at(self, endpoint: str) -> AgentView | None:
        """Return who is logged in on a telephone."""
        endpoint = endpoint.removeprefix("PJSIP/")
        for standing in self._floor.standings().values():
            if endpoint and standing.endpoint == endpoint:
                return self._view(standing.agent)
        return None

    async def views(self) -> tuple[AgentView, ...]:
        """Return all agents, by number."""
        plan = self._plan()
        return tuple(_seen(one, plan) for _, one in sorted(self._floor.standings().items()))

    async def _done(self, agent: str, work: Work) -> Done:
        async with self._turns[agent]:
            standing = self._floor.standings().get(agent)
            if standing is None:
                return Done(None, Refusal.TARGET)
            try:
                await work(standing)
            except Refused as refused:
                return Done(self._view(agent), refused.why)
            except PortError as error:
                return self._unreachable(agent, error)
            return Done(self._view(agent))

    def _simple(self, act: Act) -> Work:
        async def work(standing: Standing) -> None:
            need(self._floor.act(standing.agent, act))

        return work

    def _unreachable(self, agent: str, error: PortError) -> Done:
        _LOG.error("what agent %s wanted could not be done: %s", agent, error)
        return Done(self._view(agent), Refusal.UNREACHABLE)

    def _queue(self, standing: Standing) -> QueueDocument:
        try:
            return self._plan().queues[standing.queue]
        except KeyError:
            raise Refused(Refusal.STATE) from None

    def _wrap_up(self, standing: Standing) -> timedelta:
        queue = self._plan().queues.get(standing.queue)
        return timedelta(milliseconds=queue.wrap_up.time) if queue else WRAP_UP

    def _endpoints(self) -> frozenset[str]:
        """Return the telephones that agents and supervisors may use."""
        return frozenset(self._config.endpoints or (f"agent{one}" for one in self._plan().agents))

    def _view(self, agent: str) -> AgentView:
        return _seen(self._floor.standings()[agent], self._plan())


def _named(names: Mapping[str, str], wanted: str) -> str:
    """Return a reason or a disposition by its key or its name. Raises Refused."""
    named = names.get(wanted, wanted)
    if named not in names.values():
        raise Refused(Refusal.TARGET)
    return named


def _seen(standing: Standing, plan: QueuePlan) -> AgentView:
    """Return how an agent stands as others see it."""
    known = plan.agents.get(standing.agent)
    return AgentView(
        agent=standing.agent,
        name=known.name if known else standing.agent,
        state=standing.state,
        since=standing.since,
        reason=standing.reason,
        endpoint=standing.endpoint,
        call_id=standing.call_id,
        queue=standing.queue,
        missed=standing.missed,
        until=standing.until,
    )
