"""The frames of a call: where it is in its flows, and how it comes elsewhere.

Each function that moves a call takes its session and returns the one that is there. All but
`going_on` look flows up and raise Unhandled for one that is not in the published set.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from ivr.model.errors import EvaluationError, LimitExceeded, Unhandled
from ivr.model.flow import AUTHENTICATE, WANTED, Flow, FlowSet, Node
from ivr.model.outcome import Enter, Stay
from ivr.model.session import Frame, Session
from ivr.model.values import Scalar, type_of

Facts = Mapping[str, Scalar | dict[str, Scalar]]


def here(flows: FlowSet, session: Session) -> tuple[Flow, Node]:
    """Return the running flow and its step that is next."""
    frame = session.frame
    flow = _flow(flows, frame.flow)
    node = flow.steps.get(frame.step)
    if node is None:
        raise Unhandled(f"{frame.flow} has no step {frame.step!r}")
    return flow, node


def going_on(session: Session, step: str) -> Session:
    """Go to a step of the running flow; what the one before it kept for itself is forgotten."""
    return session.with_frame(replace(session.frame, step=step, form={}, level=0))


def staying(session: Session, stay: Stay) -> Session:
    """Have the running step run again with what it keeps."""
    form = {**session.frame.form, **stay.changes}
    kept = {name: value for name, value in form.items() if value is not None}
    frame = replace(session.frame, form=kept, level=stay.level)
    return replace(session.with_frame(frame), failures=session.failures + stay.failures)


def jumped(flows: FlowSet, session: Session, flow: str | None, step: str | None) -> Session:
    """Leave the running flow for another one, or go to a step of it."""
    if flow is not None:
        target = _flow(flows, flow)
        # Whoever waits for the flow that is left waits for the one that goes on.
        frame = Frame(flow, step or target.start, {}, session.frame.guard)
        return session.with_frame(frame)
    return session if step is None else going_on(session, step)


def guard(flows: FlowSet, level: int) -> Enter:
    """Return the move to the flow that raises callers, told the level wanted if it accepts that."""
    accepts = _flow(flows, AUTHENTICATE).accepts
    return Enter(AUTHENTICATE, {WANTED: level} if WANTED in accepts else {})


def entered(
    flows: FlowSet,
    session: Session,
    flow: str,
    arguments: Mapping[str, Scalar],
    *,
    depth: int,
    guard: bool,
) -> Session:
    """Enter a subflow; `guard`: to raise the auth level.

    Raises LimitExceeded where flows are `depth` deep already, EvaluationError for an argument of a
    type that the flow does not accept.
    """
    if len(session.frames) >= depth:
        raise LimitExceeded(f"subflows more than {depth} deep")
    called = _flow(flows, flow)
    _fits(f"`{flow}` is called", arguments, called.accepts)
    frame = Frame(flow, called.start, dict(arguments), guard)
    return replace(session, frames=(*session.frames, frame))


def returned(
    flows: FlowSet, session: Session, outcome: str, values: Mapping[str, Scalar]
) -> Session | None:
    """Leave the running flow for the step that called it; None where no step did.

    Raises EvaluationError for a value of a type that the flow does not return.
    """
    declared = _flow(flows, session.frame.flow).returns.get(outcome, {})
    _fits(f"`{outcome}` is returned", values, declared)
    if len(session.frames) == 1:
        return None
    return replace(session, frames=session.frames[:-1])


def handled(flows: FlowSet, session: Session, node: Node, event: str) -> Session | None:
    """Go to the step's, the flow's or a calling flow's handler of an event; None: there is none."""
    target = node.target(event)
    if target is not None:
        return going_on(session, target)
    frames = session.frames
    while frames:
        target = _flow(flows, frames[-1].flow).handlers.get(event)
        if target is not None:
            return going_on(replace(session, frames=frames), target)
        frames = frames[:-1]
    return None


def known(facts: Facts, changes: Facts) -> dict[str, Scalar | dict[str, Scalar]]:
    """Return the facts of a call with changes made: of whole groups, or of one fact in one
    (`customer.matters`)."""
    found = dict(facts)
    for name, value in changes.items():
        group, inside, fact = name.partition(".")
        others = found.get(group)
        if inside and not isinstance(value, dict):
            found[group] = {**(others if isinstance(others, dict) else {}), fact: value}
        else:
            found[name] = value
    return found


def _flow(flows: FlowSet, name: str) -> Flow:
    flow = flows.flows.get(name)
    if flow is None:
        raise Unhandled(f"there is no flow {name!r} in version {flows.version[:12]}")
    return flow


def _fits(what: str, values: Mapping[str, Scalar], types: Mapping[str, str]) -> None:
    """Raise EvaluationError where a value is not of the type that is declared; none fits any."""
    for name, value in values.items():
        wanted = types.get(name)
        if value is not None and wanted is not None and type_of(value) != wanted:
            raise EvaluationError(f"{what} with a {type_of(value)} for `{name}`, not a {wanted}")
