"""Running a call again from its journal, on the flows it ran on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from msgspec.structs import replace

from ivr.engine.interpreter import Interpreter
from ivr.engine.journal import Answered, Began, JournalError, Raised, decode, encode
from ivr.model.commands import Command
from ivr.model.errors import CallerHungUp, OneCallError, PortError, StepDeadline, Unhandled
from ivr.model.events import Event
from ivr.model.flow import FlowSet
from ivr.model.limits import Limits
from ivr.model.secret import Secret
from ivr.model.session import Session
from ivr.ports.events import Emit


class Divergence(OneCallError):
    """A replayed call asked something else than it asked then."""


class Part(msgspec.Struct, frozen=True):
    """What of a call ran on one connection: the session it began with, and what was asked."""

    session: Session
    at_ms: int
    asked: Sequence[Answered | Raised]


class Moment(msgspec.Struct, frozen=True):
    """A command of a call that is run again.

    `answer` is what it was answered with, or the error it raised; `event` what both meant. `at_ms` is
    the time of the latest journal entry, from the origin of its part of the call. Whether it was
    still done is not `certain` after the last entry of a connection that was lost.
    """

    command: Command[Any, Any]
    answer: Any
    event: Event | None
    at_ms: int
    certain: bool = True


def parts(entries: Iterable[bytes]) -> list[Part]:
    """Read a journal: one part a connection. Raises JournalError for what is none."""
    found: list[tuple[Began, list[Answered | Raised]]] = []
    for entry in decode(entries):
        if isinstance(entry, Began):
            found.append((entry, []))
        elif found:
            found[-1][1].append(entry)
    return [Part(began.session, began.at_ms, asked) for began, asked in found]


def rerun(
    flows: FlowSet, entries: Iterable[bytes], limits: Limits | None = None
) -> Iterator[Moment]:
    """Run a call again; its events end with CallEnded, unless the journal stops first.

    Raises Divergence where the flows ask something else than they asked then.
    """
    interpreter = Interpreter(flows, limits)
    for part in parts(entries):
        yield from rerun_part(interpreter, part)


def rerun_part(interpreter: Interpreter, part: Part) -> Iterator[Moment]:
    """Run again what ran on one connection. Raises Divergence."""
    script = interpreter.run(part.session)
    remaining = iter(part.asked)
    at_ms = part.at_ms
    answer: Any = None
    since: list[Moment] = []
    while True:
        try:
            command = script.throw(answer) if isinstance(answer, Exception) else script.send(answer)
        except (StopIteration, Unhandled):
            if next(remaining, None) is not None:
                raise Divergence("is over before all is asked that it asked then") from None
            yield from since
            return
        answer = None
        if not command.journalled:
            event = command.event if isinstance(command, Emit) else None
            since.append(Moment(command, None, event, at_ms))
            continue
        entry = next(remaining, None)
        if entry is None:
            script.close()
            yield from (replace(moment, certain=False) for moment in since)
            return
        if bytes(entry.command) != encode(command):
            raise Divergence(f"asks {type(command).__name__}, not what it asked then")
        yield from since
        since.clear()
        answer, at_ms = answer_of(entry, command), entry.at_ms
        yield Moment(command, answer, meaning(command, answer), at_ms)


def told(moments: Iterable[Moment], events: Sequence[Event]) -> Iterator[Moment]:
    """Yield the moments, those left out that are not certain and not in `events`, in this order."""
    position = 0
    for moment in moments:
        if moment.event is not None:
            if not moment.certain and events[position : position + 1] != [moment.event]:
                continue
            position += 1
        yield moment


def answer_of(entry: Answered | Raised, command: Command[Any, Any]) -> Any:
    """Return what a journalled command was answered with, or the error it raised.

    Raises JournalError for an answer that this command cannot have.
    """
    if isinstance(entry, Answered):
        return None if command.answer is None else _answer(entry, command.answer)
    if entry.error == "port":
        return PortError(entry.port, entry.problem, retryable=entry.retryable)
    if entry.error == "hangup":
        return CallerHungUp(entry.problem, talked=entry.talked)
    return StepDeadline(entry.problem)


def meaning(command: Command[Any, Any], answer: Any) -> Event | None:
    """Return the event that a command and its answer mean."""
    if isinstance(answer, CallerHungUp):
        return command.as_event_if_gone(talked=answer.talked)
    return None if isinstance(answer, Exception) else command.as_event(answer)


def _answer(entry: Answered, kind: Any) -> Any:
    try:
        return _decoder(kind).decode(entry.answer)
    except msgspec.DecodeError as error:
        raise JournalError(f"an answer in its journal cannot be read: {error}") from error


@lru_cache(maxsize=256)
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, dec_hook=_unmask)


def _unmask(kind: type, value: Any) -> Any:
    if kind is Secret:
        return Secret("0" * int(value))
    raise TypeError(f"{kind.__name__} cannot be read from a journal")
