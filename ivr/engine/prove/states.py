"""The states of a call between two steps, and the real interpreter's way from each to the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from ivr.centre.levels import IDENTIFIED, expires
from ivr.engine.prove.graph import Exit, Graph
from ivr.engine.prove.instants import telling_apart
from ivr.engine.prove.probe import Asking, Probe, run
from ivr.engine.prove.questions import Shared
from ivr.engine.prove.reads import ALL, Reads, Watched, Where
from ivr.engine.prove.script import explore, forget
from ivr.engine.prove.staying import Staying, frozen
from ivr.engine.prove.vocabulary import Vocabulary
from ivr.engine.walk import Walk
from ivr.model.errors import Unhandled
from ivr.model.events import Event, StepFailed
from ivr.model.flow import Flow, FlowSet, Node
from ivr.model.limits import Limits
from ivr.model.outcome import Outcome, Stay
from ivr.model.secret import Secret
from ivr.model.session import Frame, Session
from ivr.model.step import Context
from ivr.model.values import Scalar
from ivr.model.world import World

_FAR = 1_000_000_000
_ENDLESS = Limits(steps=_FAR, failures=_FAR, call_ms=1_000 * _FAR)
"""A call's limits do not come by themselves in a proof: `Visits.limited` has them come anywhere."""
_REACHED = msgspec.structs.replace(_ENDLESS, steps=0)


class State(NamedTuple):
    """All that the rest of a call depends on, beside its limits. `errors` are the steps that failed
    since a person or a promise was reached; `helped` is how many flows deep that was, while the call
    is there, else 0; `gone`: the caller is, and it may not be noticed yet."""

    frames: tuple[
        tuple[str, str, tuple[tuple[str, Scalar], ...], bool, tuple[tuple[str, Any], ...], int], ...
    ]
    facts: tuple[tuple[str, Any], ...]
    secrets: tuple[str, ...]
    language: str
    auth: int
    errors: int
    helped: int
    hung_up: bool
    gone: bool

    @property
    def flow(self) -> str:
        """The running flow."""
        return self.frames[-1][0]

    @property
    def step(self) -> str:
        """The step that is next."""
        return self.frames[-1][1]

    @property
    def stays(self) -> bool:
        """Whether the step was entered before, and keeps something."""
        return bool(self.frames[-1][4])

    def __str__(self) -> str:
        return f"{self.flow}.{self.step}"


class Moment(NamedTuple):
    """A state with what stands for it: a session, and what the secret variables hold."""

    state: State
    session: Session
    secrets: Mapping[str, Secret]


class Next(NamedTuple):
    """Where a visit led: to a `moment`, to the end of the call for a `reason`, or to `unhandled`, an
    error that nobody takes. `failed` is the problem of a step that failed on the way."""

    moment: Moment | None = None
    reason: str = ""
    unhandled: str = ""
    failed: str = ""


class Visits:
    """Runs visits of the real interpreter from any state."""

    def __init__(
        self, flow_set: FlowSet, world: World, vocabulary: Vocabulary, depth: int, errors: int
    ) -> None:
        replace = msgspec.structs.replace
        self._flows = flow_set
        self._unlimited = replace(_ENDLESS, depth=depth, errors=errors)
        self._limited = replace(_REACHED, depth=depth, errors=_FAR)
        self._world = world
        self._vocabulary = vocabulary
        self._runs: dict[tuple[Any, ...], list[tuple[Reads, Graph]]] = {}
        self._questions: Shared = {}
        self._read: set[Where] = set()
        self._any: dict[Where, Any] = {}
        self.learnt = False
        """Whether a fact was read that no state told apart so far: all are to be visited anew."""

    def begin(self, session: Session) -> Moment:
        """Return the first state of a call."""
        return self._moment(session, {}, 0, 0, gone=False)

    def graph(self, moment: Moment) -> Graph | None:
        """Return all ways through the step that is next; None where it is not run at all, because
        the caller must be authenticated before."""
        walk = self._probe(self._unlimited, moment)
        try:
            run(walk.visit(), self._world)
        except Asking as asking:
            what = asking.what
        else:
            return None
        return self._graph(moment, *what)

    def follow(self, moment: Moment, left: Exit | None) -> Next:
        """Return where a step's exit leads (None: where the step is not run)."""
        state = moment.state
        walk = self._probe(self._unlimited, moment, left)
        gone = state.gone or (left is not None and left.gone)
        helped = left is not None and left.outcome in self.node(state).step.helping()
        depth = len(state.frames) if helped else state.helped
        following = self._next(walk, depth, gone=gone, helped=helped)
        if left is not None and left.error is not None:
            forget(left.error)
        return following

    def limited(self, moment: Moment) -> Next:
        """Return where it leads that the call has reached a limit of the language."""
        state = moment.state
        walk = self._probe(self._limited, moment)
        following = self._next(walk, state.helped, gone=state.gone, helped=False)
        at = following.moment
        if at is None:
            return following
        # A limit is no fault of a step's: it counts as none.
        return following._replace(moment=at._replace(state=at.state._replace(errors=state.errors)))

    def lapsed(self, moment: Moment) -> Moment | None:
        """Return the state of a caller whose auth level has expired meanwhile; None where it does not.

        While a step stays it need not be looked at: whoever loses the level then comes back to the same
        form at the same level, or leaves the step as who lost it before the step began.
        """
        state = moment.state
        if not expires(state.auth) or state.gone or moment.session.frame.form:
            return None
        session = msgspec.structs.replace(moment.session, auth=IDENTIFIED)
        return moment._replace(state=state._replace(auth=IDENTIFIED), session=session)

    def node(self, state: State) -> Node:
        """Return the step that is next in a state."""
        return self._flows.flows[state.flow].steps[state.step]

    def _probe(self, limits: Limits, moment: Moment, left: Exit | None = None) -> Probe:
        errors = moment.state.errors
        return Probe(self._flows, limits, moment.session, moment.secrets, errors, left)

    def _next(self, walk: Walk, depth: int, *, gone: bool, helped: bool) -> Next:
        events: list[Event] = []
        try:
            reason = run(walk.visit(), self._world, events.append)
        except Unhandled as error:
            return Next(unhandled=str(error), failed=_failed(events))
        if reason is not None:
            return Next(reason=reason, failed=_failed(events))
        errors = 0 if helped else walk.errors
        following = self._moment(walk.session, walk.secrets, errors, depth, gone=gone)
        return Next(following, failed=_failed(events))

    def _graph(self, moment: Moment, flow: Flow, node: Node, context: Context) -> Graph:
        state = moment.state
        kept = frozen(moment.session.frame.form)
        key = (flow.name, node.name, state.language, state.gone, state.secrets, kept)
        known = self._runs.setdefault(key, [])
        session = context.session
        # What the step keeps itself is not noted: other forms follow from this one.
        scope = session.with_frame(msgspec.structs.replace(session.frame, form={})).scope()
        for reads, graph in known:
            if reads.hold(session, scope):
                return graph
        reads = Reads()
        graph = self._explored(node, context, Watched(session, reads), state)
        known.append((reads, graph))
        fresh = {*reads.scope, *reads.facts} - self._read
        self._read |= fresh
        self.learnt |= any(path in self._any or path[-1] == ALL for path in fresh)
        return graph

    def _explored(self, node: Node, context: Context, watched: Watched, state: State) -> Graph:
        step = node.step.about(watched.frame.form)
        compared = (*self._vocabulary.compared(step.assigns()), *step.entries())
        entries = self._world.entries if step.looks_up else ()
        world = msgspec.structs.replace(
            self._world, language=state.language, compared=compared, entries=entries
        )
        # What time it is matters to no step that looks into no calendar.
        read = [self._flows.calendars[name] for name in step.calendars()]
        world = msgspec.structs.replace(world, instants=telling_apart(read, world.instants))

        def normal(value: Any) -> Any:
            return self._normal(state.flow, value)

        shared, kept = self._questions, self._kept
        visits = Staying(node, context, watched, world, shared, normal, kept, gone=state.gone)
        graph = explore(visits, lambda command: command.answers(world), gone=state.gone)
        graph.waits = bool(step.queues())
        return graph

    def _normal(self, flow: str, value: Any) -> Any:
        """Return what stands for all that sets what cannot be told apart."""
        if not isinstance(value, Outcome | Stay):
            return value
        facts = {name: self._fact(tuple(name.split(".")), one) for name, one in value.facts.items()}
        if isinstance(value, Stay):
            return msgspec.structs.replace(value, facts=facts)
        variables = {
            name: self._vocabulary.value(f"{flow}.{name}", one)
            for name, one in value.variables.items()
        }
        return msgspec.structs.replace(value, facts=facts, variables=variables)

    def anew(self) -> None:
        """Forget what was found while less was told apart."""
        self.learnt = False
        self._runs = {
            key: runs
            for key, runs in self._runs.items()
            if not self._flows.flows[key[0]].steps[key[1]].step.facts()
        }

    def _moment(
        self,
        session: Session,
        secrets: Mapping[str, Secret],
        errors: int,
        depth: int,
        *,
        gone: bool,
    ) -> Moment:
        """Return the state that a session is in, and a session that stands for it."""
        frames = tuple(map(self._frame, session.frames))
        facts = {name: self._fact((name,), value) for name, value in session.facts.items()}
        session = msgspec.structs.replace(
            session, frames=frames, facts=facts, steps_taken=0, failures=0, talked_ms=0
        )
        state = State(
            tuple(
                (
                    one.flow,
                    one.step,
                    tuple(sorted(one.variables.items())),
                    one.guard,
                    frozen(one.form),
                    one.level,
                )
                for one in frames
            ),
            frozen(facts),
            tuple(sorted(secrets)),
            session.language,
            session.auth,
            errors,
            depth if depth <= len(frames) else 0,
            session.hung_up,
            gone or session.hung_up,
        )
        return Moment(state, session, dict(secrets))

    def _frame(self, frame: Frame) -> Frame:
        live = self._vocabulary.live(frame.flow, frame.step)
        variables = {
            name: self._vocabulary.value(f"{frame.flow}.{name}", value)
            for name, value in frame.variables.items()
            if name in live
        }
        form = {name: self._kept(name, value) for name, value in frame.form.items()}
        return msgspec.structs.replace(frame, variables=variables, form=form)

    def _kept(self, name: str, value: Any) -> Any:
        """Return what stands for what a step keeps in its form."""
        if isinstance(value, Mapping):
            return {key: self._kept(f"{name}.{key}", one) for key, one in value.items()}
        return self._vocabulary.value(name, value)

    def _fact(self, path: Where, value: Any) -> Any:
        """Return what stands for a fact: for one that nothing reads, the first that is seen."""
        if isinstance(value, Mapping):
            return {name: self._fact((*path, name), one) for name, one in value.items()}
        if path in self._read or (*path[:-1], ALL) in self._read:
            return self._vocabulary.value(".".join(path), value)
        return self._any.setdefault(path, value)


def _failed(events: list[Event]) -> str:
    return next((event.problem for event in events if isinstance(event, StepFailed)), "")
