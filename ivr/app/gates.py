"""The gates that a set of flows passes before it is published. A gate is one function here."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from ivr.adapters.flowfile import try_load
from ivr.app.callers import callers_of, run_callers
from ivr.app.config import Config
from ivr.app.flows import known, verified
from ivr.app.prompts import catalogue_of
from ivr.app.proving import prove_flows
from ivr.app.queuesim.making import configured, settings_for
from ivr.app.queuesim.study import study
from ivr.centre.kpi.verdict import State
from ivr.centre.releases import Gate
from ivr.model.errors import OneCallError
from ivr.model.flow import FlowSet
from ivr.model.problem import Problem, Severity

MOST_FINDINGS = 50
"""Findings of a gate that are kept in the ledger."""

MOST_KEYS = 60
"""Of a counter-example's keys, so many are kept: `ivr prove` tells all."""

T = TypeVar("T")

Progress = Callable[[int, int], None]
"""Is told how much is done, and of how much as far as is known."""


class Candidate(msgspec.Struct, frozen=True):
    """A folder of flows that is to be published, and what `check` found in it.

    Files that are not `readable` as flows nobody can force; `flows` is then what could be read.
    """

    config: Config
    folder: Path
    flows: FlowSet
    readable: bool
    problems: tuple[Problem, ...]


def candidate_of(config: Config, folder: Path) -> Candidate:
    """Load and check a folder. Raises CatalogueError, ConfigError for prompts that cannot be used."""
    names = known(config, catalogue_of(config))
    loaded = try_load(folder)
    _, problems = verified(loaded, names)
    return Candidate(config, folder, loaded.sound, loaded.flow_set is not None, problems)


async def check(candidate: Candidate, progress: Progress) -> Gate:
    """Nothing that `ivr check` finds is an error."""
    wrong = [str(one) for one in candidate.problems if one.severity is Severity.ERROR]
    warnings = len(candidate.problems) - len(wrong)
    return _gate("check", wrong, f"{len(wrong)} errors, {warnings} warnings")


async def callers(candidate: Candidate, progress: Progress) -> Gate:
    """Every scripted caller of the folder hears and reaches what it expects."""
    report = await run_callers(
        candidate.flows, callers_of(candidate.folder), candidate.config, progress
    )
    wrong = [
        f"{result.file.name}: {failure}" for result in report.results for failure in result.failures
    ]
    failed = sum(bool(result.failures) for result in report.results)
    passed = len(report.results) - failed
    return _gate("callers", wrong, f"{passed} of {len(report.results)} as expected")


async def prove(candidate: Candidate, progress: Progress) -> Gate:
    """Whatever a caller and the world do, what `ivr prove` proves holds."""
    proof = await _in_thread(
        lambda tell: prove_flows(candidate.flows, candidate.config, progress=tell), progress
    )
    wrong = [f"{one.problem}; keys: {_short(one.keys)}" for one in proof.findings]
    figures = proof.statistics
    return _gate("prove", wrong, f"{figures.states} states in {figures.seconds:.1f} s")


async def queues(candidate: Candidate, progress: Progress) -> Gate:
    """Simulated days meet the target of the configuration, surely enough (`ivr queue-sim`)."""
    config = candidate.config
    settings = settings_for(configured(config), candidate.flows, config)
    findings = await _in_thread(lambda tell: study(settings, tell), progress)
    verdict = findings.verdict
    assert verdict is not None  # noqa: S101  (there is a target)
    wrong = [
        f"{line.condition}: {line.state}, between {line.low:.3f} and {line.high:.3f}"
        for line in verdict.lines
        if line.state is not State.MET
    ]
    return _gate("queues", wrong, f"{verdict.state} after {verdict.days} simulated days")


async def _in_thread(work: Callable[[Progress], T], progress: Progress) -> T:
    """Return what long work comes to. When nobody wants it any more, its thread ends as it tells of
    its progress: Ctrl-C would wait for it."""
    unwanted = threading.Event()

    def tell(done: int, of: int) -> None:
        if unwanted.is_set():
            raise asyncio.CancelledError
        progress(done, of)

    try:
        return await asyncio.to_thread(work, tell)
    except asyncio.CancelledError:
        unwanted.set()
        raise


GATES: Mapping[str, Callable[[Candidate, Progress], Awaitable[Gate]]] = {
    "check": check,
    "callers": callers,
    "prove": prove,
}
"""By name, in the order they are passed: what takes longest comes last."""


def gates_of(config: Config) -> Mapping[str, Callable[[Candidate, Progress], Awaitable[Gate]]]:
    """Return the gates that are passed. Queues are simulated only where somebody said of what."""
    return {**GATES, "queues": queues} if config.queue_sim else GATES


async def run_gates(
    candidate: Candidate, report: Callable[[str, int, int], None]
) -> tuple[Gate, ...]:
    """Run the gates. After one that does not let the flows pass, those that remain are not tried.

    `report` is told which gate is at work, how much it has done and of how much.
    """
    passed: list[Gate] = []
    for name, gate in gates_of(candidate.config).items():
        if passed and not passed[-1].passed:
            passed.append(Gate(name, False, "not tried"))
            continue

        def progress(done: int, of: int, name: str = name) -> None:
            report(name, done, of)

        try:
            passed.append(await gate(candidate, progress))
        except OneCallError as error:
            passed.append(_gate(name, [str(error)], "could not be tried"))
    return tuple(passed)


def _short(keys: str) -> str:
    return f"{keys[:MOST_KEYS]} …" if len(keys) > MOST_KEYS else keys or "none"


def _gate(name: str, findings: list[str], summary: str) -> Gate:
    kept = findings[:MOST_FINDINGS]
    if len(findings) > len(kept):
        kept.append(f"and {len(findings) - len(kept)} more")
    return Gate(name, not findings, summary, tuple(kept))
