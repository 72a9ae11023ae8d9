"""A study: as many simulated days as it takes to know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from random import Random
from typing import Protocol

import msgspec

from ivr.app.queuesim.day import Behaviour, Day
from ivr.app.queuesim.floor import Floor
from ivr.centre.kpi import Counts, Thresholds, Work, begins
from ivr.centre.kpi.target import Target
from ivr.centre.kpi.verdict import LOOKS, State, Verdict, judge
from ivr.model.queues import QueuePlan

Progress = Callable[[int, int], None]
"""Is told how many days are done, and how many there will be at most."""


class Source(Protocol):
    """Where days come from."""

    def day(self, plan: QueuePlan, begins: datetime, chance: Random) -> Day:
        """Return another day, drawn by `chance`."""


class Settings(msgspec.Struct, frozen=True):
    """What is simulated, from which seed, and for how many `days`; with a target only until it is
    decided with this confidence."""

    plan: QueuePlan
    source: Source
    begins: datetime
    behaviour: Behaviour = Behaviour()
    thresholds: Thresholds = Thresholds()
    days: int = LOOKS[0]
    seed: int = 1
    target: Target | None = None
    confidence: float = 0.95

    @property
    def looks(self) -> Sequence[int]:
        """After how many days it is looked whether there are enough."""
        looks = [look for look in LOOKS if look <= self.days] if self.target else []
        return looks or [self.days]


class Findings(msgspec.Struct):
    """What the days came to: figures by queue of each day, and by queue and interval (the moment it
    begins) of all of them; what agents did; how often a surge began."""

    days: list[dict[str, Counts]] = []
    intervals: dict[tuple[str, datetime], Counts] = {}
    work: Work = msgspec.field(default_factory=Work)
    surges: int = 0
    verdict: Verdict | None = None

    def total(self, queue: str | None = None) -> Counts:
        """Return the figures of all days, of one queue or of all."""
        chosen = (one for day in self.days for name, one in day.items() if queue in (None, name))
        return sum(chosen, Counts())


def study(settings: Settings, progress: Progress) -> Findings:
    """Simulate day after day: the same settings have the same findings."""
    findings = Findings()
    for look in settings.looks:
        while len(findings.days) < look:
            _simulate(settings, findings)
            progress(len(findings.days), settings.looks[-1])
        if settings.target is None:
            break
        findings.verdict = judge(settings.target, findings.days, settings.confidence)
        if findings.verdict.state is not State.UNDECIDED:
            break
    return findings


def _simulate(settings: Settings, findings: Findings) -> None:
    """Simulate another day and count it."""
    # What comes has a seed apart from what people do then: another plan meets the same callers.
    seed = f"{settings.seed} {len(findings.days)}"
    coming, doing = Random(f"{seed} coming"), Random(f"{seed} doing")  # noqa: S311
    day = settings.source.day(settings.plan, settings.begins, coming)
    outcome = Floor(settings.plan, day, settings.behaviour, doing).run()
    counts = {name: Counts() for name in settings.plan.queues}
    for stay in outcome.stays:
        counts[stay.queue].count(stay, settings.thresholds)
        interval = findings.intervals.setdefault((stay.queue, begins(stay.offered)), Counts())
        interval.count(stay, settings.thresholds)
    findings.days.append(counts)
    findings.work.add(outcome.work)
    findings.surges += outcome.surges
