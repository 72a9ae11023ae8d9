"""Agents in the simulator: the real table of states, on telephones that nobody holds.

Agent `1001` works on the telephone `agent1001`. A call that an agent has is with nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ivr.centre.agents import Act, Standing, allowed, step
from ivr.model.queues import QueuePlan
from ivr.model.secret import Secret
from ivr.ports.agents import Agents, AgentState, AgentView, Done, Refusal, Spying
from ivr.ports.waiting import Errand

_TO: Mapping[AgentState, tuple[Act, ...]] = {
    AgentState.OFFLINE: (),
    AgentState.PAUSED: (Act.LOGIN,),
    AgentState.READY: (Act.LOGIN, Act.READY),
    AgentState.TALKING: (Act.LOGIN, Act.READY, Act.CHOSEN, Act.JOINED),
    AgentState.HOLDING: (Act.LOGIN, Act.READY, Act.CHOSEN, Act.JOINED, Act.HELD),
    AgentState.CONSULTING: (Act.LOGIN, Act.READY, Act.CHOSEN, Act.JOINED, Act.CONSULTED),
    AgentState.WRAP_UP: (Act.LOGIN, Act.READY, Act.CHOSEN, Act.JOINED, Act.ENDED),
}
"""How an agent comes to a state that a script begins with."""


class SimAgents(Agents):
    """The Agents port of a simulated call: `pins` by agent, `begin` the states in which they are."""

    def __init__(
        self,
        plan: QueuePlan,
        pins: Mapping[str, str],
        at: datetime,
        begin: Mapping[str, AgentState] | None = None,
    ) -> None:
        self._plan = plan
        self._pins = pins
        self._at = at
        self._standings = {agent: Standing(agent) for agent in plan.agents}
        for agent, state in (begin or {}).items():
            for act in _TO[state]:
                self._act(agent, act)

    async def login(self, agent: str, pin: Secret, endpoint: str) -> Done:
        """Begin work on the agent's own telephone."""
        if agent not in self._standings or not pin.matches(self._pins.get(agent, "")):
            return Done(None, Refusal.CREDENTIALS)
        if endpoint != f"PJSIP/{_phone(agent)}":
            return Done(self._view(agent), Refusal.STATE)
        return self._done(agent, Act.LOGIN)

    async def logout(self, agent: str) -> Done:
        """End work."""
        return self._done(agent, Act.LOGOUT)

    async def ready(self, agent: str) -> Done:
        """Take calls."""
        return self._done(agent, Act.READY)

    async def pause(self, agent: str, reason: str) -> Done:
        """Take no calls, for a reason that there is."""
        found = self._plan.reasons.get(reason, "")
        return self._done(agent, Act.PAUSE, found) if found else self._no(agent, Refusal.TARGET)

    async def extend(self, agent: str) -> Done:
        """Need more time."""
        return self._done(agent, Act.EXTEND)

    async def dispose(self, agent: str, disposition: str, note: str = "") -> Done:
        """Say what the call was about."""
        if disposition not in self._plan.dispositions:
            return self._no(agent, Refusal.TARGET)
        return Done(self._view(agent)) if self._call(agent) else self._no(agent, Refusal.STATE)

    async def hold(self, agent: str) -> Done:
        """Let nobody hear music."""
        return self._done(agent, Act.HELD)

    async def resume(self, agent: str) -> Done:
        """Talk with nobody again."""
        return self._done(agent, Act.JOINED)

    async def consult(self, agent: str, target: str) -> Done:
        """Talk with a colleague, who answers at once."""
        there = target.removeprefix("agent:") in self._standings
        return self._done(agent, Act.CONSULTED) if there else self._no(agent, Refusal.TARGET)

    async def complete(self, agent: str) -> Done:
        """Leave nobody with the colleague."""
        if self._standings[agent].state is not AgentState.CONSULTING:
            return self._no(agent, Refusal.STATE)
        return self._done(agent, Act.ENDED)

    async def transfer(self, agent: str, target: str) -> Done:
        """Send nobody on."""
        there = target.removeprefix("agent:") in self._standings
        return self._done(agent, Act.ENDED) if there else self._no(agent, Refusal.TARGET)

    async def hand_off(self, agent: str, errand: Errand) -> Done:
        """Leave nobody alone with the machine."""
        return self._done(agent, Act.HANDED_OFF)

    async def spy(self, supervisor: str, endpoint: str, agent: str, how: Spying) -> Done:
        """There is nothing to hear."""
        return self._no(agent, Refusal.TARGET)

    async def at(self, endpoint: str) -> AgentView | None:
        """Return who is logged in on a telephone."""
        for agent, standing in self._standings.items():
            if standing.state is not AgentState.OFFLINE and endpoint == f"PJSIP/{_phone(agent)}":
                return self._view(agent)
        return None

    async def views(self) -> tuple[AgentView, ...]:
        """Return all agents."""
        return tuple(map(self._view, self._standings))

    def _done(self, agent: str, act: Act, reason: str = "") -> Done:
        refused = None if act in allowed(self._standings[agent].state) else Refusal.STATE
        self._act(agent, act, reason)
        return Done(self._view(agent), refused)

    def _act(self, agent: str, act: Act, reason: str = "") -> None:
        call = "1" if act is Act.CHOSEN else ""
        stepped = step(
            self._standings[agent],
            act,
            self._at,
            reason=reason,
            endpoint=_phone(agent),
            call_id=call,
        )
        self._standings[agent] = stepped or self._standings[agent]

    def _no(self, agent: str, why: Refusal) -> Done:
        return Done(self._view(agent), why)

    def _call(self, agent: str) -> str:
        return self._standings[agent].call_id

    def _view(self, agent: str) -> AgentView:
        standing = self._standings[agent]
        return AgentView(
            agent,
            self._plan.agents[agent].name,
            standing.state,
            standing.since,
            standing.reason,
            standing.endpoint,
            standing.call_id,
        )


def _phone(agent: str) -> str:
    return f"agent{agent}"
