"""Plans and days as small as they can be."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from ivr.app.forecast import Row
from ivr.app.queuesim.day import Arrival, Behaviour, Day, Outcome, Shift
from ivr.app.queuesim.floor import Floor
from ivr.model.queues import AgentsDocument, QueuePlan, QueuesDocument

BEGINS = datetime(2026, 11, 23, tzinfo=ZoneInfo("Asia/Shanghai"))
AT_ONCE = Behaviour(ring_s=0, accept=1, reached=1)


def plan(number: int = 1, second_line: int = 0, **queue: Any) -> QueuePlan:
    """Return a plan of one queue, that anybody serves, and so many agents, the last of them in the
    second line."""
    written = {"agents": ["anyone"], "max_wait": "8h", "empty": "wait", **queue}
    queues = QueuesDocument.model_validate({"queues": {"q": written}})
    staff = {
        str(1001 + place): {"name": "Li", "second_line": place >= number - second_line}
        for place in range(number)
    }
    people = AgentsDocument.model_validate({"agents": staff})
    return QueuePlan(queues.queues, people.agents)


def call(at: float, patience: float = 1000, talk: float = 60, acw: float = 0) -> Arrival:
    """Return a caller of the one queue."""
    return Arrival(at, "q", {"language": "zh"}, patience, talk, acw)


def happen(
    plan: QueuePlan,
    *arrivals: Arrival,
    shifts: list[Shift] | None = None,
    behaviour: Behaviour = AT_ONCE,
    spans: dict[str, list[tuple[float, float]]] | None = None,
) -> Outcome:
    """Return what came of a day."""
    working = [Shift(agent, 0, 86_400) for agent in plan.agents] if shifts is None else shifts
    day = Day(BEGINS, arrivals, working, spans or {})
    return Floor(plan, day, behaviour, Random(1)).run()


def row(**fields: Any) -> Row:
    """Return a line of a forecast."""
    written = {"from": "00:00", "to": "24:00", "queue": "q", "calls": 10, "aht": 180}
    return Row.model_validate(written | fields)
