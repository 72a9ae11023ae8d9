"""Cases as callers meet them: one is opened, heard of, or has more words added."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from datetime import datetime
from typing import ClassVar, Protocol

import msgspec

from ivr.model.commands import Command
from ivr.model.events import CaseOpened, Event
from ivr.model.world import LONG_AGO, Answer, World
from ivr.ports.cases import CaseState, NewCase

EXAMPLE = "12345679"
"""The number of a case in a proof."""


class Taken(msgspec.Struct, frozen=True):
    """A case is open: its `number`, and when the customer is answered by, if that is said."""

    number: str
    due: datetime | None = None


class CallersCase(msgspec.Struct, frozen=True):
    """A case of the customer who calls. `auth` is the level from which they may be told of it; `queue` is
    where they reach who owns it, empty: nowhere of its own. `late`: they should have been answered."""

    number: str
    kind: str
    state: CaseState
    opened_at: datetime
    auth: int
    due: datetime | None = None
    answered: bool = False
    late: bool = False
    queue: str = ""


class CallersCases(Protocol):
    """Every method raises PortError. What returns is on the disk."""

    def take(self, new: NewCase) -> Awaitable[Taken]:
        """Open a case, or return the one of this key."""

    def of_customer(self, customer: str) -> Awaitable[tuple[CallersCase, ...]]:
        """Return a customer's cases of which they may be told by telephone, the latest first: those that
        are not closed, and those that were closed lately."""

    def told(self, number: str, call_id: str) -> Awaitable[None]:
        """Note that the customer was told how far a case is, in a call."""

    def add(self, number: str, call_id: str, recording: str) -> Awaitable[bool]:
        """Add recorded words to a case, which is opened again if it is closed; False: there is none."""


class TakeCase(Command[CallersCases, Taken], frozen=True):
    """Open a case."""

    port: ClassVar[str] = "cases"
    answer: ClassVar[type] = Taken
    new: NewCase

    def perform(self, port: CallersCases) -> Awaitable[Taken]:
        return port.take(self.new)

    def as_event(self, answer: Taken) -> Event:
        return CaseOpened(answer.number, self.new.kind)

    def answers(self, world: World) -> Iterator[Answer]:
        yield Answer(value=Taken(EXAMPLE, world.instants[0]), sure=False)
        yield Answer(value=Taken(EXAMPLE), sure=False)
        yield from self.failures()


class CasesOf(Command[CallersCases, tuple[CallersCase, ...]], frozen=True):
    """Which cases has this customer?"""

    port: ClassVar[str] = "cases"
    answer: ClassVar[object] = tuple[CallersCase, ...]
    customer: str

    def perform(self, port: CallersCases) -> Awaitable[tuple[CallersCase, ...]]:
        return port.of_customer(self.customer)

    def answers(self, world: World) -> Iterator[Answer]:
        now = world.instants[0]
        yield Answer(value=())
        queues = {text for name in world.texts if _of_queue(name) for text in world.texts[name]}
        for kind in sorted(world.texts.get("kind", ())):
            case = CallersCase(EXAMPLE, kind, CaseState.OPEN, now, 2, now)
            for queue in ("", *sorted(queues)):
                yield Answer(value=(msgspec.structs.replace(case, queue=queue),), sure=False)
            old = msgspec.structs.replace(case, opened_at=now - LONG_AGO, late=True)
            closed = msgspec.structs.replace(case, state=CaseState.CLOSED, answered=True)
            yield Answer(value=(closed, old), sure=False)
        yield from self.failures()


def _of_queue(name: str) -> bool:
    """Whether flows compare the queue of a case by this name: `<into>_queue` of a `case_status`."""
    return name == "queue" or name.endswith("_queue")


class TellCase(Command[CallersCases, None], frozen=True):
    """The customer was told how far it is."""

    port: ClassVar[str] = "cases"
    answer: ClassVar[object] = None
    number: str
    call_id: str

    def perform(self, port: CallersCases) -> Awaitable[None]:
        return port.told(self.number, self.call_id)


class AddWords(Command[CallersCases, bool], frozen=True):
    """Add recorded words to a case."""

    port: ClassVar[str] = "cases"
    answer: ClassVar[type] = bool
    number: str
    call_id: str
    recording: str

    def perform(self, port: CallersCases) -> Awaitable[bool]:
        return port.add(self.number, self.call_id, self.recording)
