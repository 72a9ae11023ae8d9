"""`python -m bench.proving`: how the time of a proof grows with the number of steps.

The flows are made up by a seeded generator: menus, entries, announcements, variables and look-ups,
as hotlines have them. Sizes are measured in turns, so that a busy moment of the machine hits all.
"""

from __future__ import annotations

import gc
import json
import math
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import track
from rich.table import Table

from ivr.adapters.flowfile import load_files
from ivr.app.config import Config
from ivr.app.proving import Statistics, prove_flows

SIZES = (125, 250, 500, 1000, 2000)
ROUNDS = 3
SEED = 20261122
RESULTS = Path(__file__).resolve().parent / "results"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
_HEAD = """\
flow: main
numbers: ["95500"]
languages: [en]
start: s0
on: {error: agent}
steps:
  agent:
    queue: service
    on: {served: end, timeout: leave, full: leave, empty: leave, closed: leave, overflow: leave}
  leave: {record: {into: message}, on: {done: end, no_input: end}}
  end: {hangup: completed}
"""
_KINDS: Mapping[str, str] = {
    "menu": "menu: {prompt: a, choices: {1: X, 2: Y, 3: Z, 0: agent}}, "
    "on: {no_input: agent, invalid: agent}",
    "collect": "collect: {prompt: a, least: 3, most: 6, into: code}, "
    "on: {done: X, no_input: agent, invalid: agent, back: Y}",
    "say": "say: a, next: X",
    "set": "set: {tried: 1}, next: X",
    "branch_hours": 'branch_hours: "101", '
    "on: {open_today: X, closed_today: Y, not_found: agent, unavailable: agent}",
}
_WEIGHTS = (35, 10, 40, 5, 10)
_AHEAD = 12
"""How far an edge leads at most."""


def made_up(steps: int, seed: int = SEED) -> str:
    """Return a flow of so many steps, each of which a call can come to."""
    chance = random.Random(f"{seed} {steps}")
    lines = [_HEAD.rstrip("\n")]
    count = steps - 3
    for number in range(count):
        kind = chance.choices(list(_KINDS), _WEIGHTS)[0]
        body = _KINDS[kind]
        body = body.replace("X", _name(number + 1, count))
        for letter in "YZ":
            body = body.replace(letter, _name(number + chance.randint(1, _AHEAD), count))
        lines.append(f"  s{number}: {{{body}}}")
    return "\n".join(lines) + "\n"


def _name(number: int, count: int) -> str:
    return f"s{number}" if number < count else "agent"


class Point(msgspec.Struct, frozen=True):
    """A size, and what its proof took: the median of CPU seconds, and the most memory of the process so far in MiB."""

    steps: int
    states: int
    transitions: int
    cpu_s: float
    peak_mib: float


def measure(sizes: Sequence[int], rounds: int, tick: Callable[[], object]) -> list[Point]:
    """Prove a flow of each size in turns."""
    flows = {size: load_files({"main.yaml": made_up(size)}) for size in sizes}
    config = Config(prompts=Path("/nonexistent"))
    took: dict[int, list[float]] = {size: [] for size in sizes}
    told: dict[int, Statistics] = {}
    for _ in range(rounds):
        for size in sizes:
            gc.collect()
            begun = time.process_time()
            proof = prove_flows(flows[size], config, now=NOON)
            assert proof.ok, proof.problems
            took[size].append(time.process_time() - begun)
            told[size] = proof.statistics
            tick()
    return [
        Point(
            size,
            told[size].states,
            told[size].transitions,
            statistics.median(took[size]),
            told[size].peak_mib,
        )
        for size in sizes
    ]


def exponent(points: Sequence[Point]) -> float:
    """Return b of the least-squares line log(time) = a + b log(steps): 1 is linear."""
    xs = [math.log(point.steps) for point in points]
    ys = [math.log(point.cpu_s) for point in points]
    return statistics.linear_regression(xs, ys).slope


def main() -> None:
    """Measure, show a table, and write JSON beside the other results."""
    total = len(SIZES) * ROUNDS
    console = Console()
    bar = iter(track(range(total), description="proofs", console=console, transient=True))
    next(bar)
    points = measure(SIZES, ROUNDS, lambda: next(bar, None))
    slope = exponent(points)
    table = Table("steps", "states", "transitions", "CPU s", "ms a step", "peak MiB")
    for point in points:
        each = 1000 * point.cpu_s / point.steps
        row = (point.steps, point.states, point.transitions)
        table.add_row(*map(str, row), f"{point.cpu_s:.2f}", f"{each:.1f}", f"{point.peak_mib:.0f}")
    console.print(table)
    console.print(f"time grows as steps^{slope:.2f}", highlight=False)
    name = f"proving-{datetime.now(UTC):%Y%m%d-%H%M%S}.json"  # noqa: TID251 - a file's name
    body = {"seed": SEED, "rounds": ROUNDS, "exponent": slope, "points": points}
    (RESULTS / name).write_text(json.dumps(msgspec.to_builtins(body), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
