"""An agent's rate, and what is expected of it: what the agent's colleagues come to with the same calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import msgspec

from ivr.centre.surveyreport.counting import Count, Counts


class Trial(msgspec.Struct, frozen=True):
    """An agent's hits of `count`, where `expected` is the share that colleagues have.

    In units of p(1 − p)/n, chance alone spreads the rate by `certain` + `per_rho`·ρ: the agent's own
    calls, and the uncertainty of what is expected (which matters where colleagues are few).
    """

    agent: str
    hits: int
    count: int
    expected: float
    certain: float
    per_rho: float

    @property
    def rate(self) -> float:
        """The share of hits."""
        return self.hits / self.count


class _Stratum(msgspec.Struct):
    hits: int = 0
    count: int = 0
    squares: int = 0


def against_colleagues(counts: Counts, least: int) -> list[Trial]:
    """Return the trial of each agent with at least so many tries. Calls of strata that nobody else has are
    left out: there is nothing to compare them with.

    Expected is Σ n_s·p_s / n over the strata, p_s the share of all others there (indirect standardisation).
    """
    strata: defaultdict[str, _Stratum] = defaultdict(_Stratum)
    agents: defaultdict[str, dict[str, Count]] = defaultdict(dict)
    for (agent, stratum), one in counts.items():
        whole = strata[stratum]
        whole.hits += one.hits
        whole.count += one.count
        whole.squares += one.count**2
        agents[agent][stratum] = one
    trials = (_trial(agent, own, strata) for agent, own in sorted(agents.items()))
    return [one for one in trials if one is not None and one.count >= least]


def _trial(agent: str, own: Mapping[str, Count], strata: Mapping[str, _Stratum]) -> Trial | None:
    shared = {name: one for name, one in own.items() if strata[name].count > one.count}
    count = sum(one.count for one in shared.values())
    if not count:
        return None
    expected = certain = per_rho = 0.0
    for name, one in shared.items():
        whole, weight = strata[name], one.count / count
        others = whole.count - one.count
        expected += weight * (whole.hits - one.hits + 0.5) / (others + 1)
        certain += weight**2 / others
        per_rho += weight**2 * (whole.squares - one.count**2) / others**2
    hits = sum(one.hits for one in shared.values())
    return Trial(agent, hits, count, expected, 1 + count * certain, count - 1 + count * per_rho)


def unhappy_against_others(ended: Mapping[tuple[str, bool], Count], least: int) -> list[Trial]:
    """Return for each agent how many unhappy callers hung up first, against what is expected from the
    agent's own other callers. `ended` is by agent, and by whether the caller was unhappy.

    Unhappy callers may hang up first more often, whoever the agent is: by the odds ratio ψ that
    colleagues have in common (N. Mantel, W. Haenszel, Journal of the National Cancer Institute 22, 1959).
    So an agent's general habit cancels out; expected is p₀ψ/(1 − p₀ + p₀ψ), p₀ the agent's share among
    the other callers.
    """
    agents = sorted({agent for agent, _ in ended})
    both = {
        one: (ended.get((one, False), Count()), ended.get((one, True), Count())) for one in agents
    }
    parts = {agent: _mantel_haenszel(*counts) for agent, counts in both.items()}
    above, below = (sum(part[side] for part in parts.values()) for side in (0, 1))
    found: list[Trial] = []
    for agent, (others, unhappy) in both.items():
        if not others.count or unhappy.count < least:
            continue
        ratio = (above - parts[agent][0] + 0.5) / (below - parts[agent][1] + 0.5)
        found.append(_own_trial(agent, others, unhappy, ratio))
    return found


def _mantel_haenszel(others: Count, unhappy: Count) -> tuple[float, float]:
    whole = others.count + unhappy.count
    above = unhappy.hits * (others.count - others.hits) / whole
    return above, (unhappy.count - unhappy.hits) * others.hits / whole


def _own_trial(agent: str, others: Count, unhappy: Count, ratio: float) -> Trial:
    share = (others.hits + 0.5) / (others.count + 1)
    odds = ratio * share / (1 - share)
    expected = odds / (1 + odds)
    doubt = expected * (1 - expected) / (others.count * share * (1 - share))
    count = unhappy.count
    return Trial(agent, unhappy.hits, count, expected, 1 + count * doubt, count - 1)
