"""Days made of a forecast: callers come at random (Poisson), as many as are expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count, islice
from math import log, sqrt
from operator import attrgetter
from random import Random

import msgspec
from msgspec.structs import replace

from ivr.app.forecast import Row
from ivr.app.queuesim.day import Arrival, Day, Shift
from ivr.centre.patience import Patience, exponential
from ivr.model.queues import QueuePlan


class Spread(msgspec.Struct, frozen=True):
    """How handling times are spread around their mean: exponential, as Erlang has it, or lognormal
    with a coefficient of variation, as they are in most call centres (Brown et al., 2005)."""

    lognormal: float | None = None

    def sample(self, mean_s: float, chance: Random) -> float:
        """Return a time in seconds."""
        if self.lognormal is None:
            return chance.expovariate(1 / mean_s)
        square = log(1 + self.lognormal**2)
        return chance.lognormvariate(log(mean_s) - square / 2, sqrt(square))


class Forecasted(msgspec.Struct, frozen=True):
    """A source of days. `patience` is that of callers of whom the forecast says nothing; `spans` are
    when queues are open. Where the forecast says how many agents there are, the first so many of the
    first line work then; else all do as long as calls are expected. The second line always does."""

    rows: Sequence[Row]
    patience: Patience
    spread: Spread = Spread()
    spans: Mapping[str, Sequence[tuple[float, float]]] = {}

    def day(self, plan: QueuePlan, begins: datetime, chance: Random) -> Day:
        """Return a day for this plan."""
        arrivals = [one for row in self.rows for one in self._callers(row, plan, chance)]
        return Day(begins, sorted(arrivals, key=attrgetter("at")), self._shifts(plan), self.spans)

    def _callers(self, row: Row, plan: QueuePlan, chance: Random) -> Iterator[Arrival]:
        if not row.calls:
            return
        patience = exponential(row.patience) if row.patience else self.patience
        wrap_up_s = plan.queues[row.queue].wrap_up.time / 1000 if row.aht is None else 0.0
        mean_s, facts = row.handling_s(0), row.facts
        at, rate = float(row.begins), row.calls / (row.ends - row.begins)
        while (at := at + chance.expovariate(rate)) < row.ends:
            willing_s = patience.sample(chance.random())
            talk_s = self.spread.sample(mean_s, chance)
            yield Arrival(at, row.queue, facts, willing_s, talk_s, wrap_up_s)

    def _shifts(self, plan: QueuePlan) -> list[Shift]:
        first, second = lines(plan)
        start = float(min(row.begins for row in self.rows))
        end = float(max(row.ends for row in self.rows))
        planned: Counter[tuple[int, int]] = Counter()
        for row in self.rows:
            if row.agents is not None:
                planned[row.begins, row.ends] += row.agents
        always = second if planned else [*first, *second]
        return [Shift(agent, start, end) for agent in always] + [
            Shift(agent, begins, ends)
            for (begins, ends), number in planned.items()
            for agent in first[:number]
        ]


def lines(plan: QueuePlan) -> tuple[list[str], list[str]]:
    """Return the agents of the first line, and of the second."""
    second = [agent for agent, document in plan.agents.items() if document.second_line]
    return [agent for agent in plan.agents if agent not in second], second


def staffed(plan: QueuePlan, number: int) -> QueuePlan:
    """Return the plan with so many agents of the first line. More than there are, are like them, one
    after the other: what if we hired? Raises ValueError where there is nobody to be like."""
    first, second = lines(plan)
    if not first:
        raise ValueError("agents.yaml has nobody in the first line")
    rounds = ((agent, turn) for turn in count(1) for agent in first)
    named = {
        agent if turn == 1 else f"{agent} ({turn})": plan.agents[agent]
        for agent, turn in islice(rounds, number)
    }
    return replace(plan, agents={**named, **{agent: plan.agents[agent] for agent in second}})
