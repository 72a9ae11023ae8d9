"""Calls that are there at the same time on a real Asterisk: callers who hear a prompt and then say nothing, at
OneCall's menu and at the same in native dialplan. What a call costs that only waits."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from bench.live import HOLDING, NATIVE, ONECALL, START_S, Bench, site
from bench.processes import BenchError, Noise
from bench.report import Column, Report, Sample, hundredth, whole
from bench.targets import P8_CPU, P8_FAILED, P8_HELD, Line, targets

COLUMNS = (
    Column("held", "held", whole),
    Column("failed", "failed", whole),
    Column("Asterisk\n% of a core", "asterisk_percent", hundredth),
    Column("engine\n% of a core", "engine_percent", hundredth),
    Column("Asterisk\nKiB a call", "asterisk_kib", whole),
    Column("engine\nKiB a call", "engine_kib", whole),
)
LINES = (
    Line("calls held at the same time", ONECALL, "held", whole, (NATIVE,), P8_HELD),
    Line("of which failed", ONECALL, "failed", whole, (NATIVE,), P8_FAILED),
    Line("the engine's % of a core meanwhile", ONECALL, "engine_percent", hundredth, (), P8_CPU),
)


class Size(msgspec.Struct, frozen=True):
    """So many calls, placed at `rate` a second and held for `hold_s`."""

    rounds: int = 1
    calls: int = 2_000
    rate: float = 100.0
    hold_s: float = 20.0


QUICK = Size(calls=5, hold_s=0.5)


def steps(size: Size) -> int:
    """Return how often `progress` is called."""
    return size.rounds * len(HOLDING)


def measure(size: Size, progress: Callable[[str], None]) -> Report:
    """Measure everything. Raises BenchError, LabError."""
    report = Report("Real Asterisk: calls held at the same time", [], [], [])
    with site() as bench:
        for number in range(size.rounds):
            for name in HOLDING:
                report.samples.append(_sample(bench, size, name, number))
                progress(name)
        report.notes.append(
            f"Asterisk {bench.lab.installation.version}; callers send no sound and hear silence"
        )
    report.targets = targets(report, LINES)
    return report


def _sample(bench: Bench, size: Size, name: str, number: int) -> Sample:
    pids = bench.fresh(name)
    request = {
        "sip": bench.lab.ports.sip,
        "number": HOLDING[name],
        "pids": pids,
        "calls": size.calls,
        "rate": size.rate,
        "hold": size.hold_s,
    }
    noise = Noise(bench.phone.pid, *pids)
    seen = bench.phone.ask(request, size.calls / size.rate + size.hold_s + START_S)
    if not seen["held"]:
        raise BenchError(f"{name}: none of {size.calls} calls was held")
    percents = [100 * cpu / size.hold_s for cpu in seen["cpu"]]
    kib = [one / seen["held"] for one in seen["kib"]]
    figures = {"held": seen["held"], "failed": seen["failed"]}
    for part, percent, each in zip(("asterisk", "engine"), percents, kib, strict=False):
        figures |= {f"{part}_percent": percent, f"{part}_kib": each}
    return Sample(name, number, round(noise.cores(), 3), figures)
