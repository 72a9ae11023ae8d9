"""A floor made of a few lines of YAML, driven by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from ivr.centre.dispatch import Caller, Dispatcher, Match
from ivr.model.queues import AgentsDocument, CallbackMode, QueuePlan, QueuesDocument
from ivr.model.values import Scalar
from ivr.ports.agents import AgentState
from ivr.ports.waiting import Leaving

SKILLS = {"loans": "level", "wealth": "level", "trainee": "truth"}


def plan_of(queues: str, agents: str, fairness: str = "{}") -> QueuePlan:
    """Return a plan of the YAML of some queues and some agents (without their names)."""
    people = {str(agent): {"name": "A", **said} for agent, said in yaml.safe_load(agents).items()}
    lists = QueuesDocument.model_validate(
        {"queues": yaml.safe_load(queues), "fairness": yaml.safe_load(fairness)}
    )
    staff = AgentsDocument.model_validate({"agents": people, "skills": SKILLS})
    return QueuePlan(lists.queues, staff.agents, staff.skills, lists.fairness)


class Hand:
    """A dispatcher, and a clock that is moved by hand."""

    def __init__(
        self, queues: str = "{service: {agents: [anyone]}}", agents: str = "{1001: {}}", **more: str
    ) -> None:
        self.plan = plan_of(queues, agents, **more)
        self.now = 0.0
        self.it = Dispatcher(self.plan, self.now)
        self.all(AgentState.PAUSED, *map(int, self.plan.agents))

    def ready(self, *agents: int) -> None:
        self.all(AgentState.READY, *agents)

    def all(self, state: AgentState, *agents: int) -> None:
        for agent in agents:
            self.it.agent(str(agent), state, self.now)

    def join(self, call_id: str, queue: str = "service", **more: Any) -> Leaving | None:
        """Let somebody join now, or at an earlier `entered`."""
        options = {name: more.pop(name) for name in ("admitted", "is_open") if name in more}
        caller = Caller(call_id, queue, more.pop("entered", self.now), **more)
        return self.it.join(caller, self.now, **options)

    def at(self, now: float) -> list[Any]:
        """Move the clock; return what is decided then."""
        self.now = now
        return list(self.it.decide(now))

    def matches(self, now: float | None = None) -> dict[str, int]:
        """Move the clock; return who is given to whom then."""
        decided = self.at(self.now if now is None else now)
        return {one.call_id: int(one.agent) for one in decided if isinstance(one, Match)}

    def as_callback(self, call_id: str, mode: CallbackMode = CallbackMode.AGENT_FIRST) -> None:
        self.it.as_callback(call_id, mode, self.now)


Facts = Mapping[str, Scalar]
