"""Engines in turn against the synthetic Asterisk."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from bench.processes import Child, Noise, child
from bench.report import Column, Report, Sample, tenth, whole
from bench.site import prepare
from bench.targets import P5, P6, P7, P12, Line, targets

ONECALL = "OneCall"
FLOOR = "bare loop, uvloop"
STREAMS = "streams, uvloop"
PANORAMISK = "panoramisk 1.4"
PYST2 = "pyst2 0.5.1"
ENGINES = {
    ONECALL: ("onecall", "{folder}"),
    FLOOR: ("bare", "--uvloop"),
    "bare loop, asyncio": ("bare",),
    STREAMS: ("streams", "--uvloop"),
    PANORAMISK: ("panoramisk_agi",),
    PYST2: ("pyst2_agi",),
}
PHASE_S = 90.0

COLUMNS = (
    Column("sessions\n/CPU s", "sessions", whole),
    Column("cmds/CPU s\n1 call", "commands_1", whole),
    Column("cmds/CPU s\n100 calls", "commands_100", whole),
    Column("KiB a\nsession", "kib", tenth),
)
PEERS = (FLOOR, PANORAMISK, PYST2)
LINES = (
    Line("menu sessions a CPU second", ONECALL, "sessions", whole, PEERS, P5),
    Line("commands a CPU second, 100 calls", ONECALL, "commands_100", whole, PEERS, P6),
    Line("commands a CPU second, 1 call", ONECALL, "commands_1", whole, PEERS),
    Line("KiB a session", ONECALL, "kib", tenth, PEERS, P7),
    Line(
        "sessions a CPU second beside 4,000 held",
        *(ONECALL, "beside", whole),
        goal=P12,
        other=("sessions", "none held"),
    ),
)


class Size(msgspec.Struct, frozen=True):
    """How much is measured. What `held` sessions take is measured in the first round only; `crowded` are
    the sessions beside them."""

    rounds: int = 3
    warm_up: int = 300
    sessions: int = 3000
    at_once: int = 50
    commands_1: int = 15_000
    commands_100: int = 60_000
    held: int = 4000
    crowded: int = 1000


QUICK = Size(
    rounds=1,
    warm_up=5,
    sessions=40,
    at_once=4,
    commands_1=100,
    commands_100=400,
    held=20,
    crowded=5,
)

Progress = Callable[[str], None]


def steps(size: Size) -> int:
    """Return how often `progress` is called."""
    return size.rounds * len(ENGINES)


def measure(size: Size, progress: Progress) -> Report:
    """Measure all engines in turn, `size.rounds` times. Raises BenchError."""
    samples: list[Sample] = []
    unwritten = 0
    with _folder() as folder, child("bench.peer", log=folder / "log") as peer:
        for number in range(size.rounds):
            for name in ENGINES:
                samples.append(_sample(name, number, peer, folder, size))
                if name == ONECALL:
                    unwritten += _unwritten(folder, size)
                progress(name)
    report = Report("Synthetic Asterisk: figures a second of engine CPU", samples, [], [])
    report.targets = targets(report, LINES)
    report.notes = list(_notes(report, unwritten, size))
    return report


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="onecall-bench-") as name:
        prepare(Path(name))
        yield Path(name)


def _sample(name: str, number: int, peer: Child, folder: Path, size: Size) -> Sample:
    module, *arguments = (part.format(folder=folder) for part in ENGINES[name])
    with child(f"bench.engines.{module}", *arguments, log=folder / "log") as engine:
        base = {"port": engine.read(PHASE_S)["port"], "pid": engine.pid}

        def load(do: str, **wanted: int) -> dict[str, float]:
            return peer.ask({**base, "do": do, **wanted}, PHASE_S)

        load("sessions", count=size.warm_up, at_once=size.at_once)
        noise = Noise(peer.pid, engine.pid)
        menu = load("sessions", count=size.sessions, at_once=size.at_once)
        one = load("commands", count=size.commands_1, calls=1)
        hundred = load("commands", count=size.commands_100, calls=100)
        foreign = noise.cores()
        figures = {
            "sessions": menu["sessions"] / menu["cpu"],
            "failed": menu["failed"],
            "commands_1": one["commands"] / one["cpu"],
            "commands_100": hundred["commands"] / hundred["cpu"],
            "peer_sessions": menu["sessions"] / menu["peer_cpu"],
            "busy": menu["cpu"] / menu["wall"],
        }
        if name == ONECALL:
            crowded = load("sessions", count=size.crowded, at_once=size.at_once, beside=size.held)
            figures["beside"] = crowded["sessions"] / crowded["cpu"]
        if number == 0:
            figures["kib"] = load("hold", calls=size.held)["kib"] / size.held
    return Sample(name, number, round(foreign, 3), figures)


def _unwritten(folder: Path, size: Size) -> int:
    """Return how many of OneCall's finished calls are not in its event log, and empty it."""
    with contextlib.closing(sqlite3.connect(folder / "var/onecall.sqlite")) as database:
        found = database.execute(
            "SELECT COUNT(*) FROM events WHERE kind = 'CallEnded'"
            " AND json_extract(body, '$.reason') = 'completed'"
        )
        written = int(found.fetchone()[0])
        with database:
            database.execute("DELETE FROM events")
    return size.warm_up + size.sessions + size.crowded - written


def _notes(report: Report, unwritten: int, size: Size) -> Iterator[str]:
    failed = sum(sample.figures["failed"] for sample in report.samples)
    yield f"{failed:.0f} sessions failed; {unwritten} of OneCall's calls are not in its event log"
    yield (
        f"{size.rounds} rounds of {size.sessions:,} sessions and"
        f" {size.commands_1 + size.commands_100:,} commands; {size.held:,} sessions held"
    )
    ceiling = min(report.median(engine, "peer_sessions") for engine in ENGINES)
    yield f"the peer itself: {ceiling:,.0f} sessions a CPU second and more, on a core of its own"
    busy = 100 * report.median(ONECALL, "busy")
    yield (
        f"OneCall's process used {busy:.0f} % of a core; what is missing to 100 it waited for the"
        " peer or for others on the machine, which costs it no CPU time"
    )
