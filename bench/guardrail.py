"""`python -m bench.guardrail`: how often the canary's guardrail is right, and after how many calls.

Whole canaries of the demo's size are simulated on the very code that watches them, with a seed: no
clock and no Asterisk, so the table is the same on every machine.
"""

from __future__ import annotations

import itertools
import random
import statistics
from collections.abc import Iterator, Mapping
from datetime import timedelta

import msgspec
from rich.console import Console
from rich.progress import track
from rich.table import Table

from ivr.centre.guardrail import Guardrail, Metric, Settings, State

USUAL = {Metric.ZERO_OUT: 0.20, Metric.ERRORS: 0.005, Metric.ABANDONMENT: 0.03}
"""How often each happens on the stable release."""
CALLERS = 20_000
"""A day of a middling hotline; what is not decided by then is put down as undecided."""
LOOKS = 25
"""Callers of the canary between two looks whether it is harmless; harm is looked for at each call."""

SIDES = (True, False)
OUTCOMES = [frozenset(some) for size in range(4) for some in itertools.combinations(Metric, size)]
"""Everything that can go wrong in one call."""


class Case(msgspec.Struct, frozen=True):
    """A canary that does some things so many times as often, tried `times` times."""

    name: str
    factors: Mapping[Metric, float] = {}
    times: int = 200
    share: float = 0.05


CASES = (
    Case("no difference", times=2_000),
    Case("no difference", times=500, share=0.2),
    Case("zero-out × 1.5", {Metric.ZERO_OUT: 1.5}),
    Case("zero-out × 2", {Metric.ZERO_OUT: 2.0}),
    Case("zero-out × 2", {Metric.ZERO_OUT: 2.0}, share=0.2),
    Case("abandonment × 3", {Metric.ABANDONMENT: 3.0}),
    Case("errors × 10", {Metric.ERRORS: 10.0}),
    Case("errors × 10", {Metric.ERRORS: 10.0}, share=0.2),
    Case("every call fails", {Metric.ERRORS: 200.0}),
    Case("zero-out × 0.5", {Metric.ZERO_OUT: 0.5}),
    Case("each two thirds", dict.fromkeys(Metric, 0.667)),
)


def callers(case: Case, chance: random.Random) -> Iterator[tuple[bool, frozenset[Metric]]]:
    """Yield the callers of a day: on the canary's side?, and what went wrong."""
    weights = []
    for canary, outcome in itertools.product(SIDES, OUTCOMES):
        weight = case.share if canary else 1 - case.share
        for metric, usual in USUAL.items():
            rate = min(1.0, usual * case.factors.get(metric, 1)) if canary else usual
            weight *= rate if metric in outcome else 1 - rate
        weights.append(weight)
    kinds = list(itertools.product(SIDES, OUTCOMES))
    return iter(chance.choices(kinds, weights, k=CALLERS))


def one(case: Case, chance: random.Random) -> tuple[State, int]:
    """Run one canary; return how it ended and how many callers heard it."""
    guardrail = Guardrail(Settings())
    report = guardrail.report(timedelta())
    heard = 0
    for number, (canary, bad) in enumerate(callers(case, chance)):
        guardrail.take(str(number), canary, case.share, bad)
        heard += canary
        if canary and (bad or heard % LOOKS == 0):
            report = guardrail.report(timedelta())
            if report.state is not State.WATCHING:
                break
    return report.state, report.lines[0].canary.count


def main() -> None:
    """Print the table."""
    heads = "canary", "share", "rolled back", "harmless", "undecided", "callers, median", "95 %"
    table = Table(*heads, title="How a canary ends, and how many callers hear it until then")
    for case in track(CASES, "simulating", transient=True):
        chance = random.Random(f"{case.name} {case.share}")
        ends = [one(case, chance) for _ in range(case.times)]
        shares = [
            f"{100 * sum(state is wanted for state, _ in ends) / case.times:.1f} %"
            for wanted in (State.HARMFUL, State.HARMLESS, State.WATCHING)
        ]
        heard = sorted(count for _, count in ends)
        median, most = statistics.median(heard), heard[int(0.95 * len(heard))]
        table.add_row(case.name, f"{case.share:.0%}", *shares, f"{median:.0f}", f"{most}")
    Console().print(table)
    print(f"usual rates: {', '.join(f'{metric} {rate:.1%}' for metric, rate in USUAL.items())};")
    print(f"{Settings()}, at most {CALLERS:,} callers")


if __name__ == "__main__":
    main()
