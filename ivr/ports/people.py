"""The channel port, where it joins the caller with other people: at a destination, or in a queue."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from typing import ClassVar, Protocol

import msgspec

from ivr.model.events import CallTransferred, Event, PromptPlayed
from ivr.model.prompt import Audible
from ivr.model.scripted import Person
from ivr.model.world import Answer, World
from ivr.ports.channel import Exchange, names
from ivr.ports.line import DialStatus

HUNG_UP = "hung_up"
"""The status of a destination when the caller hung up: Asterisk does not say on whom."""

_SOMEBODY = Person.model_validate({"after": "1s", "talks": "1s"})


def _nobody(why: str) -> Person:
    """Return who is there when nobody takes a call, and why."""
    return Person.model_validate({"is": why})


class People(Protocol):
    """Whom a caller's channel can be joined with. Every method raises CallerHungUp."""

    def transfer(self, command: Transfer) -> Awaitable[DialStatus]: ...
    def linger(self, command: Linger) -> Awaitable[Lingered]: ...
    def ring(self, command: RingAgent) -> Awaitable[DialStatus]: ...
    def meet(self, command: Meet) -> Awaitable[DialStatus]: ...


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


class Lingered(msgspec.Struct, frozen=True, omit_defaults=True):
    """Waiting is over: by a `key`, if any; `cut` before all was said that was to be."""

    key: str = ""
    cut: bool = False


class Linger(Exchange[People, Lingered], frozen=True):
    """Tell `prompts` and wait with music until the port `waiting` has something new, at most
    `within_ms`, or until a key is pressed. What is new is not kept waiting by what is told. `keys` are
    those that mean something."""

    answer: ClassVar[type] = Lingered
    alike: ClassVar[tuple[str, ...]] = ()
    asks_caller: ClassVar[bool] = True
    call_id: str
    within_ms: int
    keys: str = ""
    prompts: tuple[Audible, ...] = ()

    def perform(self, port: People) -> Awaitable[Lingered]:
        return port.linger(self)

    def heard(self) -> tuple[Audible, ...]:
        return self.prompts

    def keyed(self, answer: Lingered) -> str:
        return answer.key

    def as_event(self, answer: Lingered) -> Event | None:
        return PromptPlayed(names(self.prompts), answer.cut) if self.prompts else None

    def answers(self, world: World) -> Iterator[Answer]:
        ms = world.ms(self.prompts)
        yield Answer(value=Lingered(), ms=ms, patient_ms=ms, sure=False)
        for key in self.keys:
            cut = bool(self.prompts)
            yield Answer(value=Lingered(key, cut), actions=1, keys=key, patient_ms=ms)
        yield from self.failures()


class RingAgent(Exchange[People, DialStatus], frozen=True):
    """Ring an agent's telephone and join it with the caller, who hears music until then.

    `record` names the file that the conversation is recorded in, if it is.
    """

    answer: ClassVar[type] = DialStatus
    alike: ClassVar[tuple[str, ...]] = ()
    call_id: str
    endpoint: str
    ring_ms: int
    record: str = ""

    def perform(self, port: People) -> Awaitable[DialStatus]:
        return port.ring(self)

    def answers(self, world: World) -> Iterator[Answer]:
        yield from (Answer(value=status, sure=False) for status in DialStatus)
        yield from self.failures()


class Meet(Exchange[People, DialStatus], frozen=True):
    """Join the caller with a channel that is up."""

    answer: ClassVar[type] = DialStatus
    alike: ClassVar[tuple[str, ...]] = ()
    channel: str

    def perform(self, port: People) -> Awaitable[DialStatus]:
        return port.meet(self)

    def answers(self, world: World) -> Iterator[Answer]:
        for status in (DialStatus.ANSWERED, DialStatus.UNAVAILABLE):
            yield Answer(value=status, sure=False)
        yield from self.failures()
