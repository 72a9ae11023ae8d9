"""What agents do with a call: the Agents port on the running floor.

Everything is built on two things: what the caller's own session is told to do next, and legs that hear
music in the dialplan's `held` until something is joined with them.
"""

from __future__ import annotations

import asyncio

from ivr.app.config import AgentsConfig
from ivr.app.floor import targets
from ivr.app.floor.acting import Acting, Refused, need
from ivr.app.floor.consulting import Consultations, rejoin
from ivr.app.floor.spying import Spies
from ivr.app.floor.working import Plan, Working
from ivr.centre.agents import Act, Standing, allowed
from ivr.model.errors import PortError
from ivr.model.floor import Alerted, Ended, HandedOff, Held, Transferred
from ivr.ports.agents import AgentState, Done, Refusal, Spying
from ivr.ports.legs import Legs
from ivr.ports.staff import Staff
from ivr.ports.waiting import Errand, Hold


class Control(Working):
    """The Agents port."""

    def __init__(
        self, floor: Acting, legs: Legs, staff: Staff, plan: Plan, config: AgentsConfig
    ) -> None:
        super().__init__(floor, staff, plan, config)
        self._legs = legs
        self._consultations = Consultations(floor, legs, config.ring)
        self._spies = Spies(floor, legs, staff)
        self._held: set[asyncio.Task[None]] = set()

    async def hold(self, agent: str) -> Done:
        """Let the caller hear music. See `Agents`."""

        async def work(standing: Standing) -> None:
            _may(standing, Act.HELD)
            await self._floor.direct(standing.call_id, Hold())
            need(self._floor.act(agent, Act.HELD))
            self._floor.emit(Held(standing.call_id, standing.queue, agent))
            self._watch(agent)

        return await self._done(agent, work)

    async def resume(self, agent: str) -> Done:
        """Talk with the caller again. See `Agents`."""

        async def work(standing: Standing) -> None:
            if standing.state not in (AgentState.HOLDING, AgentState.CONSULTING):
                raise Refused(Refusal.STATE)
            await self._consultations.end(agent)
            await rejoin(self._floor, standing)

        return await self._done(agent, work)

    async def consult(self, agent: str, target: str) -> Done:
        """Talk with somebody else first. See `Agents`."""

        async def work(standing: Standing) -> None:
            _may(standing, Act.CONSULTED)
            rung = self._target(target)
            if standing.state is AgentState.TALKING:
                await self._floor.direct(standing.call_id, Hold())
            need(self._floor.act(agent, Act.CONSULTED))
            self._floor.emit(Held(standing.call_id, standing.queue, agent, rung.name))
            self._consultations.begin(standing, rung)

        return await self._done(agent, work)

    async def complete(self, agent: str) -> Done:
        """Join the caller with whom the agent talks. See `Agents`."""

        async def work(standing: Standing) -> None:
            one = self._consultations.of(agent)
            if one is None or not one.answered:
                raise Refused(Refusal.STATE)
            own = self._floor.legs(standing.call_id).agent
            await self._consultations.complete(one)
            self._sent_on(standing, one.target, warm=True)
            await self._legs.hang_up(own)

        return await self._done(agent, work)

    async def transfer(self, agent: str, target: str) -> Done:
        """Send the caller on. See `Agents`."""

        async def work(standing: Standing) -> None:
            if standing.state not in (AgentState.TALKING, AgentState.HOLDING):
                raise Refused(Refusal.STATE)
            kind, name = targets.split(target)
            own = self._floor.legs(standing.call_id).agent
            if kind == targets.BRANCH:
                rung = targets.branch(name, self._config.branches)
                if standing.state is AgentState.TALKING:
                    await self._floor.direct(standing.call_id, Hold(), keep_agent=False)
                self._sent_on(standing, target, warm=False)
                self._consultations.begin(standing, rung, blind=True)
            else:
                self._waits_for(kind, name)
                # Where Asterisk cannot be asked the two go on talking, and nothing has happened.
                await self._legs.found(own)
                self._sent_on(standing, target, warm=False)
                queue, colleague = (name, "") if kind == targets.QUEUE else ("", name)
                self._floor.back(standing.call_id, queue, colleague)
            await self._legs.hang_up(own)

        return await self._done(agent, work)

    async def hand_off(self, agent: str, errand: Errand) -> Done:
        """Leave the caller alone with the machine. See `Agents`."""

        async def work(standing: Standing) -> None:
            _may(standing, Act.HANDED_OFF)
            # Who listens to the agent would keep the secure window shut.
            await self._spies.end(agent)
            await self._floor.direct(standing.call_id, errand)
            need(self._floor.act(agent, Act.HANDED_OFF))
            call = (standing.call_id, standing.queue, agent)
            self._floor.emit(HandedOff(*call, errand.id, errand.kind, errand.name, errand.form))

        return await self._done(agent, work)

    async def spy(self, supervisor: str, endpoint: str, agent: str, how: Spying) -> Done:
        """Have a supervisor take part. See `Agents`."""
        standing = self._floor.standings().get(agent)
        if standing is None or endpoint not in self._endpoints():
            return Done(None, Refusal.TARGET)
        # Not in the agent's turn: a telephone that rings long must not keep the agent waiting.
        try:
            await self._spies.begin(supervisor, endpoint, standing, how)
        except Refused as refused:
            return Done(self._view(agent), refused.why)
        except PortError as error:
            return self._unreachable(agent, error)
        return Done(self._view(agent))

    async def lost(self, agent: str) -> None:
        """An agent's telephone is gone while the caller is not joined with it.

        Who was consulted and has answered takes the caller; else the caller waits again in the old
        place, after the errand if there is one. Raises PortError.
        """
        standing = self._floor.standings()[agent]
        one = self._consultations.of(agent)
        if one is not None and one.answered:
            await self._consultations.complete(one)
            self._sent_on(standing, one.target, warm=True)
            return
        await self._consultations.end(agent)
        call = (standing.call_id, standing.queue)
        self._floor.emit(Ended(*call, agent, "agent"))
        self._floor.act(agent, Act.ENDED, lasts=self._wrap_up(standing))
        self._floor.back(standing.call_id)

    async def recover(self) -> None:
        """Go on after a restart of the engine, or after Asterisk could not be asked. Raises PortError."""
        await self._consultations.recover()
        for agent, standing in self._floor.standings().items():
            if standing.state is AgentState.HOLDING:
                self._watch(agent)

    def _watch(self, agent: str) -> None:
        """Have a caller not be held for ever."""
        task = asyncio.create_task(self._too_long(agent))
        self._held.add(task)
        task.add_done_callback(self._held.discard)

    async def _too_long(self, agent: str) -> None:
        since = self._floor.standings()[agent].since
        await asyncio.sleep(self._config.hold / 1000)
        standing = self._floor.standings()[agent]
        if standing.state is AgentState.HOLDING and standing.since == since:
            self._floor.emit(Alerted(f"agent:{agent}", kind="hold", said={"agent": agent}))
            await self.resume(agent)

    def _sent_on(self, standing: Standing, target: str, *, warm: bool) -> None:
        """The agent has left the caller to somebody else."""
        call = (standing.call_id, standing.queue, standing.agent)
        self._floor.emit(Ended(*call, "transfer"))
        self._floor.emit(Transferred(*call, target, warm))
        self._floor.act(standing.agent, Act.ENDED, lasts=self._wrap_up(standing))

    def _target(self, target: str) -> targets.Target:
        kind, name = targets.split(target)
        standings = self._floor.standings()
        if kind == targets.BRANCH:
            return targets.branch(name, self._config.branches)
        if kind == targets.AGENT:
            return targets.colleague(name, standings)
        if name not in self._plan().queues:
            raise Refused(Refusal.TARGET)
        for agent in self._floor.free(name):
            return targets.colleague(agent, standings)
        raise Refused(Refusal.TARGET)

    def _waits_for(self, kind: str, name: str) -> None:
        """Make sure that there is a queue, or an agent at work, to wait for. Raises Refused."""
        standing = self._floor.standings().get(name)
        at_work = standing is not None and standing.state is not AgentState.OFFLINE
        if not (at_work if kind == targets.AGENT else name in self._plan().queues):
            raise Refused(Refusal.TARGET)


def _may(standing: Standing, act: Act) -> None:
    """Raise Refused unless the table has an act from here."""
    if act not in allowed(standing.state):
        raise Refused(Refusal.STATE)
