"""What is wanted, as data, and how a run stands to it.

P1 to P12 are the project's targets for the engine; the other benchmarks have theirs beside what they measure.
A `Line` is one figure of one table in the end: ours, its peer's in the same run, their ratio, what is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from bench.report import Report, Target, hundredth


class Goal(msgspec.Struct, frozen=True):
    """A figure, or its ratio to the peer's (`ratio`), is to be at least or at most so much."""

    name: str
    least: float | None = None
    most: float | None = None
    ratio: bool = False

    def met(self, figure: float, ratio: float) -> bool:
        """Whether a run keeps it; nothing keeps it that was not measured."""
        value = ratio if self.ratio else figure
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )

    def wanted(self, write: Callable[[float], str]) -> str:
        """Say what is wanted, its figures written as the line's."""
        times, each = (" ×", hundredth) if self.ratio else ("", write)
        least = [f"≥ {each(self.least)}{times}"] if self.least is not None else []
        most = [f"≤ {each(self.most)}{times}"] if self.most is not None else []
        return ", ".join(least + most)


P1 = Goal("P1", most=1.6, ratio=True)
P2 = Goal("P2", least=0.70)
P3 = Goal("P3", least=0.75, ratio=True)
P4_P50 = Goal("P4", most=0.6)
P4_P99 = Goal("P4", most=2.0)
P5 = Goal("P5", least=4_000)
P6 = Goal("P6", least=0.5, ratio=True)
P7 = Goal("P7", most=16)
P8_HELD = Goal("P8", least=2_000)
P8_FAILED = Goal("P8", most=0)
P8_CPU = Goal("P8", most=1.0)
P12 = Goal("P12", least=0.8, ratio=True)
ELSEWHERE = {
    "P9": "no key typed ahead is lost: tests/live/test_typed_ahead.py",
    "P10": "no later call fails after a kill of one of two nodes: tests/lab/test_live_fallback.py, make cluster-proof",
    "P11": "stalls of the event loop, ten minutes: not measured by itself; p99 of key → sound has them",
    "P12": "a proof's time is linear in its steps: python -m bench.proving",
}
"""What no line of these tables tells, and where it is told."""


class Line(msgspec.Struct, frozen=True):
    """One figure: `figure` of `engine`, as `write` writes it. It stands beside the same figure of each
    of `peers`, or beside `other`: another figure of its own engine, and what that is."""

    what: str
    engine: str
    figure: str
    write: Callable[[float], str]
    peers: tuple[str, ...] = ()
    goal: Goal | None = None
    other: tuple[str, str] = ("", "")


class Judged(msgspec.Struct, frozen=True):
    """A line of a run, beside one peer. What was not measured is None."""

    what: str
    figure: str
    peer: str
    theirs: str
    ratio: float | None
    target: str
    wanted: str
    met: bool | None


def judged(report: Report, lines: Iterable[Line]) -> Iterator[Judged]:
    """Yield the lines of a run, each once for every peer; a goal stands with the first of them. What
    was not measured is left out."""
    for line in lines:
        ours = report.median(line.engine, line.figure)
        if ours != ours:  # NaN
            continue
        goal, (other, aside) = line.goal, line.other
        for peer in line.peers or ("",):
            theirs = report.median(peer or line.engine, other or line.figure)
            alone = not (peer or other) or theirs != theirs
            ratio = ours / theirs if not alone and theirs else float("nan")
            yield Judged(
                line.what,
                line.write(ours),
                "" if alone else peer or aside,
                "" if alone else line.write(theirs),
                None if ratio != ratio else round(ratio, 3),
                goal.name if goal else "",
                goal.wanted(line.write) if goal else "",
                goal.met(ours, ratio) if goal else None,
            )
            goal = None


def targets(report: Report, lines: Iterable[Line]) -> list[Target]:
    """Return those of a run that have a goal, as its own table shows them."""
    return [
        Target(one.target, _said(one), bool(one.met)) for one in judged(report, lines) if one.target
    ]


def _said(one: Judged) -> str:
    beside = f" ({one.ratio:.2f} × {one.peer})" if one.ratio is not None else ""
    return f"{one.what}: {one.figure}{beside}, target {one.wanted}"
