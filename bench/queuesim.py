"""Simulated calls a minute of CPU: `ivr queue-sim` on one queue, on a large one in a surge, on the demo bank."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from bench.processes import Noise
from bench.report import Column, Report, Sample, tenth, whole
from bench.targets import Goal, Line, targets
from ivr.adapters.flowfile import try_load
from ivr.app.forecast import Row
from ivr.app.queuesim.day import Behaviour
from ivr.app.queuesim.forecast import Forecasted, staffed
from ivr.app.queuesim.study import Settings, study
from ivr.centre.erlang import Demand, erlang_a
from ivr.centre.patience import exponential
from ivr.model.queues import AgentsDocument, QueuePlan, QueuesDocument

ROOT = Path(__file__).resolve().parents[1]
WANTED_RATE = 100_000
ONE, SURGE, DEMO = "one queue, 13 agents", "surge, 95 + 10 agents", "demo bank, 6 queues"
COLUMNS = (
    Column("calls", "calls", whole),
    Column("calls/\nCPU min", "rate", whole),
    Column("abandoned\n%", "abandonment", tenth),
    Column("Erlang A\n%", "erlang_a", tenth),
)
NOTES = [
    "calls of exponential handling (180 s) and patience (120 s), one process; figures and draws counted",
    "Erlang A knows one queue and no help: it is for the first line only",
]


class Size(msgspec.Struct, frozen=True):
    """How much is simulated: so many days each."""

    rounds: int = 3
    days: int = 10


QUICK = Size(rounds=1, days=1)


def steps(size: Size) -> int:
    """Return how many steps a run has."""
    return size.rounds * len(CASES)


def measure(size: Size, progress: Callable[[str], None]) -> Report:
    """Measure all cases in turns."""
    samples: list[Sample] = []
    for number in range(1, size.rounds + 1):
        for name, case in CASES.items():
            progress(name)
            noise = Noise()
            figures = _figures(case(), size.days, name)
            samples.append(Sample(name, number, noise.cores(), figures))
    report = Report("queue-sim: the dispatcher of live calls in virtual time", samples, [], NOTES)
    report.targets = targets(report, LINES)
    return report


def _figures(settings: Settings, days: int, name: str) -> dict[str, float]:
    began = time.process_time()
    findings = study(msgspec.structs.replace(settings, days=days), lambda done, of: None)
    took = time.process_time() - began
    total = findings.total()
    figures = {
        "calls": total.offered,
        "rate": 60 * total.offered / took,
        "abandonment": 100 * (total.abandonment or 0.0),
    }
    if name == ONE:
        expected = erlang_a(Demand(200 / 3600, 180, 120), 13, 20)
        figures["erlang_a"] = 100 * expected.abandonment
    return figures


def _settings(plan: QueuePlan, rows: list[Row]) -> Settings:
    begins = datetime(2026, 11, 23, tzinfo=ZoneInfo("Asia/Shanghai"))
    return Settings(plan, Forecasted(rows, exponential(120)), begins, Behaviour(ring_s=0.0))


def _row(queue: str, calls: int) -> Row:
    line = {"from": "09:00", "to": "17:00", "queue": queue, "calls": calls, "aht": 180}
    return Row.model_validate(line)


def _plan(first: int, second: int, **queue: object) -> QueuePlan:
    queues = QueuesDocument.model_validate({"queues": {"q": {"agents": ["anyone"], **queue}}})
    staff = {
        str(1000 + number): {"name": "Li", "second_line": number >= first}
        for number in range(first + second)
    }
    people = AgentsDocument.model_validate({"agents": staff})
    return QueuePlan(queues.queues, people.agents)


def _one() -> Settings:
    return _settings(_plan(13, 0), [_row("q", 1600)])


def _surge() -> Settings:
    return _settings(_plan(95, 10, surge={"patience": "2m"}), [_row("q", 16_000)])


def _demo() -> Settings:
    plan = try_load(ROOT / "flows").sound.queues
    calls = {"service": 1600, "cards": 400, "loans": 300, "wealth": 200}
    rows = [_row(queue, number) for queue, number in calls.items()]
    return _settings(staffed(plan, 20), rows)


CASES: dict[str, Callable[[], Settings]] = {ONE: _one, SURGE: _surge, DEMO: _demo}
LINES = tuple(
    Line(
        f"simulated calls a minute of CPU, {name}",
        *(name, "rate", whole),
        goal=Goal("S1", least=WANTED_RATE),
    )
    for name in CASES
)
