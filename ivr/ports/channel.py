"""The channel port: talking with the caller, in whole exchanges.

How the channel joins the caller with other people is in `ivr.ports.people`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from datetime import datetime
from typing import ClassVar, Protocol, TypeVar

import msgspec

from ivr.model.commands import Command, Instant
from ivr.model.digits import MAX_DIGITS, Gather, Grammar, Status
from ivr.model.errors import CallerHungUp, PortError
from ivr.model.events import DigitsCollected, Event, MessageRecorded, PromptPlayed
from ivr.model.prompt import Audible, BargeIn, Prompted
from ivr.model.scripted import KEY_APART_MS
from ivr.model.secret import Secret
from ivr.model.world import Answer, World
from ivr.ports.line import LineRecording, RecordEnd

P = TypeVar("P")
R = TypeVar("R")

_DIGITS = "5820369147" * (MAX_DIGITS // 10 + 1)
_SECRET_DIGITS = "7391468205" * (MAX_DIGITS // 10 + 1)
"""What a caller of a proof keys: nowhere may the digits of a secret be found again."""
_SPEAKS_MS = 2_000
"""How long a caller of a proof speaks who says something."""


class Played(msgspec.Struct, frozen=True):
    """A prompt was played, to its end or until a key cut it short."""

    interrupted: bool


class Collected(msgspec.Struct, frozen=True, omit_defaults=True):
    """An entry. `digits` is what was keyed, or empty when it is in `secret`.

    `keyed` is the number of keys pressed, which may be told where digits may not. `first_ms` is how
    long the line waited for the first key, from the end of the prompts (None where it was pressed
    before, or never); `gap_ms` the longest wait for a further key (None where there was none), or
    the timer where that cut the entry short. The rhythm of a secret is a hint at it: no key of one
    is ever timed.
    """

    status: Status
    digits: str = ""
    secret: Secret | None = None
    keyed: int = 0
    first_ms: int | None = None
    gap_ms: int | None = None


def names(prompts: tuple[Audible, ...]) -> tuple[str, ...]:
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
    def hang_up(self) -> Awaitable[None]: ...
    def attend(self, work: Awaitable[R]) -> Awaitable[R]: ...


class Exchange(Command[P, R], frozen=True):
    """A command that the caller may hang up in."""

    port: ClassVar[str] = "channel"

    def failures(self) -> Iterator[Answer]:
        error = CallerHungUp("the caller hung up, as in a proof")
        yield Answer(error=error, actions=1, hangs_up=True, gone=True)


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


class Play(Exchange[Channel, Played], frozen=True):
    """Play prompts. `flush` forgets keys pressed before and meanwhile (error prompts, read-backs)."""

    answer: ClassVar[type] = Played
    prompts: tuple[Audible, ...]
    bargein: BargeIn = BargeIn.ANY
    flush: bool = False

    def perform(self, port: Channel) -> Awaitable[Played]:
        return port.play(self)

    def presumed(self, now: datetime) -> Played:
        return Played(interrupted=False)

    def heard(self) -> tuple[Audible, ...]:
        return self.prompts

    def as_event(self, answer: Played) -> Event:
        return PromptPlayed(names(self.prompts), answer.interrupted)

    def answers(self, world: World) -> Iterator[Answer]:
        ms = world.ms(self.prompts)
        yield Answer(value=Played(interrupted=False), ms=ms, patient_ms=ms)
        yield from self.failures()


class Collect(Exchange[Channel, Collected], frozen=True):
    """Play prompts and read one entry by `grammar`.

    `timeout_ms` runs from the end of the prompts to the first key, `interdigit_ms` from each key
    to the next. `flush` forgets keys typed ahead. A `secret` entry comes back as a Secret; `what` it is
    (pin, code, pan …) may be told, and how many keys it has so far.
    """

    answer: ClassVar[type] = Collected
    asks_caller: ClassVar[bool] = True
    prompts: tuple[Audible, ...]
    grammar: Grammar
    timeout_ms: int
    interdigit_ms: int
    bargein: BargeIn = BargeIn.ANY
    flush: bool = False
    secret: bool = False
    what: str = ""

    def perform(self, port: Channel) -> Awaitable[Collected]:
        return port.collect(self)

    def heard(self) -> tuple[Audible, ...]:
        return self.prompts

    def keyed(self, answer: Collected) -> str:
        return answer.digits

    def as_event(self, answer: Collected) -> Event:
        return DigitsCollected(answer.status, answer.keyed, names(self.prompts))

    def answers(self, world: World) -> Iterator[Answer]:
        heard = world.ms(self.prompts)
        examples = (
            self.grammar.examples(world.secrets, _SECRET_DIGITS)
            if self.secret
            else self.grammar.examples(world.entries, _DIGITS, world.compared)
        )
        for keys in dict.fromkeys(examples):
            yield self._keyed(keys, heard)
        yield from self.failures()
        if self.secret:
            refused = PortError(self.port, "it may not be keyed now, as in a proof")
            yield Answer(error=refused, sure=False)

    def _keyed(self, keys: str, heard_ms: int) -> Answer:
        """Return what comes of pressing these keys, and no more."""
        gather = Gather(self.grammar)
        status = None
        for key in keys:
            status = gather.press(key)
        took = KEY_APART_MS * len(keys)
        if status is None:
            status = gather.expire()
            took += self.interdigit_ms if keys else self.timeout_ms
        cut = keys and (
            self.bargein is BargeIn.ANY
            or (self.bargein is BargeIn.VALID and Gather(self.grammar).begins(keys[0]))
        )
        value = Collected(
            status,
            "" if self.secret else gather.entry,
            Secret("".join(filter(str.isdecimal, gather.entry))) if self.secret else None,
            len(keys),
        )
        return Answer(
            value=value,
            actions=len(keys),
            keys=keys,
            ms=took if cut else heard_ms + took,
            patient_ms=heard_ms + took,
            failure=not status.complete and status not in (Status.CANCELLED, Status.BACK),
        )


class Record(Exchange[Channel, LineRecording], frozen=True):
    """Record the caller under `name`, after a beep, until a stop key, silence or `max_ms`."""

    answer: ClassVar[type] = LineRecording
    alike: ClassVar[tuple[str, ...]] = ()
    asks_caller: ClassVar[bool] = True
    name: str
    max_ms: int
    silence_ms: int
    stop_keys: str = "#"

    def perform(self, port: Channel) -> Awaitable[LineRecording]:
        return port.record(self)

    def as_event(self, answer: LineRecording) -> Event:
        return MessageRecorded(self.name, answer.ms)

    def answers(self, world: World) -> Iterator[Answer]:
        said, most, quiet = min(_SPEAKS_MS, self.max_ms), self.max_ms, self.silence_ms
        nothing = LineRecording(0, RecordEnd.SILENCE)
        yield Answer(value=nothing, ms=quiet, patient_ms=quiet, failure=True)
        for value, speaks, takes in (
            (LineRecording(said, RecordEnd.SILENCE), said, said + quiet),
            (LineRecording(most, RecordEnd.TIMEOUT), most, most),
        ):
            yield Answer(value=value, actions=1, speaks_ms=speaks, ms=takes, patient_ms=takes)
        for key in self.stop_keys:
            pressed = LineRecording(0, RecordEnd.KEY, key)
            yield Answer(value=pressed, actions=1, keys=key, failure=True)
            spoken = LineRecording(said, RecordEnd.KEY, key)
            yield Answer(
                value=spoken, actions=2, speaks_ms=said, keys=key, ms=said, patient_ms=said
            )
        for ms in (0, said):
            left = LineRecording(ms, RecordEnd.HANGUP)
            yield Answer(
                value=left,
                actions=2 if ms else 1,
                speaks_ms=ms,
                ms=ms,
                patient_ms=ms,
                hangs_up=True,
                gone=True,
            )


class Hangup(Command[Channel, None], frozen=True):
    """End the caller's call."""

    port: ClassVar[str] = "channel"

    def perform(self, port: Channel) -> Awaitable[None]:
        return port.hang_up()

    def failures(self) -> Iterator[Answer]:
        yield from ()
