"""From a way through the states to a scripted caller who goes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from ivr.engine.prove.graph import Exchange
from ivr.engine.prove.space import Space
from ivr.engine.prove.violation import Way
from ivr.model.prompt import Audible, Prompted
from ivr.model.scripted import (
    Action,
    Expectations,
    Fault,
    HangsUp,
    Hears,
    Person,
    Presses,
    Remembered,
    Says,
    ScriptedCaller,
    Waits,
)

_SLACK_MS = 200
"""How much later than it could be a caller acts who waits for no prompt."""
_LONGEST_ROUND = 12
_WORTH_FOLDING = 4


class NotShown(Exception):
    """No one call can go this way: it wants two things of the world at once."""


class _World:
    """What the world must be like for a way."""

    def __init__(self) -> None:
        self.at: datetime | None = None
        self.ani: str | None = None
        self.people: dict[str, Person | None] = {}
        self.profiles: dict[str, Remembered] = {}
        self.faults: dict[str, Fault] = {}
        self._asked: dict[str, int] = {}

    def take(self, one: Exchange) -> None:
        """Add what an answer needs. Raises NotShown."""
        answer, port = one.answer, one.command.port
        if answer.at is not None:
            self.at = self._same(self.at, answer.at)
        if answer.ani is not None:
            self.ani = self._same(self.ani, answer.ani)
        if answer.person is not None:
            name, person = answer.person
            if self.people.setdefault(name, person) != person:
                raise NotShown
        if answer.remembered is not None:
            customer, remembered = answer.remembered
            if self.profiles.setdefault(customer, remembered) != remembered:
                raise NotShown
        if one.command.instant or port == "channel":
            return
        well = self._asked.get(port, 0)
        self._asked[port] = well + 1
        fault = self.faults.get(port)
        if fault is not None and (answer.fault is None or answer.fault.fails != fault.fails):
            raise NotShown
        if answer.fault is not None and fault is None:
            self.faults[port] = answer.fault.model_copy(update={"well": well})

    def _same(self, before: Any, now: Any) -> Any:
        if before not in (None, now):
            raise NotShown
        return now


def scripted(
    space: Space, way: Way, number: str, what: str, expects: Expectations
) -> ScriptedCaller:
    """Return the caller who goes a way. Raises NotShown."""
    world = _World()
    talk = list(_talk(space, way))
    for exchange in talk:
        world.take(exchange)
    people = {name: person for name, person in world.people.items() if person is not None}
    return ScriptedCaller(
        caller=what,
        calls=number,
        ani=world.ani or "",
        at=world.at,
        faults=world.faults,
        people=people,
        profiles=world.profiles,
        script=tuple(_actions(talk)),
        expects=expects,
    )


def keys(space: Space, way: Way) -> str:
    """Return what a caller presses on a way, in order; `…` stands for silence."""
    said: list[str] = []
    for at, leg in enumerate(way.legs):
        if leg.exit is None and way.trail[at] == way.trail[at + 1]:
            said.append("(no key until the level expires)")
        said += _said(space.exchanges(leg))
    said += _said(way.tail)
    return " ".join(_folded(said))


def _said(talk: Iterable[Exchange]) -> Iterator[str]:
    for command, answer in talk:
        if answer.speaks_ms:
            yield "(speaks)"
        if answer.keys:
            yield answer.keys
        elif command.asks_caller and not answer.actions:
            yield "…"
        if answer.hangs_up:
            yield "(hangs up)"


def _folded(said: Sequence[str]) -> Iterator[str]:
    """Yield what was said, `(1 …)×50` for what was said fifty times over."""
    at = 0
    while at < len(said):
        size, times = max(
            ((size, _times(said, at, size)) for size in range(1, _LONGEST_ROUND)),
            key=lambda found: (found[0] * (found[1] - 1), -found[0]),
        )
        if times < _WORTH_FOLDING:
            yield said[at]
            at += 1
        else:
            part = " ".join(said[at : at + size])
            yield f"({part})×{times}"
            at += size * times


def _times(said: Sequence[str], at: int, size: int) -> int:
    """Return how often the next `size` words follow each other."""
    part, times = said[at : at + size], 1
    while len(part) == size and said[at + times * size : at + (times + 1) * size] == part:
        times += 1
    return times


def _talk(space: Space, way: Way) -> Iterator[Exchange]:
    """Yield all that is said and done."""
    for leg in way.legs:
        yield from space.exchanges(leg)
    yield from way.tail


def _actions(talk: Sequence[Exchange]) -> Iterator[Action]:
    """Yield what the caller does: acts when a prompt begins, or so long after the last thing."""
    waited = 0
    for command, answer in talk:
        heard = _first(command.heard())
        if heard:
            yield Hears(hears=heard)
            waited = 0
        acts = bool(answer.actions)
        if acts and waited:
            yield Waits(waits=f"{waited + _SLACK_MS}ms")
            waited = 0
        if answer.speaks_ms:
            yield Says(says="a message", takes=f"{answer.speaks_ms}ms")
        if answer.keys:
            yield Presses(presses=answer.keys)
        if answer.hangs_up:
            yield HangsUp(hangs_up=True)
        waited += answer.ms


def _first(prompts: Sequence[Audible]) -> str:
    """Return the first prompt of a sequence; empty when it begins with a value: which is not known."""
    one = next(iter(prompts), None)
    return one.id if isinstance(one, Prompted) else ""
