"""`ivr report survey` over a month of a million calls: how long the command takes, how much memory, and the
same bytes twice.

The month is that of a seeded bank (`bench.surveyed`), its calls in the store and its agents in the
diary. Each command is a process of its own, from its start to the page that is written.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import msgspec

from bench import voc
from bench.processes import Noise
from bench.report import Report, Sample, Target
from bench.surveyed import Bank
from bench.surveystore import fill
from ivr.app.config import load_config

COLUMNS = voc.COLUMNS
MAKE = "ivr report survey"
_MONTH = ("--from", "2026-10-01", "--until", "2026-10-31")


class Size(msgspec.Struct, frozen=True):
    """How many agents the bank has, on how many days, and how often they are reported. An agent has some
    95 calls a day, those that the machine does alone included."""

    rounds: int = 2
    agents: int = 345
    days: int = 31


QUICK = Size(agents=12, days=1)


def steps(size: Size) -> int:
    """Return how many steps a run has."""
    return 1 + size.rounds


def measure(size: Size, progress: Callable[[str], None]) -> Report:
    """Write the month, report it in turns, and compare the bytes."""
    with tempfile.TemporaryDirectory(prefix="bench-surveys-") as name:
        folder = Path(name)
        progress("writing a month of calls")
        text = f"state: {folder / 'var'}\nflows: {voc.ROOT / 'flows'}\nprompts: {voc.ROOT / 'prompts'}\n"
        (folder / "onecall.yaml").write_text(text, "utf-8")
        bank = Bank(seed=7, days=size.days, agents=size.agents)
        # In a process of its own: Linux counts the most memory of whoever starts a command as the command's.
        with ProcessPoolExecutor(1, get_context("spawn")) as other:
            calls = other.submit(_written, folder, bank).result()
        samples: list[Sample] = []
        digests: set[str] = set()
        for number in range(1, size.rounds + 1):
            progress(MAKE)
            page, noise = folder / f"october-{number}.html", Noise()
            figures = voc.run(folder, ("report", "survey", *_MONTH, "--html", str(page)))
            known = {"calls": float(calls), **figures}
            samples.append(Sample(MAKE, number, noise.cores(), known))
            digests.add(hashlib.sha256(page.read_bytes()).hexdigest())
    return _report(samples, digests)


def _written(folder: Path, bank: Bank) -> int:
    """Write a bank's calls; return how many."""
    return asyncio.run(fill(load_config(folder / "onecall.yaml"), bank, voc.ROOT / "flows"))


def _report(samples: list[Sample], digests: set[str]) -> Report:
    found = Report("surveys: the survey report, a month", samples, [], [])
    seconds, cpu, peak = (
        max(one.figures[name] for one in samples) for name in ("seconds", "cpu_s", "peak_mib")
    )
    calls = samples[0].figures["calls"]
    said = f"{calls:,.0f} calls: {cpu:.1f} s of CPU, wanted < {voc.MOST_S} ({seconds:.1f} s in all)"
    found.targets += [
        Target("U1", said, cpu < voc.MOST_S),
        Target("U2", f"peak of {peak:,.0f} MiB, wanted < {voc.MOST_MIB:,}", peak < voc.MOST_MIB),
        Target("U3", f"{len(digests)} different pages in {len(samples)} runs", len(digests) == 1),
    ]
    found.notes.append("the slowest run is judged")
    return found
