"""Calls on a virtual clock: the real interpreter, driver and dialogue on a simulated line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from ivr.adapters.sim.agents import SimAgents
from ivr.adapters.sim.clock import VirtualClock
from ivr.adapters.sim.faults import BUDGET_MS, Attended, Faulty
from ivr.adapters.sim.incoming import Incoming, Report
from ivr.adapters.sim.keeping import SimEvents, SimJournal, SimSessions
from ivr.adapters.sim.line import SimLine
from ivr.adapters.sim.phone import Phone, ScriptedPhone
from ivr.adapters.sim.surveys import SimSurveys
from ivr.adapters.sim.transcript import Kind, Moment, Transcript
from ivr.adapters.sim.waiting import SimWaiting
from ivr.engine.dialogue import Dialogue
from ivr.engine.driver import Driver
from ivr.engine.interpreter import Interpreter
from ivr.engine.journal import JournalRecorder
from ivr.model.errors import FlowError, OneCallError, Unhandled
from ivr.model.events import ConversationEnded
from ivr.model.flow import FlowSet
from ivr.model.limits import Limits
from ivr.model.profile import Profile
from ivr.model.scripted import ScriptedCaller
from ivr.model.session import Frame, Session
from ivr.ports.agents import AgentState
from ivr.ports.overrides import NoOverrides
from ivr.ports.prompts import Prompts

__all__ = ["CALL_ID", "FALLBACK", "Incoming", "Make", "Report", "Simulation"]

FALLBACK = "fallback"
"""The reason of a call that no handler took: Asterisk would send it to its fallback."""
CALL_ID = "1700000000.1"


class ConnectionLost(OneCallError):
    """The simulated engine node is gone; the caller is still there."""


Make = Callable[[Mapping[str, Any]], AbstractAsyncContextManager[Any]]
"""Makes a port that asks other ports, of those of a call: the faults of the call are in them, and
`clock` is the call's. It is left when the call is over."""


class Simulation:
    """Runs calls through a set of flows. `ports` are those beside the channel (the bank); without
    `overrides` among them, no opening hours are overridden. `made` are those that are made for each
    call. `start` is the bank's time when a call begins that says no other; `budgets` how long (ms)
    callers wait for a port, where that is not `BUDGET_MS`; `pins` those of agents."""

    def __init__(
        self,
        flows: FlowSet,
        prompts: Prompts,
        ports: Mapping[str, Any],
        *,
        start: datetime,
        made: Mapping[str, Make] | None = None,
        limits: Limits | None = None,
        budgets: Mapping[str, int] | None = None,
        pins: Mapping[str, str] | None = None,
    ) -> None:
        self.pins = pins or {}
        self.made = made or {}
        self.budgets = budgets or {}
        self._flows = flows
        self._prompts = prompts
        self._ports = {"overrides": NoOverrides(), **ports}
        self._start = start
        self._limits = limits or Limits()

    async def play(
        self,
        caller: ScriptedCaller,
        observe: Callable[[Moment], None] | None = None,
        *,
        flow: str | None = None,
        language: str | None = None,
        lose_at: int | None = None,
    ) -> Report:
        """Run a scripted call; the report's `failures` are what is not as expected."""
        phone = ScriptedPhone(caller.script)
        incoming = Incoming(
            dnis=caller.calls,
            ani=caller.ani,
            flow=flow,
            language=language,
            at=caller.at,
            faults=caller.faults,
            people=caller.people,
            endpoint=caller.endpoint,
            agents={name: AgentState(state) for name, state in caller.agents.items()},
            profiles=tuple(one.profile(name) for name, one in caller.profiles.items()),
            lose_at=lose_at,
        )
        report = await self.call(phone, incoming, observe)
        unexpected = caller.expects.failures(
            ended=report.ended,
            trail=report.trail,
            heard=report.heard,
            talked=[one.agent for one in report.events if isinstance(one, ConversationEnded)],
        )
        problem = (f"no handler took it: {report.problem}",) if report.problem else ()
        expected = caller.expects.ends == FALLBACK
        failures = (*phone.unfinished(), *unexpected, *(() if expected else problem))
        return replace(report, failures=failures)

    async def call(
        self,
        phone: Phone,
        incoming: Incoming,
        observe: Callable[[Moment], None] | None = None,
    ) -> Report:
        """Run a call to its end. Raises FlowError when no flow answers."""
        clock = VirtualClock(self._time(incoming.at))
        transcript = Transcript(clock, observe)
        line = SimLine(phone, clock, transcript, incoming.people)
        running = _Running(self, incoming, clock, transcript, line)
        await self._remember(incoming.profiles)
        ended, problem = await running.run(self._session(incoming, clock))
        return Report(
            ended=ended,
            moments=tuple(transcript.moments),
            trail=transcript.all(Kind.STEP),
            heard=transcript.all(Kind.HEARD),
            events=tuple(running.events.events),
            journal=tuple(running.journal.entries),
            saves=running.sessions.saves,
            ms=clock.ms,
            closed=not running.sessions.open,
            problem=problem,
        )

    async def _remember(self, profiles: Iterable[Profile]) -> None:
        for profile in profiles:
            kept = self.port("profiles")
            known = await kept.get(profile.customer)
            await kept.put(replace(profile, revision=known.revision if known else 0))

    def port(self, name: str) -> Any:
        """Return a port by its name. Raises FlowError when there is none."""
        if name not in self._ports:
            raise FlowError(f"there is no port `{name}` in this simulation")
        return self._ports[name]

    def _time(self, at: datetime | None) -> datetime:
        if at is None:
            return self._start
        return at if at.tzinfo is not None else at.replace(tzinfo=self._start.tzinfo)

    def _session(self, incoming: Incoming, clock: VirtualClock) -> Session:
        named = incoming.flow is not None
        flow = (
            self._flows.flows.get(incoming.flow or "")
            if named
            else self._flows.for_number(incoming.dnis)
        )
        if flow is None:
            what = f"is called `{incoming.flow}`" if named else f"answers {incoming.dnis!r}"
            raise FlowError(f"no flow {what}")
        if incoming.language not in (None, *flow.languages):
            spoken = ", ".join(flow.languages)
            raise FlowError(f"the flow `{flow.name}` speaks {spoken}, not {incoming.language}")
        return Session(
            call_id=CALL_ID,
            version=self._flows.version,
            dnis=incoming.dnis,
            ani=incoming.ani,
            language=incoming.language or flow.languages[0],
            started_at=clock.now(),
            frames=(Frame(flow.name, flow.start),),
            trunk=f"PJSIP/{incoming.endpoint}" if incoming.endpoint else "",
        )


class _Running:
    """One call that runs, on one connection after the other."""

    def __init__(
        self,
        simulation: Simulation,
        incoming: Incoming,
        clock: VirtualClock,
        transcript: Transcript,
        line: SimLine,
    ) -> None:
        self._simulation = simulation
        self._incoming = incoming
        self._clock = clock
        self._line = line
        self._transcript = transcript
        self.events = SimEvents(transcript)
        self.journal = SimJournal()
        self.sessions = SimSessions(self._lose)
        self._ports: dict[str, Any] = {}
        self._attend: Callable[[Awaitable[Any]], Awaitable[Any]]

    async def run(self, session: Session) -> tuple[str, str]:
        """Run the call; return how it ended, and the problem that no handler took."""
        async with AsyncExitStack() as stack:
            await self._make(stack)
            return await self._connections(session)

    async def _connections(self, session: Session) -> tuple[str, str]:
        while True:
            try:
                return await self._connection(session), ""
            except Unhandled as error:
                return FALLBACK, str(error)
            except ConnectionLost:
                saved = await self.sessions.load(session.call_id)
                session = replace(saved or session, resumed=session.resumed + 1)

    async def _connection(self, session: Session) -> str:
        simulation = self._simulation
        dialogue = Dialogue(
            self._line,
            simulation._prompts,
            session.language,
            lambda event: self.events.emit(session.call_id, event),
            lambda: self._clock.ms,
            self._ports["waiting"],
        )
        self._attend = dialogue.attend
        ports = {
            **self._ports,
            "channel": dialogue,
            "clock": self._clock,
            "events": self.events,
            "sessions": self.sessions,
        }
        recorder = JournalRecorder(session, self.journal, lambda: self._clock.ms, self.events.emit)
        interpreter = Interpreter(simulation._flows, simulation._limits)
        reason = await Driver(ports, recorder).run(interpreter.run(session))
        self.sessions.close(session, reason)
        return reason

    async def _make(self, stack: AsyncExitStack) -> None:
        """Take the ports beside the channel, with this call's faults in them."""
        simulation = self._simulation
        asked: dict[str, Any] = {"clock": self._clock}
        self._ports["waiting"] = SimWaiting(
            self._incoming.people,
            self._clock,
            self._transcript,
            lambda event: self.events.emit(CALL_ID, event),
        )
        agents = SimAgents(
            simulation._flows.queues, simulation.pins, self._clock.now(), self._incoming.agents
        )
        self._ports["agents"] = self._faulty("agents", agents)
        surveys = SimSurveys(simulation._flows, self.events, self._clock, self._clock.now())
        self._ports["surveys"] = self._faulty("surveys", surveys)
        for name, port in simulation._ports.items():
            self._ports[name] = self._faulty(name, port)
            asked[name] = Attended(self._ports[name], lambda work: self._attend(work))
        for name, make in simulation.made.items():
            self._ports[name] = self._faulty(name, await stack.enter_async_context(make(asked)))
        for name in self._incoming.faults:
            if name not in self._ports:
                raise FlowError(f"there is no port `{name}` in this simulation")

    def _faulty(self, name: str, port: object) -> object:
        fault = self._incoming.faults.get(name)
        if fault is None:
            return port
        return Faulty(name, port, fault, self._simulation.budgets.get(name, BUDGET_MS))

    def _lose(self, saves: int) -> None:
        if saves == self._incoming.lose_at:
            raise ConnectionLost("the engine is gone, as the test says")
