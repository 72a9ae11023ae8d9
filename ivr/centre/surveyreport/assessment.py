"""What agents' callers say, against what agents get done: does the bank reward speed, or service?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import msgspec

from ivr.centre.kpi import Work
from ivr.centre.surveyreport.call import Call
from ivr.centre.surveyreport.counting import Count

LEAST_ANSWERS = 30
"""Of fewer answers an agent's assessment is mostly chance."""
LEAST_AGENTS = 30
"""Ten agents for each of the three explanations; fewer explain nothing."""
COLLINEAR = 5.0
"""Explanations with a variance inflation factor above it cannot be told apart."""
EXPLANATIONS = ("aht_s", "calls_per_hour", "settled")
_HOUR_MS = 3_600_000


class Point(msgspec.Struct, frozen=True):
    """An agent: the assessment (top-2-box share of `answers`), AHT in seconds, calls per hour logged in, and
    quality: the share of calls after which the caller did not have to call again within 7 days."""

    agent: str
    answers: int
    csat: float
    aht_s: float
    calls_per_hour: float
    settled: float


class Effect(msgspec.Struct, frozen=True):
    """By how many of its standard deviations the assessment is higher where an explanation is higher by one
    of its own, the others alike: the coefficient with its 95 % interval; `vif` is the variance inflation."""

    name: str
    coefficient: float
    low: float
    high: float
    p: float
    vif: float


class Fit(msgspec.Struct, frozen=True):
    """What explains the assessment of so many agents; `r2` is the share of its variance explained."""

    agents: int
    r2: float
    effects: tuple[Effect, ...]

    @property
    def collinear(self) -> tuple[str, ...]:
        """The explanations that cannot be told apart."""
        return tuple(one.name for one in self.effects if one.vif > COLLINEAR)


class Assessed:
    """Takes calls; knows what is said of each agent."""

    def __init__(self) -> None:
        self._csat: defaultdict[str, Count] = defaultdict(Count)
        self._settled: defaultdict[str, Count] = defaultdict(Count)

    def take(self, call: Call) -> None:
        """Count a call with all who talked in it."""
        agents = {leg.agent for leg in call.row.legs}
        for measure, value in call.scores:
            if measure == "csat":
                for agent in agents:
                    self._csat[agent].add(value == 1)
        if call.again is not None:
            for agent in agents:
                self._settled[agent].add(not call.again)

    def points(self, works: Mapping[str, Work]) -> list[Point]:
        """Return the agents of whom enough is known, with what they did."""
        found = (
            self._point(agent, csat, self._settled[agent], works.get(agent, Work()))
            for agent, csat in sorted(self._csat.items())
        )
        return [one for one in found if one is not None]

    def _point(self, agent: str, csat: Count, settled: Count, work: Work) -> Point | None:
        if csat.count < LEAST_ANSWERS or not settled.count or not work.aht_s:
            return None
        return Point(
            agent,
            csat.count,
            csat.hits / csat.count,
            work.aht_s,
            work.handled / work.logged_in_ms * _HOUR_MS,
            settled.hits / settled.count,
        )
