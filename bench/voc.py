"""`ivr report voc` over a million calls: how long the command takes, how much memory, and the same bytes
twice.

Two months of seeded calls are written (`bench.calls`): the month that is reported, and a tenth as many in
the one before. Each command is a process of its own, from its start to the page that is written.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from bench.calls import Plan, write
from bench.processes import BenchError, Noise
from bench.report import Column, Report, Sample, Target, tenth, whole
from ivr.centre.voc.values import Month

ROOT = Path(__file__).resolve().parents[1]
MOST_S, MOST_MIB = 60, 2048
MAKE, VERIFY = "ivr report voc", "ivr report verify"
COLUMNS = (
    Column("calls", "calls", whole),
    Column("events\nin the store", "events", whole),
    Column("seconds", "seconds", tenth),
    Column("CPU\ns", "cpu_s", tenth),
    Column("peak\nMiB", "peak_mib", whole),
)
OCTOBER = Month(2026, 10)


class Size(msgspec.Struct, frozen=True):
    """How many calls the month has, and how often it is reported."""

    rounds: int = 2
    calls: int = 1_000_000


QUICK = Size(calls=2_000)


def steps(size: Size) -> int:
    """Return how many steps a run has."""
    return 1 + 2 * size.rounds


def measure(size: Size, progress: Callable[[str], None]) -> Report:
    """Write the months, report and verify them in turns, and compare the bytes."""
    with tempfile.TemporaryDirectory(prefix="bench-voc-") as name:
        folder = Path(name)
        progress(f"writing {size.calls:,} calls")
        events = _bank(folder, size.calls)
        samples: list[Sample] = []
        digests: set[str] = set()
        for number in range(1, size.rounds + 1):
            page = folder / f"october-{number}.html"
            for what in (MAKE, VERIFY):
                progress(what)
                noise = Noise()
                figures = run(folder, _COMMANDS[what](page))
                known = {"calls": float(size.calls), "events": float(events), **figures}
                samples.append(Sample(what, number, noise.cores(), known))
            digests.add(hashlib.sha256(page.read_bytes()).hexdigest())
    return _report(samples, digests)


def _report(samples: list[Sample], digests: set[str]) -> Report:
    found = Report("report: the voice of the customer, a month", samples, [], [])
    seconds, peak = (max(one.figures[name] for one in samples) for name in ("seconds", "peak_mib"))
    calls = samples[0].figures["calls"]
    found.targets += [
        Target("V1", f"{calls:,.0f} calls: {seconds:.1f} s, wanted < {MOST_S}", seconds < MOST_S),
        Target("V2", f"peak of {peak:,.0f} MiB, wanted < {MOST_MIB:,}", peak < MOST_MIB),
        Target(
            "V3", f"{len(digests)} different pages in {len(samples) // 2} runs", len(digests) == 1
        ),
    ]
    found.notes.append(
        "seconds are of the whole command, with its start; the slowest run is judged"
    )
    return found


def _bank(folder: Path, calls: int) -> int:
    """Write a bank's files; return how many events its store has."""
    state = folder / "var"
    state.mkdir()
    text = f"state: {state}\nflows: {ROOT / 'flows'}\nprompts: {ROOT / 'prompts'}\n"
    (folder / "onecall.yaml").write_text(text, "utf-8")
    return write(state, [Plan(OCTOBER.before, calls // 10), Plan(OCTOBER, calls)], 7)


_COMMANDS: dict[str, Callable[[Path], tuple[str, ...]]] = {
    MAKE: lambda page: ("report", "voc", "--month", str(OCTOBER), "--html", str(page)),
    VERIFY: lambda page: ("report", "verify", str(page)),
}


def run(folder: Path, arguments: tuple[str, ...]) -> dict[str, float]:
    """Run a command to its end. Raises BenchError if it fails."""
    began = time.monotonic()
    process = subprocess.Popen(
        (sys.executable, "-m", "ivr", *arguments),
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise BenchError(f"ivr {' '.join(arguments)}: {said.strip()}")
    return {
        "seconds": time.monotonic() - began,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_mib": usage.ru_maxrss / 1024,
    }
