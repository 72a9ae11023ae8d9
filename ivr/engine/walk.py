"""A call's walk through the flows: visit by visit, each from one step to the next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from ivr.centre.levels import IDENTIFIED, expired, expires
from ivr.engine.budget import Budget
from ivr.engine.frames import (
    entered,
    going_on,
    guard,
    handled,
    here,
    jumped,
    known,
    returned,
    staying,
)
from ivr.engine.pacing import at_pace
from ivr.model.commands import Script
from ivr.model.errors import (
    CallerHungUp,
    EvaluationError,
    LimitExceeded,
    OneCallError,
    PortError,
    StepDeadline,
    Unhandled,
)
from ivr.model.events import (
    Event,
    HungUp,
    LanguageChanged,
    LevelLost,
    Lost,
    StepEntered,
    StepFailed,
    StepLeft,
)
from ivr.model.flow import ERROR, HANGUP, REFUSED, Flow, FlowSet, Node
from ivr.model.limits import Limits
from ivr.model.outcome import End, Enter, Jump, Outcome, Return, Stay, Transition
from ivr.model.pace import Pace
from ivr.model.secret import Secret
from ivr.model.session import Session
from ivr.model.step import Context
from ivr.model.values import Scalar
from ivr.ports.channel import BeginStep, SetLanguage
from ivr.ports.clock import Now
from ivr.ports.events import Emit
from ivr.ports.sessions import Save


class Walk:
    """One call's way through the flows, from where its session is.

    Between two visits `session`, `secrets` (by variable) and `errors` (steps that have failed) are all
    that the rest of the call depends on, beside its limits: `ivr prove` begins a walk with any of them.
    """

    def __init__(
        self,
        flows: FlowSet,
        limits: Limits,
        session: Session,
        secrets: Mapping[str, Secret] | None = None,
        errors: int = 0,
    ) -> None:
        self._flows = flows
        self._limits = limits
        self._session = session
        self._secrets: dict[str, Secret] = dict(secrets or {})
        self._budget = Budget(limits, session)
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

    def visit(self) -> Script[str | None]:
        """Run the current step and follow its edge; return a reason when the call is over."""
        flow, node = self._here()
        try:
            yield from self._enter(node)
            if self._session.auth < self._needed(node):
                transition: Transition = guard(self._flows, self._needed(node))
            else:
                if node.step.conversation:
                    yield from self._lose_level(Lost.PEOPLE)
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

    def keyed(self) -> Script[None]:
        """Note that the caller has pressed keys: the auth level lasts."""
        if expires(self._session.auth):
            now: datetime = yield Now()
            self._session = replace(self._session, active_at=now)

    def _enter(self, node: Node) -> Script[None]:
        session = replace(self._session, steps_taken=self._session.steps_taken + 1)
        self._session = session
        yield Save(session)
        yield BeginStep(self._limits.step_ms)
        if not session.frame.form:  # a step that stays was entered before
            yield self._emit(StepEntered(session.frame.flow, node.name, node.step.verb))
        self._budget.count(session.steps_taken)
        talk = node.step.conversation
        timed = expires(session.auth)
        if timed or self._budget.wants_the_time(session.steps_taken, conversation=talk):
            now: datetime = yield Now()
            talked_ms = session.talked_ms + self._budget.talked_ms(now, conversation=talk)
            self._session = replace(session, talked_ms=talked_ms)
            if timed and expired(session.active_at, now):
                yield from self._lose_level(Lost.IDLE)
            self._budget.look_at_the_clock(now, session.steps_taken)

    def _lose_level(self, why: Lost) -> Script[None]:
        """Have the caller known for who they are, and no more."""
        if expires(self._session.auth):
            yield self._emit(LevelLost(self._session.auth, why))
            self._session = replace(self._session, auth=IDENTIFIED)

    def _follow(self, node: Node, transition: Transition) -> Script[str | None]:
        match transition:
            case Stay():
                self._session = staying(self._session, transition)
                proven = Outcome(node.name, facts=transition.facts, auth=transition.auth)
                yield from self._apply(proven)
            case Outcome():
                yield from self._apply(transition)
                return (yield from self._leave(node, transition.name))
            case Enter(flow, arguments):
                guard = self._session.auth < self._needed(node)
                self._session = entered(
                    self._flows,
                    self._session,
                    flow,
                    arguments,
                    depth=self._limits.depth,
                    guard=guard,
                )
            case Return(outcome, values):
                return (yield from self._return(node, outcome, values))
            case Jump(flow, step):
                yield self._emit(StepLeft(self._session.frame.flow, node.name, "goto"))
                self._session = jumped(self._flows, self._session, flow, step)
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
            session = replace(session, facts=known(session.facts, outcome.facts))
        if outcome.auth is not None:
            now: datetime | None = (yield Now()) if expires(outcome.auth) else None
            session = replace(session, auth=outcome.auth, active_at=now)
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
        self._look_at_failures()

    def _look_at_failures(self) -> None:
        if self._session.failures > self._limits.failures:
            self._session = replace(self._session, failures=0)
            raise LimitExceeded(f"more than {self._limits.failures} failures in one call")

    def _needed(self, node: Node) -> int:
        """Return the auth level that the step needs now."""
        return max(node.requires, self._session.frame.level)

    def _leave(self, node: Node, outcome: str) -> Script[str | None]:
        """Take the edge of an outcome."""
        yield self._emit(StepLeft(self._session.frame.flow, node.name, outcome))
        target = node.target(outcome)
        if target is None:
            raise EvaluationError(f"no edge for the outcome {outcome!r}")
        self._session = going_on(self._session, target)
        return None

    def _return(self, node: Node, outcome: str, values: Mapping[str, Scalar]) -> Script[str | None]:
        """Leave a subflow and take the edge of the step that called it."""
        yield self._emit(StepLeft(self._session.frame.flow, node.name, outcome))
        left = self._session.frame
        waiting = returned(self._flows, self._session, outcome, values)
        if waiting is None:
            return "returned"
        self._session = waiting
        _, caller = self._here()
        if left.guard:
            if self._session.auth >= self._needed(caller):
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
        """Go to the handler of an event, if there is one."""
        session = handled(self._flows, self._session, node, event)
        if session is None:
            return False
        self._session = session
        return True

    def _here(self) -> tuple[Flow, Node]:
        return here(self._flows, self._session)

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
