"""The journal of a call: every command with its answer, enough to run the call again.

One entry is one JSON line. A secret is written as its length only; on replay (`ivr.engine.replay`)
it is a Secret of that many zeros, whose fate the journalled answer of the port tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from ivr.model.commands import Command
from ivr.model.errors import CallerHungUp, OneCallError, PortError
from ivr.model.events import Event
from ivr.model.secret import Secret
from ivr.model.session import Session


class JournalError(OneCallError):
    """A journal is damaged, or another OneCall's."""


class Sink(Protocol):
    """Where journals go: one encoded entry at a time, in order."""

    def append(self, call_id: str, entry: bytes) -> None: ...


class Began(msgspec.Struct, frozen=True, tag="began"):
    """The call began, or came back, with this session."""

    at_ms: int
    session: Session


class Answered(msgspec.Struct, frozen=True, tag="answered"):
    """A command was answered."""

    at_ms: int
    command: msgspec.Raw
    answer: msgspec.Raw


class _Answer(msgspec.Struct, frozen=True, tag="answered"):
    """An Answered as it is written: encoded in one go."""

    at_ms: int
    command: Any
    answer: Any


class Raised(msgspec.Struct, frozen=True, tag="raised"):
    """A command failed: `hangup`, `deadline`, or a port's `problem`."""

    at_ms: int
    command: msgspec.Raw
    error: str
    port: str = ""
    problem: str = ""
    retryable: bool = False
    talked: bool = False


Entry = Began | Answered | Raised


def _mask(value: Any) -> int:
    if isinstance(value, Secret):
        return len(value)
    raise TypeError(f"{type(value).__name__} cannot be journalled")


_ENCODER = msgspec.json.Encoder(enc_hook=_mask)
_ENTRIES: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)


class JournalRecorder:
    """Writes a call's journal and reports the events its answers mean.

    `elapsed_ms` is monotonic, from any origin.
    """

    def __init__(
        self,
        session: Session,
        sink: Sink,
        elapsed_ms: Callable[[], int],
        emit: Callable[[str, Event], None],
    ) -> None:
        self._call_id = session.call_id
        self._sink = sink
        self._elapsed_ms = elapsed_ms
        self._emit = emit
        self._write(Began(elapsed_ms(), session))

    def answered(self, command: Command[Any, Any], answer: Any) -> None:
        """Record an answer."""
        if not command.journalled:
            return
        self._write(_Answer(self._elapsed_ms(), command, answer))
        self._report(command.as_event(answer))

    def raised(self, command: Command[Any, Any], error: Exception) -> None:
        """Record a failure."""
        raw = msgspec.Raw(encode(command))
        at = self._elapsed_ms()
        if isinstance(error, PortError):
            self._write(Raised(at, raw, "port", error.port, error.problem, error.retryable))
        else:
            self._gone(command, error, Raised(at, raw, "deadline", problem=str(error)))

    def _gone(self, command: Command[Any, Any], error: Exception, entry: Raised) -> None:
        if not isinstance(error, CallerHungUp):
            self._write(entry)
            return
        self._write(replace(entry, error="hangup", talked=error.talked))
        self._report(command.as_event_if_gone(talked=error.talked))

    def _report(self, event: Event | None) -> None:
        if event is not None:
            self._emit(self._call_id, event)

    def _write(self, entry: Entry | _Answer) -> None:
        self._sink.append(self._call_id, encode(entry))


def encode(value: Any) -> bytes:
    """Write a command or an entry; a secret is its length."""
    return _ENCODER.encode(value)


def decode(entries: Iterable[bytes]) -> Iterator[Entry]:
    """Read entries. Raises JournalError for what is none."""
    for entry in entries:
        try:
            yield _ENTRIES.decode(entry)
        except msgspec.DecodeError as error:
            raise JournalError(f"an entry of its journal cannot be read: {error}") from error
