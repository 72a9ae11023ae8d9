"""Proving a set of flows: the world around it, and counter-examples that were seen to run."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import msgspec

from ivr.adapters.bank.demo import PHONES
from ivr.adapters.clock import SystemClock
from ivr.adapters.payments.testcards import KEYED
from ivr.adapters.sim.simulation import CALL_ID, FALLBACK, Report
from ivr.app.bankworld import demo_bank
from ivr.app.config import Config
from ivr.app.simulation import prompts_of, rehearsing
from ivr.centre.listening import heard_ms
from ivr.engine.prove import Proved, prove
from ivr.engine.prove.instants import instants
from ivr.engine.prove.space import Progress
from ivr.engine.prove.violation import Violation, Way
from ivr.engine.prove.vocabulary import Vocabulary
from ivr.engine.prove.witness import NotShown, keys, scripted
from ivr.model.codes import Code
from ivr.model.errors import FlowError
from ivr.model.flow import Flow, FlowSet
from ivr.model.place import Place
from ivr.model.problem import Problem
from ivr.model.scripted import Expectations, ScriptedCaller
from ivr.model.session import Frame, Session
from ivr.model.world import World
from ivr.ports.prompts import Prompts

_FALLS = (Code.NOBODY_TAKES, Code.HANGUP_LOST)
"""What the simulator fails a call for by itself. Of all else, the last step is what must not be."""


class Finding(msgspec.Struct, frozen=True):
    """What does not hold, and the shortest way to see it: `keys` for people, `caller` for
    `ivr simulate --script` (None: no call can show it). `shown`: the simulator was seen to go it."""

    problem: Problem
    keys: str = ""
    caller: ScriptedCaller | None = None
    shown: bool = False


class Statistics(msgspec.Struct, frozen=True):
    """How much was looked at, and what that took. `peak_mib` is the whole process's."""

    steps: int
    states: int
    transitions: int
    seconds: float
    peak_mib: float


class Proof(msgspec.Struct, frozen=True):
    """What came of a proof. It holds when there are no findings."""

    findings: tuple[Finding, ...]
    statistics: Statistics
    failures: int
    within_ms: int

    @property
    def ok(self) -> bool:
        """Whether every property holds."""
        return not self.findings

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return what does not hold, by place."""
        return tuple(one.problem for one in self.findings)


def prove_flows(
    flow_set: FlowSet,
    config: Config,
    *,
    flow: str | None = None,
    failures: int | None = None,
    within_ms: int | None = None,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> Proof:
    """Prove a set of flows that has been checked; with `flow`, only calls that begin there.

    It takes seconds of one core, so that a service calls it in a thread. Raises FlowError when no call
    begins, TooLarge when there is too much to look at, and CatalogueError.
    """
    begun = time.perf_counter()
    when = (now or SystemClock(config.zone).now()).astimezone(ZoneInfo(config.zone))
    most = config.prove.failures if failures is None else failures
    within = config.prove.within if within_ms is None else within_ms
    begins = _beginnings(flow_set, flow)
    proved = prove(
        flow_set,
        [_session(one, number, flow_set, when) for one, number in begins],
        _world(flow_set, prompts_of(config.prompts), when),
        config.limits.limits(),
        failures=most,
        within_ms=within,
        progress=progress,
    )
    findings = _findings(proved, flow_set, config, begins, flow)
    statistics = Statistics(
        steps=len({str(one.state) for one in proved.space.visited}),
        states=len(proved.space.visited),
        transitions=proved.space.transitions,
        seconds=time.perf_counter() - begun,
        peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )
    return Proof(findings, statistics, most, within)


def _beginnings(flow_set: FlowSet, name: str | None) -> list[tuple[Flow, str]]:
    """Return the flows that calls begin with, each with a number. Raises FlowError."""
    if name is not None:
        if name not in flow_set.flows:
            raise FlowError(f"there is no flow `{name}`; there are {', '.join(flow_set.flows)}")
        flow = flow_set.flows[name]
        return [(flow, next(iter(flow.numbers), "0"))]
    found = [(flow, flow.numbers[0]) for flow in flow_set.flows.values() if flow.numbers]
    if not found:
        raise FlowError("no flow has `numbers`; say which flow to prove by its name")
    return found


def _session(flow: Flow, number: str, flow_set: FlowSet, when: datetime) -> Session:
    return Session(
        call_id=CALL_ID,
        version=flow_set.version,
        dnis=number,
        ani=PHONES[0][0],
        language=flow.languages[0],
        started_at=when,
        frames=(Frame(flow.name, flow.start),),
    )


def _world(flow_set: FlowSet, prompts: Prompts, when: datetime) -> World:
    vocabulary = Vocabulary(flow_set)
    bank = demo_bank(vocabulary.texts, when)
    return World(
        heard_ms=lambda items, language: heard_ms(prompts, items, language),
        entries=bank.entries,
        secrets=(*bank.secrets, *KEYED),
        known=bank.known,
        instants=instants(flow_set.calendars, when),
        services=sorted(flow_set.services),
        texts=vocabulary.texts,
        numbers=vocabulary.numbers,
        amounts=vocabulary.amounts,
    )


def _findings(
    proved: Proved,
    flow_set: FlowSet,
    config: Config,
    begins: Sequence[tuple[Flow, str]],
    flow: str | None,
) -> tuple[Finding, ...]:
    numbers = {one.name: number for one, number in begins}
    found = [(one, _finding(proved, flow_set, one, numbers)) for one in proved.violations]
    if not any(finding.caller for _, finding in found):
        return tuple(finding for _, finding in found)
    with rehearsing(flow_set, config) as begin:

        async def call(caller: ScriptedCaller) -> Report:
            async with begin() as simulation:
                return await simulation.play(caller, flow=flow)

        async def shown() -> list[Finding]:
            told = partial(_finding, proved, flow_set, numbers=numbers)
            return [await _shown(finding, one, call, told) for one, finding in found]

        return tuple(asyncio.run(shown()))


def _finding(
    proved: Proved, flow_set: FlowSet, violation: Violation, numbers: Mapping[str, str]
) -> Finding:
    problem = Problem(
        violation.code, _place(flow_set, violation), violation.message, violation.hint
    )
    way = violation.way
    if way is None:
        return Finding(problem)
    pressed = keys(proved.space, way)
    number = numbers[way.trail[0].partition(".")[0]]
    falls = violation.code in _FALLS
    expects = Expectations() if falls else Expectations(not_entered=(way.trail[-1],))
    try:
        caller = scripted(
            proved.space, way, number, f"{violation.code}: {violation.message}", expects
        )
    except NotShown:
        return Finding(problem, pressed)
    return Finding(problem, pressed, caller)


def _place(flow_set: FlowSet, violation: Violation) -> Place:
    flow = flow_set.flows[violation.flow]
    if not violation.step:
        return flow.place
    return flow.steps[violation.step].place_of(*violation.where)


async def _shown(
    finding: Finding,
    violation: Violation,
    call: Callable[[ScriptedCaller], Awaitable[Report]],
    told: Callable[[Violation], Finding],
) -> Finding:
    """Run a counter-example in the simulator, and note whether it went its way. Where another limit
    came sooner than the one that it goes round for, what is left of it is the counter-example."""
    way = violation.way
    if finding.caller is None or way is None:
        return finding
    report = await call(finding.caller)
    sooner = way.sooner(report.trail)
    if sooner is not None:
        shorter = told(msgspec.structs.replace(violation, way=sooner))
        if shorter.caller is not None and _goes(await call(shorter.caller), shorter, sooner):
            return msgspec.structs.replace(shorter, shown=True)
    return msgspec.structs.replace(finding, shown=_goes(report, finding, way))


def _goes(report: Report, finding: Finding, way: Way) -> bool:
    """Whether a simulated call went a way to where it shows what is wrong."""
    if finding.problem.code in _FALLS and report.ended != FALLBACK:
        return False
    if way.rounds:
        return way.trail[-1] in report.trail
    return report.trail[: len(way.entered)] == way.entered
