"""The world as `ivr prove` sees it: every answer that a command can get, by classes.

What no flow and no step can tell apart is one class, and one answer stands for it.
"""

from __future__ import annotations

import enum
import types
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from ivr.model.prompt import Audible
from ivr.model.scripted import Fault, Person, Remembered
from ivr.model.secret import Secret
from ivr.model.values import Money

EXAMPLE_TEXT = "1"
EXAMPLE_MONEY = Money.of("1234.50")
LONG_AGO = timedelta(days=30)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One class of answers to a command: its `value`, or the `error` that is raised instead.

    `actions` is how much the caller does for it (a key, a word, hanging up: one each), `keys` what is
    keyed, `speaks_ms` how long is spoken, `hangs_up` whether the caller does. It takes `ms` at least,
    and `patient_ms` for a caller who hears prompts to their end. `failure`: the caller failed to
    answer. `gone`: the caller has hung up meanwhile. `fault` and `person` (at that queue or
    destination, or None for nobody) make the simulator answer so, and so does what is `remembered` of
    a customer, if the call comes from `ani` or is `at` a time; not `sure`: it may not.
    """

    value: Any = None
    error: Exception | None = None
    actions: int = 0
    keys: str = ""
    speaks_ms: int = 0
    hangs_up: bool = False
    ms: int = 0
    patient_ms: int = 0
    failure: bool = False
    gone: bool = False
    sure: bool = True
    fault: Fault | None = None
    person: tuple[str, Person | None] | None = None
    remembered: tuple[str, Remembered] | None = None
    ani: str | None = None
    at: datetime | None = None


class Known(msgspec.Struct, frozen=True):
    """What the simulator answers to a command. An empty text or secret in it stands for any, and so
    does None. Where `ani` is given, only a caller from that number is answered so. `answer` may be a
    function, which returns it for the command that is asked."""

    command: Any
    answer: Any
    ani: str | None = None


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What answers can be told apart by, and how long things take.

    `heard_ms` tells how long prompts are in a language; `language` is the call's. `texts` are by the
    name they are compared with; `numbers` and `amounts` those the flows write. `entries` and
    `secrets` are worth keying: a port knows them; `compared` are texts of digits that the flow compares
    with what is keyed. `known` is what the simulator answers: the first
    that fits, and others before it that ask for a calling number. `instants` are moments of every
    state of the calendars. `services` are the ids of what may stand in callers' own menus.
    """

    heard_ms: Callable[[tuple[Audible, ...], str], int]
    language: str = ""
    texts: Mapping[str, Collection[str]] = {}
    numbers: Sequence[int] = ()
    amounts: Sequence[Money] = ()
    entries: Sequence[str] = ()
    secrets: Sequence[str] = ()
    compared: Sequence[str] = ()
    known: Sequence[Known] = ()
    instants: Sequence[datetime] = ()
    services: Sequence[str] = ()

    def ms(self, prompts: tuple[Audible, ...]) -> int:
        """Return how long prompts are in the call's language."""
        return self.heard_ms(prompts, self.language)

    def answers_to(self, command: Any) -> Iterator[Known]:
        """Yield what the simulator may answer to a command, as far as that is known."""
        for one in self.known:
            if type(one.command) is type(command) and _same(one.command, command):
                told = one.answer(command) if callable(one.answer) else one.answer
                yield msgspec.structs.replace(one, answer=told)
                if one.ani is None:
                    return

    def knows(self, command: Any) -> bool:
        """Whether anything is known of commands of this type."""
        return any(type(one.command) is type(command) for one in self.known)


def _same(known: msgspec.Struct, asked: msgspec.Struct) -> bool:
    pairs = zip(msgspec.structs.astuple(known), msgspec.structs.astuple(asked), strict=True)
    return all(
        (not len(mine) or mine.matches(its.reveal()))
        if isinstance(mine, Secret)
        else mine in (None, "", its)
        for mine, its in pairs
    )


def classes(kind: Any, world: World, name: str = "") -> Iterator[Any]:
    """Yield a value of each class of a type. `name` is what a text of it is compared as.

    Of a struct there is one whose fields are all the first of their class, and then each field is
    varied alone.
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        for one in arguments:
            yield from classes(one, world, name)
    elif origin in (tuple, list, Sequence, Collection):
        yield from _several(next(iter(arguments), str), world, name)
    elif origin in (dict, Mapping) or kind in (dict, Mapping):
        yield {}
    elif isinstance(kind, type) and issubclass(kind, enum.Enum):
        yield from kind
    elif isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind is not Money:
        yield from _structs(kind, world)
    else:
        yield from _plain(kind, world, name)


def _plain(kind: Any, world: World, name: str) -> Iterable[Any]:
    if kind in (None, types.NoneType):
        return (None,)
    if kind is bool:
        return (False, True)
    if kind is int:
        return sorted({1, *(near for one in world.numbers for near in (one - 1, one, one + 1))})
    if kind is Money:
        near = (m.minor + d for m in world.amounts for d in (-1, 0, 1))
        return (EXAMPLE_MONEY, *(Money(minor) for minor in sorted(set(near))))
    if kind is datetime:
        return (*world.instants, *(one - LONG_AGO for one in world.instants[:1]))
    every = (text for texts in world.texts.values() for text in texts)
    return (EXAMPLE_TEXT, *sorted(set(world.texts.get(name, ()) if name else every)))


def _several(kind: Any, world: World, name: str) -> Iterator[tuple[Any, ...]]:
    ones = tuple(classes(kind, world, name))
    yield ()
    yield from ((one,) for one in ones)
    if len(ones) > 1:
        yield ones


def _structs(kind: type[msgspec.Struct], world: World) -> Iterator[msgspec.Struct]:
    hints = get_type_hints(kind)
    fields = {
        field.name: tuple(classes(hints[field.name], world, field.name))
        for field in msgspec.structs.fields(kind)
    }
    base = {name: values[0] for name, values in fields.items()}
    yield kind(**base)
    for name, values in fields.items():
        for value in values[1:]:
            yield kind(**{**base, name: value})
