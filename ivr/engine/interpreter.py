"""The interpreter: runs a call from its beginning, or from where it was lost, to its end.

It is a generator like the steps it runs: it yields commands and is sent answers, so that the same
code runs against Asterisk, in the simulator, in the prover and from a journal.
"""

from __future__ import annotations

from contextlib import suppress

from ivr.centre.customers import customer_number
from ivr.engine.frames import here
from ivr.engine.walk import Walk
from ivr.model.commands import Script
from ivr.model.errors import CallerHungUp, Unhandled
from ivr.model.events import CallEnded, CallResumed, CallStarted
from ivr.model.flow import FlowSet
from ivr.model.limits import Limits
from ivr.model.prompt import BargeIn, Prompted
from ivr.model.session import Session
from ivr.ports.channel import Play, SetLanguage
from ivr.ports.events import Emit

FAILED = "failed"
"""The reason of a call that ended with Unhandled."""
REPEAT = "sorry-repeat"
"""Heard by a caller whose step begins again after a lost connection."""


class Interpreter:
    """Runs calls on one published set of flows."""

    def __init__(self, flows: FlowSet, limits: Limits | None = None) -> None:
        self.flows = flows
        self.limits = limits or Limits()

    def run(self, session: Session) -> Script[str]:
        """Run a call from where its session is; return why it ended.

        Raises Unhandled when a step fails and no handler takes it.
        """
        walk = Walk(self.flows, self.limits, session)
        yield from _begin(self.flows, session)
        reason: str | None = None
        try:
            while reason is None:
                reason = yield from walk.visit()
        except Unhandled:
            yield Emit(session.call_id, _ended(FAILED, walk))
            raise
        yield Emit(session.call_id, _ended(reason, walk))
        return reason


def _ended(reason: str, walk: Walk) -> CallEnded:
    return CallEnded(reason, customer_number(walk.session) or "")


def _begin(flows: FlowSet, session: Session) -> Script[None]:
    """Tell that the call has begun, or goes on; then the caller hears why something is repeated."""
    yield SetLanguage(session.language)
    frame = session.frame
    if not session.resumed:
        started = CallStarted(
            session.dnis, session.ani, session.version, frame.flow, session.language
        )
        yield Emit(session.call_id, started)
        return
    yield Emit(session.call_id, CallResumed(frame.flow, frame.step))
    _, node = here(flows, session)
    if node.step.conversation:
        return  # nothing is repeated: it goes on with the people there
    # A caller who is gone already is noticed by the step that begins again.
    with suppress(CallerHungUp):
        yield Play((Prompted(REPEAT),), bargein=BargeIn.ANY)
