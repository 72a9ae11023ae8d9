"""How many agents a forecast needs, interval by interval, by Erlang A and Erlang C."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ivr.app.forecast import Row
from ivr.centre.erlang import (
    Demand,
    Figures,
    Formula,
    agents_needed,
    erlang_a,
    erlang_c,
    scheduled,
)
from ivr.model.errors import OneCallError


class CannotStaff(OneCallError):
    """No number of agents does what is wanted: why, and what to change."""


class Goal(msgspec.Struct, frozen=True):
    """What is wanted: a service level within T seconds, at most so much abandonment (Erlang A only:
    by Erlang C nobody gives up) and occupancy. Callers whose patience the forecast does not say have
    `patience_s`; after each call there are `wrap_up_s`, unless the forecast has the whole AHT; of paid
    time a share `shrinkage` is not there for calls."""

    service_level: float = 0.8
    within_s: float = 20.0
    abandonment: float = 0.05
    occupancy: float = 1.0
    patience_s: float = 120.0
    wrap_up_s: float = 30.0
    shrinkage: float = 0.0

    def met(self, figures: Figures) -> bool:
        """Whether these figures are good enough."""
        return (
            figures.service_level >= self.service_level
            and figures.abandonment <= self.abandonment
            and figures.occupancy <= self.occupancy
        )


class Needed(msgspec.Struct, frozen=True):
    """Agents by one formula, how many are to be paid for, and what they come to."""

    agents: int
    scheduled: int
    figures: Figures


class Plan(msgspec.Struct, frozen=True):
    """What one line of a forecast needs; `load` is in erlangs."""

    row: Row
    load: float
    erlang_a: Needed
    erlang_c: Needed


def staffing(rows: Sequence[Row], goal: Goal) -> list[Plan]:
    """Return what each line needs, by itself: agents of several queues are not pooled here, that is
    what `ivr queue-sim` is for. Raises CannotStaff."""
    return [_plan(row, goal) for row in rows]


def _plan(row: Row, goal: Goal) -> Plan:
    aht_s = row.handling_s(goal.wrap_up_s)
    rate = row.calls / (row.ends - row.begins)
    demand = Demand(rate, aht_s, row.patience or goal.patience_s)
    return Plan(
        row,
        demand.load,
        _needed(lambda agents: erlang_a(demand, agents, goal.within_s), row, goal),
        _needed(lambda agents: erlang_c(demand, agents, goal.within_s), row, goal),
    )


def _needed(formula: Formula, row: Row, goal: Goal) -> Needed:
    if not row.calls:
        return Needed(0, 0, Figures(0.0, 1.0, 0.0, 0.0, 0.0))
    agents = agents_needed(formula, goal.met)
    if agents is None:
        raise CannotStaff(
            f"{row.queue or 'the queue'}: no number of agents answers {goal.service_level:.0%} within "
            f"{goal.within_s:g} s; ask for less"
        )
    return Needed(agents, scheduled(agents, goal.shrinkage), formula(agents))
