"""`python -m fuzz`: fuzz all targets, two at a time, and say what was found."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table

from fuzz.seeds import ROOT, seeds
from fuzz.targets import TARGETS

FOLDER = ROOT / ".fuzz"
FULL = {"yaml": 1_000_000, "agi": 10_000_000, "ami": 10_000_000, "expression": 5_000_000}
"""Runs of a campaign (field notes, figures to hold); a million of each other."""
_LONGEST_S = 1
_LONGEST_BYTES = {"yaml": 2_000, "agi": 1_500, "ami": 1_500}
_AT_ONCE = 2
_COUNT = re.compile(rb"^#(\d+)\s")


@dataclass(frozen=True)
class Found:
    """What came of a target: `artefact` is the input that broke its law, in hex, empty for none."""

    target: str
    runs: int
    seconds: float
    problem: str = ""
    artefact: str = ""


async def fuzz(name: str, runs: int, seed: int, progress: Progress, task: TaskID) -> Found:
    """Fuzz one target in a process of its own."""
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    corpus = folder / "corpus"
    corpus.mkdir(parents=True)
    for number, one in enumerate(seeds(name)):
        (corpus / f"seed{number}").write_bytes(one)
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fuzz.one", name, f"-runs={runs}", f"-seed={seed}"),
        *(f"-timeout={_LONGEST_S}", f"-artifact_prefix={folder}/", "-rss_limit_mb=2048"),
        *(f"-max_len={_LONGEST_BYTES.get(name, 500)}", "-print_final_stats=1", str(corpus)),
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    said: list[bytes] = []
    done = 0
    async for line in process.stdout:
        said = [*said[-40:], line]
        if counted := _COUNT.match(line):
            done = int(counted[1])
            progress.update(task, completed=min(done, runs))
    status = await process.wait()
    seconds = time.monotonic() - began
    if status == 0:
        progress.update(task, completed=runs)
        return Found(name, runs, seconds)
    broken = next(iter(sorted(folder.glob("*-*"))), None)
    problem = b"".join(said).decode("utf-8", "replace")
    return Found(name, done, seconds, problem, broken.read_bytes().hex() if broken else "")


async def campaign(names: Sequence[str], runs: int, seed: int, console: Console) -> list[Found]:
    """Fuzz targets, two at a time."""
    turns = asyncio.Semaphore(_AT_ONCE)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console) as progress:

        async def one(name: str) -> Found:
            wanted = runs or FULL.get(name, 1_000_000)
            task = progress.add_task(name, total=wanted)
            async with turns:
                return await fuzz(name, wanted, seed, progress, task)

        return list(await asyncio.gather(*(one(name) for name in names)))


def show(found: Sequence[Found], console: Console) -> None:
    """Print what was found, for people."""
    table = Table("target", "runs", "seconds", "runs/s", "found")
    for one in found:
        what = "[red]broken[/]" if one.problem else "[green]nothing[/]"
        rate = f"{one.runs / one.seconds:,.0f}"
        table.add_row(one.target, f"{one.runs:,}", f"{one.seconds:.0f}", rate, what)
    console.print(table)
    for one in found:
        if one.problem:
            console.print(f"\n{one.target}: {one.problem}", markup=False, highlight=False)
            console.print(f"the input, in hex: {one.artefact}", markup=False, highlight=False)


def main() -> None:
    """Fuzz. Exit status: 0 nothing was found, 1 something was."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], help="default: all")
    parser.add_argument("--runs", type=int, default=0, help="of each target; default: a campaign's")
    parser.add_argument("--seed", type=int, default=1, help="of chance, not 0")
    parser.add_argument("--json", action="store_true", help="for programs")
    options = parser.parse_args()
    console = Console(stderr=options.json)
    names = options.targets or list(TARGETS)
    found = asyncio.run(campaign(names, options.runs, options.seed, console))
    if options.json:
        print(json.dumps([asdict(one) for one in found], indent=2))
    else:
        show(found, console)
    sys.exit(any(one.problem for one in found))


if __name__ == "__main__":
    main()
