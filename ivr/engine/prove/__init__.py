"""`ivr prove`: every way that a call can go, through the real interpreter and the real steps.

`states` and `script` find what follows what; `space` explores it all; `ends`, `steps` and `help` look
for what must not be; `witness` makes a scripted caller of it.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import msgspec

from ivr.engine.prove import ends, steps
from ivr.engine.prove.help import Help
from ivr.engine.prove.space import Progress, Space
from ivr.engine.prove.states import Visits
from ivr.engine.prove.violation import Proving, Violation
from ivr.engine.prove.vocabulary import Vocabulary
from ivr.model.flow import FlowSet
from ivr.model.limits import Limits
from ivr.model.session import Session
from ivr.model.world import World

PROPERTIES = (*steps.PROPERTIES, *ends.PROPERTIES)


_MADE = 100_000
"""How many objects are made before those that hold each other are looked for, while calls are explored:
nearly all of them last, and to look every 700, as Python does, takes a fifth of the time."""


class Proved(msgspec.Struct, frozen=True):
    """What came of it: the space that was explored, and the cheapest violation of each kind at each
    step. `farthest_ms` is how far help is at most, from a question."""

    space: Space
    violations: tuple[Violation, ...]


def prove(
    flow_set: FlowSet,
    beginnings: Iterable[Session],
    world: World,
    limits: Limits,
    *,
    failures: int,
    within_ms: int,
    progress: Progress | None = None,
) -> Proved:
    """Explore all calls that begin so, and look for what must not be. Raises TooLarge."""
    vocabulary = Vocabulary(flow_set)
    world = msgspec.structs.replace(
        world, texts=vocabulary.texts, numbers=vocabulary.numbers, amounts=vocabulary.amounts
    )
    space = Space(Visits(flow_set, world, vocabulary, limits.depth, limits.errors))
    with _collecting_rarely():
        space.explore(beginnings, progress)
    near = Help(space, failures)
    proving = Proving(flow_set, space, near, failures, within_ms, limits.steps)
    found: dict[tuple[str, str, str], Violation] = {}
    for look in PROPERTIES:
        for violation in look(proving):
            key = (violation.code, violation.flow, violation.step)
            known = found.get(key)
            if known is None or _cost(violation) < _cost(known):
                found[key] = violation
    return Proved(space, tuple(sorted(found.values(), key=_order)))


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    usual = gc.get_threshold()
    gc.set_threshold(_MADE, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _cost(violation: Violation) -> tuple[int, ...]:
    return tuple(violation.way.cost) if violation.way is not None else ()


def _order(violation: Violation) -> tuple[str, str, str]:
    return violation.code, violation.flow, violation.step
