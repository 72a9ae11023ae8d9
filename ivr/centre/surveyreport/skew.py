"""Agents whose callers are asked about a call that went other than their colleagues' calls."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

import msgspec

from ivr.centre.surveyreport.counting import Sign, SkewCounts
from ivr.centre.surveyreport.discovery import benjamini_hochberg
from ivr.centre.surveyreport.dispersion import FEWEST_AGENTS, chance, honest_spread
from ivr.centre.surveyreport.trials import Trial, against_colleagues, unhappy_against_others

LEAST = 50
"""An agent is compared on what was counted at least so often."""
Q = 0.05
"""At most this share of the agents who are found is found wrongly, on average."""


class Finding(msgspec.Struct, frozen=True):
    """An agent on one sign: `p` is the chance of an honest agent to look so, or worse; `adjusted` is it after
    Benjamini–Hochberg over all agents and signs; `found` at an adjusted p of at most 0.05."""

    agent: str
    sign: Sign
    hits: int
    count: int
    expected: float
    p: float
    adjusted: float = 1.0
    found: bool = False


class Compared(msgspec.Struct, frozen=True):
    """A sign: how its agents compare. `rate` is that of all of them, `rho` by how much honest agents differ
    (the median of what each agent's colleagues show), `too_few` how many agents have fewer than 50.
    Without `findings` there are too few agents to compare anybody."""

    sign: Sign
    rate: float | None
    rho: float | None
    too_few: int
    findings: tuple[Finding, ...]


def compare(counts: SkewCounts) -> list[Compared]:
    """Compare agents on all signs."""
    judged = [_judge(sign, counted, trials) for sign, counted, trials in _trials(counts)]
    adjusted = iter(benjamini_hochberg([one.p for sign in judged for one in sign.findings]))
    return [
        msgspec.structs.replace(
            sign, findings=tuple(_adjusted(one, next(adjusted)) for one in sign.findings)
        )
        for sign in judged
    ]


def _trials(counts: SkewCounts) -> Iterator[tuple[Sign, set[str], list[Trial]]]:
    """Yield each sign with the agents it was counted of, and the trials of those with enough."""
    standardised = {
        Sign.ENDED: counts.ended,
        Sign.SILENCE: counts.silence,
        Sign.TRANSFER: counts.transfers(),
        Sign.UNANSWERED: counts.unanswered,
    }
    for sign, some in standardised.items():
        yield sign, {agent for agent, _ in some}, against_colleagues(some, LEAST)
    counted = {agent for agent, _ in counts.unhappy}
    yield Sign.UNHAPPY, counted, unhappy_against_others(counts.unhappy, LEAST)


def _judge(sign: Sign, counted: set[str], trials: list[Trial]) -> Compared:
    tries = sum(one.count for one in trials)
    rate = sum(one.hits for one in trials) / tries if tries else None
    too_few = len(counted) - len(trials)
    if len(trials) < FEWEST_AGENTS:
        return Compared(sign, rate, None, too_few, ())
    spreads = honest_spread(trials)
    findings = tuple(
        _finding(sign, trial, chance(trial, spread))
        for trial, spread in zip(trials, spreads, strict=True)
    )
    return Compared(sign, rate, median(one.rho for one in spreads), too_few, findings)


def _finding(sign: Sign, trial: Trial, p: float) -> Finding:
    return Finding(trial.agent, sign, trial.hits, trial.count, trial.expected, p)


def _adjusted(finding: Finding, adjusted: float) -> Finding:
    return msgspec.structs.replace(finding, adjusted=adjusted, found=adjusted <= Q)
