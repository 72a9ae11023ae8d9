"""`python -m bench.guardrail`: how often the canary's guardrail is right, and after how many calls.

Whole canaries of the demo's size are simulated on the very code that watches them, with a seed: no
clock and no Asterisk, so the table is the same on every machine.
"""

from __future__ import annotations

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
LOOKS = 50
"""Calls of the canary or bad ones between two looks for harmlessness; harm is looked for at each."""

NOBODY: frozenset[Metric] = frozenset()


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
)


def callers(case: Case, chance: random.Random) -> Iterator[tuple[bool, frozenset[Metric]]]:
    """Yield the callers of a canary: on its side?, and what went wrong.

    Stable calls without anything bad are left out, which the evidence does not look at either.
    """
    rates = {
        True: {
            metric: min(1.0, rate * case.factors.get(metric, 1)) for metric, rate in USUAL.items()
        },
        False: USUAL,
    }
    for _ in range(CALLERS):
        canary = chance.random() < case.share
        bad = [metric for metric, rate in rates[canary].items() if chance.random() < rate]
        if canary or bad:
            yield canary, frozenset(bad) if bad else NOBODY


def one(case: Case, chance: random.Random) -> tuple[State, int]:
    """Run one canary; return how it ended and how many callers heard it."""
    guardrail = Guardrail(Settings())
    report = guardrail.report(timedelta())
    for number, (canary, bad) in enumerate(callers(case, chance)):
        guardrail.take(str(number), canary, case.share, bad)
        if (bad and canary) or number % LOOKS == 0:
            report = guardrail.report(timedelta())
            if report.state is not State.WATCHING:
                break
    return report.state, report.lines[0].canary.count


def main() -> None:
    """Print the table."""
    table = Table("canary", "share", "rolled back", "harmless", "undecided", "callers who heard it")
    for case in track(CASES, "simulating", transient=True):
        chance = random.Random(f"{case.name} {case.share}")
        ends = [one(case, chance) for _ in range(case.times)]
        shares = [
            f"{100 * sum(state is wanted for state, _ in ends) / case.times:.1f} %"
            for wanted in (State.HARMFUL, State.HARMLESS, State.WATCHING)
        ]
        heard = sorted(count for _, count in ends)
        median, most = statistics.median(heard), heard[int(0.95 * len(heard))]
        table.add_row(case.name, f"{case.share:.0%}", *shares, f"{median:.0f} ({most} in 95 %)")
    Console().print(table)
    print(f"usual rates: {', '.join(f'{metric} {rate:.1%}' for metric, rate in USUAL.items())};")
    print(f"{Settings()}, at most {CALLERS:,} callers")


if __name__ == "__main__":
    main()
