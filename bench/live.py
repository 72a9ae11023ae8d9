"""The menu call on a real Asterisk: OneCall, the floor engine, and native dialplan.

The Asterisk is a private one with the project's own configuration and dialplan, started anew
before each run because its own figure drifts; it, the callers and the engine share the machine.
"""

from __future__ import annotations

import contextlib
import dataclasses
import resource
import statistics
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from bench.processes import BenchError, Child, Noise, child
from bench.report import Column, Report, Sample, hundredth, whole
from bench.site import LANGUAGE, prepare
from bench.targets import P1, P2, P3, P4_P50, P4_P99, Line, targets
from bench.wire import HELD, MENU, NUMBERS
from ivr.adapters.asterisk.template import render
from lab import installation
from lab.ports import ADDRESS, free_block
from lab.processes import Identity
from lab.site import Lab

NATIVE = "native dialplan"
ONECALL = "OneCall"
FLOOR = "bare loop, uvloop"
DIALLED = {NATIVE: "95510", ONECALL: NUMBERS[MENU], FLOOR: "95511"}
HOLDING = {NATIVE: "95512", ONECALL: NUMBERS[HELD]}
FRAGMENT = Path(__file__).resolve().parent / "asterisk" / "extensions.conf"
RTP = (10_000, 19_999)
"""Two ports a call: the lab's own range is for a few calls only."""
START_S = 30.0
SLOW_MS = 100.0
"""A rate whose p99 of digit to hang-up is beyond this is not sustained."""

COLUMNS = (
    Column("Asterisk\nms/call", "asterisk_ms", hundredth),
    Column("engine\nms/call", "engine_ms", hundredth),
    Column("native\n÷ both", "native_share", hundredth),
    Column("key→sound\np50 ms", "sound_p50", hundredth),
    Column("p99 ms", "sound_p99", hundredth),
    Column("sustains\ncalls/s", "sustained", whole),
)
LINES = (
    Line("engine CPU ms a call", ONECALL, "engine_ms", hundredth, (FLOOR,), P1),
    Line(
        "native dialplan's CPU ÷ Asterisk's and the engine's",
        ONECALL,
        "native_share",
        hundredth,
        (FLOOR,),
        P2,
    ),
    Line("calls/s sustained", ONECALL, "sustained", whole, (NATIVE,), P3),
    Line("key → sound, p50 ms", ONECALL, "sound_p50", hundredth, (NATIVE, FLOOR), P4_P50),
    Line("key → sound, p99 ms", ONECALL, "sound_p99", hundredth, (NATIVE, FLOOR), P4_P99),
)


class Plan(msgspec.Struct, frozen=True):
    """How much is measured: CPU at a fixed rate, then the highest of `rates` that is sustained."""

    rounds: int = 3
    rate: int = 120
    seconds: float = 8.0
    warm_up_s: float = 1.0
    rates: tuple[int, ...] = tuple(range(100, 525, 25))
    probe_s: float = 5.0


QUICK = Plan(rounds=1, rate=10, seconds=0.5, warm_up_s=0.2, rates=(), probe_s=0.5)

Progress = Callable[[str], None]


def steps(plan: Plan) -> int:
    """Return how often `progress` is called."""
    return plan.rounds * len(DIALLED) + 2 * bool(plan.rates)


@dataclass
class Bench:
    """What a run consists of."""

    lab: Lab
    phone: Child
    engines: dict[str, Child]

    def run(self, name: str, rate: float, seconds: float, warm_up_s: float) -> dict[str, Any]:
        """Start Asterisk anew and place calls. Raises BenchError."""
        pids = self.fresh(name)
        base = {"sip": self.lab.ports.sip, "number": DIALLED[name], "pids": pids}
        if warm_up_s:
            self.phone.ask({**base, "rate": rate, "seconds": warm_up_s}, START_S)
        noise = Noise(self.phone.pid, *pids)
        seen = self.phone.ask({**base, "rate": rate, "seconds": seconds}, seconds + START_S)
        return {**seen, "noise": noise.cores()}

    def fresh(self, name: str) -> list[int]:
        """Start Asterisk anew; return its process and the engine's, if there is one."""
        self.lab.exchange.stop()
        self.lab.exchange.start()
        asterisk = Identity.load(self.lab.exchange.record)
        if asterisk is None:
            raise BenchError("Asterisk has ended")
        engine = self.engines.get(name)
        return [asterisk.pid, *([engine.pid] if engine is not None else [])]


def measure(plan: Plan, progress: Progress) -> Report:
    """Measure everything. Raises BenchError, LabError."""
    report = Report("Real Asterisk: the menu call", [], [], [])
    with site() as bench:
        for number in range(plan.rounds):
            for name in DIALLED:
                report.samples.append(_sample(bench, plan, name, number))
                progress(name)
        _share(report)
        if plan.rates:
            for name in (NATIVE, ONECALL):
                report.samples.append(_sustained(bench, plan, name))
                progress(f"{name}: sustained rate")
        report.notes = list(_notes(report, plan, bench))
    report.targets = targets(report, LINES)
    return report


def _sample(bench: Bench, plan: Plan, name: str, number: int) -> Sample:
    seen = bench.run(name, plan.rate, plan.seconds, plan.warm_up_s)
    if not seen["completed"]:
        raise BenchError(f"{name}: none of {seen['placed']} calls was completed")
    asterisk, *engine = (1000 * cpu / seen["completed"] for cpu in seen["cpu"])
    figures = {
        "asterisk_ms": asterisk,
        "failed": seen["failed"],
        "sound_p50": seen["first_frame_ms"]["p50"],
        "sound_p99": seen["first_frame_ms"]["p99"],
        "callers_ms": 1000 * seen["own_cpu"] / seen["completed"],
    }
    if engine:
        figures["engine_ms"] = engine[0]
    return Sample(name, number, round(seen["noise"], 3), figures)


def _share(report: Report) -> None:
    """Add to each sample the native dialplan's CPU divided by all that this engine needs."""
    native = report.median(NATIVE, "asterisk_ms")
    report.samples = [
        msgspec.structs.replace(sample, figures={**sample.figures, "native_share": native / both})
        for sample in report.samples
        if (both := sample.figures["asterisk_ms"] + sample.figures.get("engine_ms", 0))
    ]


def _sustained(bench: Bench, plan: Plan, name: str) -> Sample:
    """Find the highest rate that is sustained, by bisection; 0 when none is."""
    low, high, noise = -1, len(plan.rates), list[float]()
    while high - low > 1:
        middle = (low + high) // 2
        # A second try, so that a neighbour's noise does not decide.
        if any(_holds(bench, plan, name, plan.rates[middle], noise) for _ in range(2)):
            low = middle
        else:
            high = middle
    rate = plan.rates[low] if low >= 0 else 0
    return Sample(name, plan.rounds, round(statistics.median(noise), 3), {"sustained": rate})


def _holds(bench: Bench, plan: Plan, name: str, rate: int, noise: list[float]) -> bool:
    seen = bench.run(name, rate, plan.probe_s, 0)
    noise.append(seen["noise"])
    slow = seen["hang_up_ms"].get("p99", SLOW_MS + 1) > SLOW_MS
    return not (seen["failed"] or seen["retransmits"] or slow)


def _notes(report: Report, plan: Plan, bench: Bench) -> Iterator[str]:
    failed = sum(sample.figures.get("failed", 0) for sample in report.samples)
    callers = report.median(ONECALL, "callers_ms")
    yield f"Asterisk {bench.lab.installation.version}; {failed:.0f} calls failed at the fixed rate"
    yield f"{plan.rounds} rounds of {plan.rate} calls/s for {plan.seconds:g} s, engines in turn"
    yield f"the callers took {callers:.2f} ms CPU a call of the same machine"


@contextlib.contextmanager
def site() -> Iterator[Bench]:
    """Bring up Asterisk, the engines and the callers, and end them."""
    # Five descriptors a call in Asterisk, which inherits this.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onecall-bench-")))
        ports = dataclasses.replace(stack.enter_context(free_block()), rtp=RTP)
        prepare(folder)
        found = installation.find(lambda text: None)
        log = folder / "log"
        sounds = folder / "prompts" / LANGUAGE
        phone = stack.enter_context(child("bench.telephone", log=log))
        onecall = stack.enter_context(
            child("bench.engines.onecall", str(folder), str(ports.agi), log=log)
        )
        floor = stack.enter_context(child("bench.engines.bare", "--uvloop", str(sounds), log=log))
        onecall.read(START_S)
        address = f"{ADDRESS}:{floor.read(START_S)['port']}"
        lab = Lab(folder / "lab", ports, found, prompts=folder / "prompts", tethered=True)
        stack.callback(lab.stop)
        lab.start()
        lab.handset.stop()
        _add_fragment(lab, sounds, address)
        yield Bench(lab, phone, {ONECALL: onecall, FLOOR: floor})


def _add_fragment(lab: Lab, sounds: Path, floor: str) -> None:
    values = {
        "NATIVE": DIALLED[NATIVE],
        "FLOOR": DIALLED[FLOOR],
        "FLOOR_ADDRESS": floor,
        "HELD": HOLDING[NATIVE],
        "PROMPTS": sounds,
    }
    with (lab.exchange.etc / "extensions.conf").open("a", encoding="utf-8") as dialplan:
        dialplan.write(render(FRAGMENT.read_text("utf-8"), values))
