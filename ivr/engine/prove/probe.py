"""Walks of a proof: the real interpreter, told what its steps end with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ivr.engine.prove.graph import Exit
from ivr.engine.walk import Walk
from ivr.model.commands import Command, Script
from ivr.model.events import Event
from ivr.model.flow import Flow, FlowSet, Node
from ivr.model.limits import Limits
from ivr.model.outcome import Transition
from ivr.model.secret import Secret
from ivr.model.session import Session
from ivr.model.world import World
from ivr.ports.clock import Now
from ivr.ports.events import Emit


def run(
    script: Script[Any], world: World, told: Callable[[Event], None] | None = None
) -> str | None:
    """Run what the interpreter itself asks: it waits for nothing. Return what the script returns."""
    answer: Any = None
    while True:
        try:
            command: Command[Any, Any] = script.send(answer)
        except StopIteration as stop:
            reason: str | None = stop.value
            return reason
        answer = world.instants[0] if isinstance(command, Now) else None
        if told is not None and isinstance(command, Emit):
            told(command.event)


class Asking(Exception):
    """The interpreter would run a step now."""

    def __init__(self, *what: Any) -> None:
        super().__init__()
        self.what = what


class Probe(Walk):
    """A walk that has its steps end as they are told to, or else tells which it would run."""

    def __init__(
        self,
        flows: FlowSet,
        limits: Limits,
        session: Session,
        secrets: Mapping[str, Secret],
        errors: int,
        left: Exit | None = None,
    ) -> None:
        super().__init__(flows, limits, session, secrets, errors)
        self._left = left

    def perform(self, flow: Flow, node: Node) -> Script[Transition]:
        yield from ()
        if self._left is None:
            raise Asking(flow, node, self._context(flow, node))
        if self._left.error is not None:
            raise self._left.error.with_traceback(None)
        transition: Transition = self._left.value
        return transition
