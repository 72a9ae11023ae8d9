"""Commands: what steps ask of the world, as data.

A step is a generator that yields commands and is sent their typed answers:

    balance = yield from ask(GetBalance(account))

Which port a command goes to, and how that port is called, is known to the command itself,
so no driver needs a dispatch table.
"""

from __future__ import annotations

from collections.abc import Awaitable, Generator, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar, cast

import msgspec

from ivr.model.errors import OneCallError, PortError, PortTimeout
from ivr.model.events import Event
from ivr.model.prompt import Audible
from ivr.model.scripted import Fault
from ivr.model.world import Answer, World, classes

P = TypeVar("P")
R = TypeVar("R")
Script = Generator["Command[Any, Any]", Any, R]
"""A generator of commands that ends with an R."""

LONGEST_MS = 3_000
"""How long a caller waits for a port that does not answer."""


class Unknowable(OneCallError):
    """Nobody can know what a command would have been answered."""


class Command(msgspec.Struct, Generic[P, R], frozen=True, tag=True):
    """Something to ask of a port `P`, answered with an `R`.

    `port` names the port in a driver's table; `answer` is the type of the answer, by which a
    journal is read back; `instant` commands are answered at once and never wait.
    """

    port: ClassVar[str]
    answer: ClassVar[Any] = None
    instant: ClassVar[bool] = False
    journalled: ClassVar[bool] = True
    asks_caller: ClassVar[bool] = False
    """Whether the answer is the caller's choice, and not the world's."""
    steady: ClassVar[bool] = False
    """Whether it is answered alike when it is asked twice in one step."""
    level: ClassVar[int] = 0
    """The auth level without which it may not be asked: it moves money, or tells of it."""
    compared: ClassVar[str] = ""
    """The name by which flows compare a text of the answer. A field of a struct has its own; without any
    name, a text may be whatever flows write."""
    alike: ClassVar[tuple[str, ...] | None] = None
    """The fields in which another command must be the same to have had the same answer; None: all."""

    def perform(self, port: P) -> Awaitable[R]:
        """Call the port."""
        raise NotImplementedError

    def as_event(self, answer: R) -> Event | None:
        """Return what this command and its answer mean for audit and reports."""
        return None

    def answers(self, world: World) -> Iterable[Answer]:
        """Return every class of answers, and of errors, that this command can get."""
        known = list(world.answers_to(self))
        for one in known:
            yield Answer(value=one.answer, ani=one.ani)
        sure = not world.knows(self)
        for value in classes(self.answer, world, self.compared):
            if all(value != one.answer for one in known):
                yield Answer(value=value, sure=sure)
        yield from self.failures()

    def failures(self) -> Iterator[Answer]:
        """Return how asking may fail: with an error, or with no answer in time."""
        if not self.instant:
            failing = PortError(self.port, "it fails, as in a proof")
            yield Answer(error=failing, fault=Fault(fails=True))
            late = PortTimeout(self.port, LONGEST_MS)
            ms = LONGEST_MS
            yield Answer(error=late, ms=ms, patient_ms=ms, fault=Fault(times_out=True))

    def presumed(self, now: datetime) -> R:
        """Return what it would have been answered in a call that never asked it, `now` being the
        time then, if anybody can know. Raises Unknowable."""
        if self.answer is not None:
            raise Unknowable(f"asks {type(self).__name__}, which was not asked then")
        return cast(R, None)

    def heard(self) -> Sequence[Audible]:
        """Return what the caller hears of it."""
        return ()

    def keyed(self, answer: R) -> str:
        """Return what the caller keyed, where it may be told."""
        return ""

    def as_event_if_gone(self, *, talked: bool) -> Event | None:
        """Return what it means that the caller hung up before there was an answer; `talked`: to a
        person who had taken the call."""
        return None


class Instant(Command[P, R], frozen=True):
    """A command that a port answers at once, without waiting: no caller is kept for it."""

    instant: ClassVar[bool] = True

    def perform_now(self, port: P) -> R:
        """Call the port."""
        raise NotImplementedError


def ask(command: Command[Any, R]) -> Script[R]:
    """Yield one command and return its answer, typed."""
    answer: R = yield command
    return answer
