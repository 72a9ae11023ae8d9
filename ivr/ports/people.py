"""The channel port, where it joins the caller with other people: at a destination, or in a queue."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from typing import ClassVar, Protocol

from ivr.model.events import CallQueued, CallTransferred, Event
from ivr.model.scripted import Person
from ivr.model.world import Answer, World
from ivr.ports.channel import Exchange
from ivr.ports.line import DialStatus, QueueStatus

GONE = "abandoned"
"""The status of a queue when the caller hung up before a person answered."""
HUNG_UP = "hung_up"
"""The status of a destination when the caller hung up: Asterisk does not say on whom."""

_SOMEBODY = Person.model_validate({"after": "1s", "talks": "1s"})


def _nobody(why: str) -> Person:
    """Return who is there when nobody takes a call, and why."""
    return Person.model_validate({"is": why})


class People(Protocol):
    """Whom a caller's channel can be joined with. Every method raises CallerHungUp."""

    def transfer(self, command: Transfer) -> Awaitable[DialStatus]: ...
    def enqueue(self, command: Enqueue) -> Awaitable[QueueStatus]: ...


class Transfer(Exchange[People, DialStatus], frozen=True):
    """Join the caller with a configured destination."""

    answer: ClassVar[type] = DialStatus
    alike: ClassVar[tuple[str, ...]] = ("destination",)
    destination: str
    ring_ms: int

    def perform(self, port: People) -> Awaitable[DialStatus]:
        return port.transfer(self)

    def as_event(self, answer: DialStatus) -> Event:
        return CallTransferred(self.destination, answer)

    def as_event_if_gone(self, *, talked: bool) -> Event:
        return CallTransferred(self.destination, DialStatus.ANSWERED if talked else HUNG_UP)

    def answers(self, world: World) -> Iterator[Answer]:
        for status, (person, ms) in {
            DialStatus.ANSWERED: (_SOMEBODY, 2_000),
            DialStatus.NO_ANSWER: (None, self.ring_ms),
            DialStatus.BUSY: (_nobody("busy"), 1_000),
            DialStatus.UNAVAILABLE: (_nobody("unavailable"), 1_000),
        }.items():
            yield Answer(value=status, ms=ms, person=(self.destination, person))
        yield from self.failures()


class Enqueue(Exchange[People, QueueStatus], frozen=True):
    """Let the caller wait in a configured queue for at most `timeout_ms`."""

    answer: ClassVar[type] = QueueStatus
    alike: ClassVar[tuple[str, ...]] = ("queue",)
    queue: str
    timeout_ms: int
    priority: int = 0

    def perform(self, port: People) -> Awaitable[QueueStatus]:
        return port.enqueue(self)

    def as_event(self, answer: QueueStatus) -> Event:
        return CallQueued(self.queue, answer)

    def as_event_if_gone(self, *, talked: bool) -> Event:
        return CallQueued(self.queue, QueueStatus.SERVED if talked else GONE)

    def answers(self, world: World) -> Iterator[Answer]:
        for status, (person, ms) in {
            QueueStatus.SERVED: (_SOMEBODY, 2_000),
            QueueStatus.TIMEOUT: (None, self.timeout_ms),
            QueueStatus.FULL: (_nobody("full"), 1_000),
            QueueStatus.EMPTY: (_nobody("empty"), 1_000),
        }.items():
            yield Answer(value=status, ms=ms, person=(self.queue, person))
        for status in (QueueStatus.WITHDRAWN, QueueStatus.KEY):
            yield Answer(value=status, sure=False)
        yield from self.failures()
