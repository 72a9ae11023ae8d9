"""Erlang's formulas: how a queue does with so many agents, and how many agents a target needs.

Calls come at random (Poisson) at a steady rate λ; handling times are exponential with the mean AHT;
a = λ·AHT is the offered load in erlangs, μ = 1/AHT, and θ = 1/mean patience.

- Erlang B: who finds all agents busy is lost. Erlang C: waits for ever. Erlang A: waits until their
  patience, exponential too, runs out. Erlang C cannot be above a load of one agent each; Erlang A can.
- Erlang A is the birth-and-death process with birth λ and death nμ up to N callers, Nμ + (n − N)θ
  above. Its service level integrates the density of the wait that an endlessly patient caller would
  have, λ p(N−1) exp(λ(1 − e^(−θx))/θ − Nμx), over those whose patience is longer.

Sources: A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in
automatic telephone exchanges", The Post Office Electrical Engineers' Journal 10 (1917), for B and C;
C. Palm, "Research on telephone traffic carried by full availability groups", Tele 1 (1957), for A;
F. Baccelli and G. Hebuterne, "On queues with impatient customers", Performance '81 (1981), for the
density; O. Garnett, A. Mandelbaum and M. Reiman, "Designing a call center with impatient customers",
Manufacturing & Service Operations Management 4 (2002), for the use in call centres.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from math import ceil, exp, expm1, inf, log

import msgspec

MOST_AGENTS = 20_000
"""More are not looked for."""

_NEGLIGIBLE = 40.0
"""e^−40: states this much rarer than the likeliest do not change a figure."""


class Demand(msgspec.Struct, frozen=True):
    """What comes: calls a second, the mean handling time in seconds, and the mean patience in seconds
    (infinite: nobody gives up). Raises ValueError for what makes no sense."""

    rate: float
    aht_s: float
    patience_s: float = inf

    def __post_init__(self) -> None:
        if not (self.rate >= 0 and self.aht_s > 0 and self.patience_s > 0):
            raise ValueError("a rate is not negative; handling time and patience are positive")

    @property
    def load(self) -> float:
        """The offered load in erlangs: a = λ·AHT."""
        return self.rate * self.aht_s


class Figures(msgspec.Struct, frozen=True):
    """How a queue does in the long run: shares 0..1 of all calls offered, `wait_s` their mean wait
    (infinite where the queue only grows), `service_level` those answered in time, `occupancy` the
    share of the agents' time that is spent handling."""

    delayed: float
    service_level: float
    abandonment: float
    wait_s: float
    occupancy: float


Formula = Callable[[int], Figures]
"""Figures by the number of agents."""


def erlang_b(agents: int, load: float) -> float:
    """Return the share of calls that find all agents busy, if these are lost (B, by recursion)."""
    blocked = 1.0
    for number in range(1, agents + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def erlang_c(demand: Demand, agents: int, within_s: float) -> Figures:
    """Return the figures if nobody gives up; `within_s` is the target of the service level."""
    load = demand.load
    if load >= agents:
        return Figures(1.0, 0.0, 0.0, inf, 1.0)
    blocked = erlang_b(agents, load)
    occupancy = load / agents
    delayed = blocked / (1 - occupancy * (1 - blocked))
    late = delayed * exp(-(agents - load) * within_s / demand.aht_s)
    return Figures(delayed, 1 - late, 0.0, delayed * demand.aht_s / (agents - load), occupancy)


def erlang_a(demand: Demand, agents: int, within_s: float) -> Figures:
    """Return the figures if callers give up; `within_s` is the target of the service level."""
    blocked = erlang_b(agents, demand.load)
    if blocked == 0.0:  # so many agents that no float holds it; or no calls
        return Figures(0.0, 1.0, 0.0, 0.0, demand.load / agents)
    if demand.patience_s == inf:
        return erlang_c(demand, agents, within_s)
    waiting = _waiting(demand, agents)
    most = max(waiting)
    weights = [exp(one - most) for one in waiting]
    # As B is the share of N callers among the states up to N, 1/B weighs these against N alone.
    log_all = most + log(sum(weights, exp(-most) * (1 / blocked - 1)))
    delayed = exp(most - log_all) * sum(weights)
    queue = exp(most - log_all) * sum(number * one for number, one in enumerate(weights))
    wait_s = queue / demand.rate
    abandonment = wait_s / demand.patience_s
    prompt = _served_later(demand, agents, within_s, -log_all)
    return Figures(
        _share(delayed),
        _share(1 - delayed + prompt),
        _share(abandonment),
        wait_s,
        _share(demand.load * (1 - abandonment) / agents),
    )


def _waiting(demand: Demand, agents: int) -> list[float]:
    """Return the logarithms of how likely 0, 1, 2 … callers wait behind N who talk, against 0."""
    weights, most = [0.0], 0.0
    served = agents / demand.aht_s
    while weights[-1] > most - _NEGLIGIBLE:
        step = log(demand.rate / (served + len(weights) / demand.patience_s))
        weights.append(weights[-1] + step)
        most = max(most, weights[-1])
    return weights


def _served_later(demand: Demand, agents: int, within_s: float, log_busy: float) -> float:
    """Return the share of callers who wait, but are served in time: Simpson's rule over the density.
    `log_busy`: the logarithm of how likely all agents are busy and nobody waits."""
    rate, patience, served = demand.rate, demand.patience_s, agents / demand.aht_s

    def density(wait: float) -> float:
        given_up = -expm1(-wait / patience)
        return served * exp(log_busy + rate * patience * given_up - served * wait - wait / patience)

    half = max(50, ceil(within_s * (served + rate)))
    width = within_s / (2 * half)
    inner = sum(density(place * width) * (4 if place % 2 else 2) for place in range(1, 2 * half))
    return (density(0.0) + inner + density(within_s)) * width / 3


def _share(value: float) -> float:
    """Return it without what rounding has put above 1 or below 0."""
    return min(max(value, 0.0), 1.0)


def agents_needed(formula: Formula, met: Callable[[Figures], bool]) -> int | None:
    """Return the fewest agents with whom a target is met; None if `MOST_AGENTS` do not do. More agents
    never make a figure worse, so that it is looked for by halves."""
    numbers = range(1, MOST_AGENTS + 1)
    found = bisect_left(numbers, True, key=lambda number: met(formula(number)))
    return numbers[found] if found < len(numbers) else None


def scheduled(agents: int, shrinkage: float) -> int:
    """Return how many must be paid for, so that this many are there: N/(1 − shrinkage), rounded up.
    Raises ValueError for a share outside 0 ≤ shrinkage < 1."""
    if not 0 <= shrinkage < 1:
        raise ValueError("shrinkage is a share from 0 to below 1, like 0.3")
    return ceil(round(agents / (1 - shrinkage), 9))
