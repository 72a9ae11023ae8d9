"""Running all scripted callers of a set of flows, and what of the flows they come through."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from ivr.adapters.flowfile.folder import CALLERS
from ivr.adapters.sim.callers import load_caller
from ivr.adapters.sim.simulation import Simulation
from ivr.app.config import Config
from ivr.app.simulation import rehearsing
from ivr.centre.traffic import TrafficCounter
from ivr.engine.coverage import Coverage, coverage
from ivr.model.errors import FlowError
from ivr.model.events import Event
from ivr.model.flow import FlowSet
from ivr.model.scripted import ScriptedCaller
from ivr.ports.store import StampedEvent


class CallerResult(msgspec.Struct, frozen=True):
    """What came of one scripted caller: nothing in `failures` when all was as expected. `ms` is how
    long the call lasted on its own clock."""

    file: Path
    caller: str
    failures: tuple[str, ...]
    ms: int


class CallersReport(msgspec.Struct, frozen=True):
    """What came of all of them."""

    results: tuple[CallerResult, ...]
    coverage: Coverage

    @property
    def passed(self) -> bool:
        """Whether every call went as expected."""
        return not any(result.failures for result in self.results)


def caller_files(folder: Path) -> tuple[Path, ...]:
    """Return the scripted callers of a folder; none where there is no such folder."""
    return tuple(sorted(folder.rglob("*.yaml")))


def callers_of(flows: Path) -> Path:
    """Return where the scripted callers of a folder of flows are."""
    return flows / CALLERS


async def run_callers(
    flows: FlowSet,
    folder: Path,
    config: Config,
    report: Callable[[int, int], None] = lambda done, of: None,
) -> CallersReport:
    """Run the scripted callers of a folder, each with a fresh demo bank, on the virtual clock.

    `report` is told how many of how many are done. Raises CallerFileError, CatalogueError, PortError.
    """
    callers = [(file, load_caller(file)) for file in caller_files(folder)]
    counter = TrafficCounter()
    results: list[CallerResult] = []
    start = working_day(config)
    with rehearsing(flows, config, start) as begin:
        for file, caller in callers:
            async with begin() as simulation:
                result, events = await _run(simulation, file, caller)
            results.append(result)
            for event in events:
                counter.take(StampedEvent(start, str(file), event))
            report(len(results), len(callers))
    return CallersReport(tuple(results), coverage(flows, counter.traffic()))


async def _run(
    simulation: Simulation, file: Path, caller: ScriptedCaller
) -> tuple[CallerResult, Iterable[Event]]:
    try:
        played = await simulation.play(caller)
    except FlowError as error:
        return CallerResult(file, caller.caller, (str(error),), 0), ()
    return CallerResult(file, caller.caller, played.failures, played.ms), played.events


def working_day(config: Config) -> datetime:
    """Return when a caller calls who does not say when: on a working day like any other, so that the
    same script always comes to the same end."""
    return datetime(2026, 11, 23, 10, tzinfo=ZoneInfo(config.zone))
