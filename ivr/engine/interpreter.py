"""The interpreter: walks a flow, step by step.

It is a generator like the steps it runs: it yields commands and is sent answers, so that the same
code runs against Asterisk, in the simulator, in the prover and from a journal.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from msgspec.structs import replace

from ivr.engine.budget import Budget
from ivr.engine.pacing import at_pace
from ivr.model.commands import Script
from ivr.model.errors import (
    CallerHungUp,
    EvaluationError,
    LimitExceeded,
    OneCallError,
    PortError,
    StepDeadline,
)
from ivr.model.events import (
    CallEnded,
    CallResumed,
    CallStarted,
    Event,
    HungUp,
    LanguageChanged,
    StepEntered,
    StepFailed,
    StepLeft,
)
from ivr.model.flow import ERROR, HANGUP, Flow, FlowSet, Node
from ivr.model.limits import Limits
from ivr.model.outcome import End, Enter, Jump, Outcome, Return, Transition
from ivr.model.pace import Pace
from ivr.model.prompt import BargeIn, Prompted
from ivr.model.secret import Secret
from ivr.model.session import Frame, Session
from ivr.model.step import Context
from ivr.model.values import Scalar, type_of
from ivr.ports.channel import BeginStep, Play, SetLanguage
from ivr.ports.clock import Now
from ivr.ports.events import Emit
from ivr.ports.sessions import Save

AUTHENTICATE = "authenticate"
"""The subflow that raises the auth level of a caller for a step that `requires` it."""
AUTHENTICATED = "ok"
REFUSED = "refused"
FAILED = "failed"
"""The reason of a call that ended with Unhandled."""
REPEAT = "sorry-repeat"
"""Heard by a caller whose step begins again after a lost connection."""


class Unhandled(OneCallError):
    """A step failed and no handler of the flow takes it: the dialplan's fallback must."""


class Interpreter:
    """Runs calls on one published set of flows."""

    def __init__(self, flows: FlowSet, limits: Limits | None = None) -> None:
        self.flows = flows
        self.limits = limits or Limits()

    def run(self, session: Session) -> Script[str]:
        """Run a call from where its session is; return why it ended.

        Raises Unhandled when a step fails and no handler takes it.
        """
        return Walk(self, session).run()


class Walk:
    """One call's way through the flows, from where its session is.

    Between two visits `session`, `secrets` (by variable) and `errors` (steps that have failed) are all
    that the rest of the call depends on, beside its limits: `ivr prove` begins a walk with any of them.
    """

    def __init__(
        self,
        interpreter: Interpreter,
        session: Session,
        secrets: Mapping[str, Secret] | None = None,
        errors: int = 0,
    ) -> None:
        self._flows = interpreter.flows
        self._limits = interpreter.limits
        self._session = session
        self._secrets: dict[str, Secret] = dict(secrets or {})
        self._budget = Budget(interpreter.limits, session)
        self._errors = errors

    @property
    def session(self) -> Session:
        """The call as it is now."""
        return self._session

    @property
    def pace(self) -> Pace:
        """The caller's rhythm at the keypad."""
        return self._session.pace

    @pace.setter
    def pace(self, pace: Pace) -> None:
        if pace != self._session.pace:
            self._session = replace(self._session, pace=pace)

    @property
    def secrets(self) -> Mapping[str, Secret]:
        """What the secret variables hold."""
        return self._secrets

    @property
    def errors(self) -> int:
        """How many steps have failed."""
        return self._errors

    def run(self) -> Script[str]:
        yield from self._begin()
        reason: str | None = None
        try:
            while reason is None:
                reason = yield from self.visit()
        except Unhandled:
            yield self._emit(CallEnded(FAILED))
            raise
        yield self._emit(CallEnded(reason))
        return reason

    def _begin(self) -> Script[None]:
        session = self._session
        yield SetLanguage(session.language)
        frame = session.frame
        if not session.resumed:
            yield self._emit(
                CallStarted(
                    session.dnis, session.ani, session.version, frame.flow, session.language
                )
            )
            return
        yield self._emit(CallResumed(frame.flow, frame.step))
        # A caller who is gone already is noticed by the step that begins again.
        with suppress(CallerHungUp):
            yield Play((Prompted(REPEAT),), bargein=BargeIn.ANY)

    def visit(self) -> Script[str | None]:
        """Run the current step and follow its edge; return a reason when the call is over."""
        flow, node = self._here()
        try:
            yield from self._enter(node)
            if self._session.auth < node.requires:
                transition: Transition = Enter(AUTHENTICATE)
            else:
                transition = yield from self.perform(flow, node)
            return (yield from self._follow(node, transition))
        except CallerHungUp:
            return (yield from self._hung_up(node))
        except (PortError, EvaluationError, LimitExceeded, StepDeadline) as error:
            _, at = self._here()  # a return that fails has left its flow already
            return (yield from self._failed(at, error))

    def perform(self, flow: Flow, node: Node) -> Script[Transition]:
        """Run a step."""
        return (yield from at_pace(node.step.run(self._context(flow, node)), self))

    def _enter(self, node: Node) -> Script[None]:
        session = replace(self._session, steps_taken=self._session.steps_taken + 1)
        self._session = session
        yield Save(session)
        yield BeginStep(self._limits.step_ms)
        yield self._emit(StepEntered(session.frame.flow, node.name, node.step.verb))
        self._budget.count(session.steps_taken)
        talk = node.step.conversation
        if self._budget.wants_the_time(session.steps_taken, conversation=talk):
            now: datetime = yield Now()
            talked_ms = session.talked_ms + self._budget.talked_ms(now, conversation=talk)
            self._session = replace(session, talked_ms=talked_ms)
            self._budget.look_at_the_clock(now, session.steps_taken)

    def _follow(self, node: Node, transition: Transition) -> Script[str | None]:
        match transition:
            case Outcome():
                yield from self._apply(transition)
                return (yield from self._leave(node, transition.name))
            case Enter(flow, arguments):
                self._push(flow, dict(arguments), guard=self._session.auth < node.requires)
            case Return(outcome, values):
                return (yield from self._return(node, outcome, values))
            case Jump(flow, step):
                yield self._emit(StepLeft(self._session.frame.flow, node.name, "goto"))
                self._jump(flow, step)
            case End(reason):
                yield self._emit(StepLeft(self._session.frame.flow, node.name, reason))
                return reason
        return None

    def _apply(self, outcome: Outcome) -> Script[None]:
        session = self._session
        if outcome.variables:
            frame = session.frame
            variables = {**frame.variables, **outcome.variables}
            session = session.with_frame(replace(frame, variables=variables))
        if outcome.facts:
            session = replace(session, facts={**session.facts, **outcome.facts})
        if outcome.auth is not None:
            session = replace(session, auth=outcome.auth)
        if outcome.pace is not None:
            session = replace(session, pace=outcome.pace)
        if outcome.failures:
            session = replace(session, failures=session.failures + outcome.failures)
        self._secrets.update(outcome.secrets)
        if outcome.language and outcome.language != session.language:
            session = replace(session, language=outcome.language)
            yield SetLanguage(outcome.language)
            yield self._emit(LanguageChanged(outcome.language))
        self._session = session
        if session.failures > self._limits.failures:
            self._session = replace(session, failures=0)
            raise LimitExceeded(f"more than {self._limits.failures} failures in one call")

    def _leave(self, node: Node, outcome: str) -> Script[str | None]:
        """Take the edge of an outcome."""
        yield self._emit(StepLeft(self._session.frame.flow, node.name, outcome))
        target = node.target(outcome)
        if target is None:
            raise EvaluationError(f"no edge for the outcome {outcome!r}")
        self._go(target)
        return None

    def _return(self, node: Node, outcome: str, values: Mapping[str, Scalar]) -> Script[str | None]:
        """Leave a subflow and take the edge of the step that called it."""
        yield self._emit(StepLeft(self._session.frame.flow, node.name, outcome))
        left = self._session.frame
        declared = self._flow(left.flow).returns.get(outcome, {})
        _fits(f"`{outcome}` is returned", values, declared)
        if len(self._session.frames) == 1:
            return "returned"
        self._session = replace(self._session, frames=self._session.frames[:-1])
        _, caller = self._here()
        if left.guard:
            if self._session.auth >= caller.requires:
                return None
            return (yield from self._leave(caller, REFUSED))
        received = caller.step.receive(values)
        yield from self._apply(Outcome(outcome, variables=received))
        return (yield from self._leave(caller, outcome))

    def _hung_up(self, node: Node) -> Script[str | None]:
        """Run what the flow wants done for a caller who is gone, if anything; once."""
        first = not self._session.hung_up
        if first:
            yield self._emit(HungUp(self._session.frame.flow, node.name))
            self._session = replace(self._session, hung_up=True)
            self._budget.grant_grace(self._session.steps_taken)
            if self._handle(node, HANGUP):
                return None
        return "caller"

    def _failed(self, node: Node, error: OneCallError) -> Script[str | None]:
        """Go to the nearest handler for a step that failed."""
        yield self._emit(StepFailed(self._session.frame.flow, node.name, str(error)))
        if self._session.hung_up:
            return "caller"
        self._errors += 1
        if self._errors <= self._limits.errors and self._handle(node, ERROR):
            return None
        raise Unhandled(f"{self._session.frame.flow}.{node.name}: {error}") from error

    def _handle(self, node: Node, event: str) -> bool:
        """Go to the step's, the flow's or a calling flow's handler of an event, if there is one."""
        target = node.target(event)
        if target is not None:
            self._go(target)
            return True
        frames = self._session.frames
        while frames:
            target = self._flow(frames[-1].flow).handlers.get(event)
            if target is not None:
                self._session = replace(self._session, frames=frames)
                self._go(target)
                return True
            frames = frames[:-1]
        return False

    def _here(self) -> tuple[Flow, Node]:
        frame = self._session.frame
        flow = self._flow(frame.flow)
        node = flow.steps.get(frame.step)
        if node is None:
            raise Unhandled(f"{frame.flow} has no step {frame.step!r}")
        return flow, node

    def _flow(self, name: str) -> Flow:
        flow = self._flows.flows.get(name)
        if flow is None:
            raise Unhandled(f"there is no flow {name!r} in version {self._flows.version[:12]}")
        return flow

    def _go(self, step: str) -> None:
        self._session = self._session.with_frame(replace(self._session.frame, step=step))

    def _jump(self, flow: str | None, step: str | None) -> None:
        if flow is not None:
            target = self._flow(flow)
            # Whoever waits for the flow that is left waits for the one that goes on.
            guard = self._session.frame.guard
            self._session = self._session.with_frame(Frame(flow, step or target.start, {}, guard))
        elif step is not None:
            self._go(step)

    def _push(self, flow: str, arguments: dict[str, Scalar], *, guard: bool) -> None:
        if len(self._session.frames) >= self._limits.depth:
            raise LimitExceeded(f"subflows more than {self._limits.depth} deep")
        called = self._flow(flow)
        _fits(f"`{flow}` is called", arguments, called.accepts)
        frame = Frame(flow, called.start, arguments, guard)
        self._session = replace(self._session, frames=(*self._session.frames, frame))

    def _context(self, flow: Flow, node: Node) -> Context:
        return Context(
            self._session,
            flow.defaults,
            self._flows.calendars,
            self._secrets,
            node.edges,
            flow.languages,
            self._flows.services,
        )

    def _emit(self, event: Event) -> Emit:
        return Emit(self._session.call_id, event)


def _fits(what: str, values: Mapping[str, Scalar], types: Mapping[str, str]) -> None:
    """Raise EvaluationError where a value is not of the type that is declared; none fits any."""
    for name, value in values.items():
        wanted = types.get(name)
        if value is not None and wanted is not None and type_of(value) != wanted:
            raise EvaluationError(f"{what} with a {type_of(value)} for `{name}`, not a {wanted}")
