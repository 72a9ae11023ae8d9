"""The agents who are kept for calls of campaigns. Callers who wait come first."""

from __future__ import annotations

from typing import Protocol

from ivr.app.floor.floor import RunningFloor
from ivr.centre.agents import Act
from ivr.ports.agents import AgentState


class Agents(Protocol):
    """What campaigns need of the floor. All of it is done at once."""

    def free(self, queue: str) -> tuple[str, ...]:
        """Return who could be kept for a call, the best first."""

    def keep(self, agent: str, call_id: str, queue: str) -> bool:
        """Keep an agent for a call; False: they are not free any more."""

    def release(self, agent: str, call_id: str) -> None:
        """Let an agent go who is still kept for a call; nothing is done for anybody else."""

    def kept(self, call_id: str) -> str:
        """Return the agent who is kept for a call, or nothing."""


class FloorAgents:
    """Agents of the running floor."""

    def __init__(self, floor: RunningFloor) -> None:
        self._floor = floor

    def free(self, queue: str) -> tuple[str, ...]:
        """Return who could be kept for a call: nobody while callers wait, or where there is no such
        queue."""
        floor = self._floor
        if queue not in floor.plan.queues or floor.dispatcher.waiting(queue):
            return ()
        return floor.free(queue)

    def keep(self, agent: str, call_id: str, queue: str) -> bool:
        """Keep an agent for a call."""
        standing = self._floor.standing(agent)
        if standing is None or not standing.free:
            return False
        return self._floor.act(agent, Act.CHOSEN, call_id=call_id, queue=queue) is not None

    def release(self, agent: str, call_id: str) -> None:
        """Let an agent go who is still kept for a call."""
        standing = self._floor.standing(agent)
        kept = standing is not None and standing.call_id == call_id
        waits = self._floor.caller(call_id) is None  # else the floor has them, and lets them go
        if kept and waits and standing is not None and standing.state is AgentState.RESERVED:
            self._floor.act(agent, Act.RELEASED)

    def kept(self, call_id: str) -> str:
        """Return the agent who is kept for a call, or nothing."""
        standings = self._floor.standings().items()
        return next((agent for agent, standing in standings if standing.call_id == call_id), "")
