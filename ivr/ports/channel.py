"""The channel port: talking with the caller, in whole exchanges."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import ClassVar, Protocol, TypeVar

import msgspec

from ivr.model.commands import Command, Instant
from ivr.model.digits import Grammar, Status
from ivr.model.events import (
    CallQueued,
    CallTransferred,
    DigitsCollected,
    Event,
    MessageRecorded,
    PromptPlayed,
)
from ivr.model.prompt import Audible, BargeIn, Prompted
from ivr.model.secret import Secret
from ivr.ports.line import DialStatus, LineRecording, QueueStatus

R = TypeVar("R")

GONE = "abandoned"
"""The status of a queue or a destination when the caller hung up there."""


class Played(msgspec.Struct, frozen=True):
    """A prompt was played, to its end or until a key cut it short."""

    interrupted: bool


class Collected(msgspec.Struct, frozen=True):
    """An entry. `digits` is what was keyed, or empty when it is in `secret`.

    `keyed` is the number of keys pressed, which may be told where digits may not.
    """

    status: Status
    digits: str = ""
    secret: Secret | None = None
    keyed: int = 0


def _names(prompts: tuple[Audible, ...]) -> tuple[str, ...]:
    """Name what was heard, without the values that were spoken."""
    return tuple(item.id if isinstance(item, Prompted) else item.kind for item in prompts)


class Channel(Protocol):
    """What the engine asks of a caller's channel. Every method raises CallerHungUp."""

    def begin_step(self, deadline_ms: int) -> None: ...
    def set_language(self, language: str) -> None: ...
    def flush(self) -> None: ...
    def play(self, command: Play) -> Awaitable[Played]: ...
    def collect(self, command: Collect) -> Awaitable[Collected]: ...
    def record(self, command: Record) -> Awaitable[LineRecording]: ...
    def transfer(self, command: Transfer) -> Awaitable[DialStatus]: ...
    def enqueue(self, command: Enqueue) -> Awaitable[QueueStatus]: ...
    def hang_up(self) -> Awaitable[None]: ...
    def attend(self, work: Awaitable[R]) -> Awaitable[R]: ...


class BeginStep(Instant[Channel, None], frozen=True):
    """A step begins, and may take `deadline_ms`."""

    port: ClassVar[str] = "channel"
    journalled: ClassVar[bool] = False
    deadline_ms: int

    def perform_now(self, port: Channel) -> None:
        port.begin_step(self.deadline_ms)


class SetLanguage(Instant[Channel, None], frozen=True):
    """Speak this language from now on."""

    port: ClassVar[str] = "channel"
    language: str

    def perform_now(self, port: Channel) -> None:
        port.set_language(self.language)


class Flush(Instant[Channel, None], frozen=True):
    """Forget the keys typed ahead."""

    port: ClassVar[str] = "channel"

    def perform_now(self, port: Channel) -> None:
        port.flush()


class Play(Command[Channel, Played], frozen=True):
    """Play prompts. `flush` forgets keys pressed before and meanwhile (error prompts, read-backs)."""

    port: ClassVar[str] = "channel"
    answer: ClassVar[type] = Played
    prompts: tuple[Audible, ...]
    bargein: BargeIn = BargeIn.ANY
    flush: bool = False

    def perform(self, port: Channel) -> Awaitable[Played]:
        return port.play(self)

    def as_event(self, answer: Played) -> Event:
        return PromptPlayed(_names(self.prompts), answer.interrupted)


class Collect(Command[Channel, Collected], frozen=True):
    """Play prompts and read one entry by `grammar`.

    `timeout_ms` runs from the end of the prompts to the first key, `interdigit_ms` from each key
    to the next. `flush` forgets keys typed ahead. A `secret` entry comes back as a Secret.
    """

    port: ClassVar[str] = "channel"
    answer: ClassVar[type] = Collected
    prompts: tuple[Audible, ...]
    grammar: Grammar
    timeout_ms: int
    interdigit_ms: int
    bargein: BargeIn = BargeIn.ANY
    flush: bool = False
    secret: bool = False

    def perform(self, port: Channel) -> Awaitable[Collected]:
        return port.collect(self)

    def as_event(self, answer: Collected) -> Event:
        return DigitsCollected(answer.status, answer.keyed, _names(self.prompts))


class Record(Command[Channel, LineRecording], frozen=True):
    """Record the caller under `name`, after a beep, until a stop key, silence or `max_ms`."""

    port: ClassVar[str] = "channel"
    answer: ClassVar[type] = LineRecording
    name: str
    max_ms: int
    silence_ms: int
    stop_keys: str = "#"

    def perform(self, port: Channel) -> Awaitable[LineRecording]:
        return port.record(self)

    def as_event(self, answer: LineRecording) -> Event:
        return MessageRecorded(self.name, answer.ms)


class Transfer(Command[Channel, DialStatus], frozen=True):
    """Join the caller with a configured destination."""

    port: ClassVar[str] = "channel"
    answer: ClassVar[type] = DialStatus
    destination: str
    ring_ms: int

    def perform(self, port: Channel) -> Awaitable[DialStatus]:
        return port.transfer(self)

    def as_event(self, answer: DialStatus) -> Event:
        return CallTransferred(self.destination, answer)

    def as_event_if_gone(self) -> Event:
        return CallTransferred(self.destination, GONE)


class Enqueue(Command[Channel, QueueStatus], frozen=True):
    """Let the caller wait in a configured queue for at most `timeout_ms`."""

    port: ClassVar[str] = "channel"
    answer: ClassVar[type] = QueueStatus
    queue: str
    timeout_ms: int
    priority: int = 0

    def perform(self, port: Channel) -> Awaitable[QueueStatus]:
        return port.enqueue(self)

    def as_event(self, answer: QueueStatus) -> Event:
        return CallQueued(self.queue, answer)

    def as_event_if_gone(self) -> Event:
        return CallQueued(self.queue, GONE)


class Hangup(Command[Channel, None], frozen=True):
    """End the caller's call."""

    port: ClassVar[str] = "channel"

    def perform(self, port: Channel) -> Awaitable[None]:
        return port.hang_up()
