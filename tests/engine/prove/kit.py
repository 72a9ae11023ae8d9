"""Small flows, proved without a simulator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ivr.adapters.flowfile.loader import load_files
from ivr.engine.prove import Proved, prove
from ivr.engine.prove.instants import instants
from ivr.engine.prove.witness import keys
from ivr.model.flow import FlowSet
from ivr.model.limits import Limits
from ivr.model.prompt import Audible
from ivr.model.session import Frame
from ivr.model.world import World
from tests.engine.kit import session

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

SOUND = """\
flow: main
numbers: ["95500"]
languages: [en]
start: menu
on: {error: agent}
steps:
  menu:
    menu: {prompt: main, choices: {1: tell, 0: agent}}
    on: {no_input: agent, invalid: agent}
  tell: {say: hello, next: menu}
  agent:
    queue: service
    on: {served: end, timeout: leave, full: leave, empty: leave, closed: leave, overflow: leave}
  leave:
    record: {into: message}
    on: {done: end, no_input: end}
  end: {hangup: completed}
"""


def changed(
    *changes: tuple[str, str], text: str = SOUND, more: Mapping[str, str] | None = None
) -> FlowSet:
    """Return the sound flow with texts replaced, each of which stands there once; `more` files."""
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return load_files({"main.yaml": text, **(more or {})})


def heard_ms(items: Sequence[Audible], language: str) -> int:
    """Every prompt takes two seconds."""
    return 2_000 * len(items)


def proved(
    flow_set: FlowSet, failures: int = 3, within_ms: int = 60_000, steps: int = 30, **world: Any
) -> Proved:
    """Prove calls to the first flow that has a number, or is the first."""
    moments = instants(flow_set.calendars, NOON)
    around = World(heard_ms=heard_ms, **{"instants": moments, **world})
    flow = max(flow_set.flows.values(), key=lambda one: bool(one.numbers))
    frames = (Frame(flow.name, flow.start),)
    begins = [session(flow_set, language=flow.languages[0], ani="", frames=frames)]
    limits = Limits(steps=steps)
    return prove(flow_set, begins, around, limits, failures=failures, within_ms=within_ms)


def found(proof: Proved) -> dict[str, tuple[str, str]]:
    """Return what does not hold: code → (step, the keys that show it)."""
    return {
        one.code.value: (one.step, keys(proof.space, one.way) if one.way else "")
        for one in proof.violations
    }
