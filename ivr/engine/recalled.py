"""The caller of a recorded call, who does again what they did, and the world around them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from ivr.engine.course import Course
from ivr.engine.interpreter import Interpreter
from ivr.engine.journal import Answered, Raised, encode
from ivr.engine.replay import Part, answer_of, rerun_part
from ivr.model.commands import Command, Unknowable
from ivr.model.digits import Choices, Gather, Status
from ivr.model.errors import CallerHungUp
from ivr.model.secret import Secret
from ivr.ports.channel import Collect, Collected, Exchange, Flush, Play


class Asked(msgspec.Struct, frozen=True):
    """What was asked in a step of a recorded call, with its journal entry."""

    step: str
    command: Command[Any, Any]
    written: bytes
    entry: Answered | Raised


class Recalled:
    """The caller of one connection of a recorded call, and the world around it.

    `on_track`: all was asked as it was then, so far.
    """

    def __init__(self, part: Part, asked: Sequence[Asked]) -> None:
        self._part = part
        self._asked = asked
        self._used: set[int] = set()
        self._next = 0
        self._typed = ""
        self._gone = False
        self.on_track = True

    @property
    def done(self) -> bool:
        """Whether nothing more was asked then."""
        return self._next == len(self._asked)

    def answer(self, command: Command[Any, Any], step: str) -> Any:
        """Return the answer, or the error to raise. Raises Unknowable."""
        answer = self._answer(command, step)
        self._gone = self._gone or isinstance(answer, CallerHungUp)
        return answer

    def _answer(self, command: Command[Any, Any], step: str) -> Any:
        if not self.done and not self._typed:
            asked = self._asked[self._next]
            if asked.written == encode(command):
                return self._take(self._next, command)
        self.on_track = False
        if self._gone and isinstance(command, Exchange):
            return CallerHungUp("the caller is gone")
        match command:
            case Collect():
                return self._collect(command, step)
            case Flush() | Play(flush=True):
                self._typed = ""
        if isinstance(command, Exchange) and self._leaves(step):
            return CallerHungUp("the caller hung up here")
        return self._like(command)

    def _take(self, index: int, command: Command[Any, Any]) -> Any:
        self._used.add(index)
        self._next = index + 1
        return answer_of(self._asked[index].entry, command)

    def _collect(self, command: Collect, step: str) -> Any:
        """Key what was keyed when this was asked."""
        typed, self._typed = "" if command.flush else self._typed, ""
        entry = _Entry(command)
        if not entry.press(typed):
            recorded, answer = self._question(command, step)
            if isinstance(answer, Exception):
                return answer
            entry.press(_keys(recorded, answer))
        self._typed = entry.left
        return entry.collected()

    def _question(self, command: Collect, step: str) -> tuple[Collect, Any]:
        """Return the question of then in the same step, or the one heard the same, and its answer."""
        for index in range(self._next, len(self._asked)):
            asked = self._asked[index]
            then = asked.command
            same = asked.step == step or then.heard() == command.prompts
            if isinstance(then, Collect) and same:
                return then, self._take(index, then)
        raise Unknowable("asks what was not asked then")

    def _leaves(self, step: str) -> bool:
        """Whether the next that the caller did then was to hang up, in this step."""
        for asked in self._asked[self._next :]:
            gone = isinstance(asked.entry, Raised) and asked.entry.error == "hangup"
            if gone or asked.command.asks_caller:
                return gone and asked.step == step
        return False

    def _like(self, command: Command[Any, Any]) -> Any:
        """Answer as to the same question then: the next time it was asked, else the last time."""
        alike = [index for index, one in enumerate(self._asked) if _alike(one.command, command)]
        if not alike:
            return command.presumed(self._now())
        later = (index for index in alike if index >= self._next and index not in self._used)
        index = next(later, alike[-1])
        if command.port == "channel" and index >= self._next:
            return self._take(index, command)
        self._used.add(index)
        return answer_of(self._asked[index].entry, command)

    def _now(self) -> datetime:
        """Return the time of then at which the call would be here, about."""
        at_ms = self._asked[self._next - 1].entry.at_ms if self._next else self._part.at_ms
        return self._part.session.started_at + timedelta(milliseconds=at_ms - self._part.at_ms)


def asked_of(interpreter: Interpreter, part: Part, course: Course) -> list[Asked]:
    """Return what was asked on one connection, step by step."""
    found: list[Asked] = []
    for moment in rerun_part(interpreter, part):
        if moment.command.journalled:
            entry = part.asked[len(found)]
            found.append(Asked(course.step, moment.command, bytes(entry.command), entry))
        if moment.event is not None:
            course.take(moment.event)
    return found


def _alike(one: Command[Any, Any], other: Command[Any, Any]) -> bool:
    """Whether two commands would have had the same answer."""
    if type(one) is not type(other):
        return False
    if other.alike is None:
        return encode(one) == encode(other)
    return all(getattr(one, field) == getattr(other, field) for field in other.alike)


def _keys(question: Collect, answer: Collected) -> str:
    """Return the keys that were pressed for an entry; those of a secret are zeros, as many."""
    keys = answer.digits or ("0" * len(answer.secret) if answer.secret is not None else "")
    grammar = question.grammar
    if answer.status in (Status.COMPLETE_TERM, Status.EMPTY_TERM):
        return keys + grammar.terminator
    if answer.status in (Status.CANCELLED, Status.BACK) and not isinstance(grammar, Choices):
        return keys + grammar.cancel
    return keys


class _Entry:
    """An entry that is keyed. `left` are the keys after its end."""

    def __init__(self, question: Collect) -> None:
        self._question = question
        self._gather = Gather(question.grammar)
        self._status: Status | None = None
        self._keyed = 0
        self.left = ""

    def press(self, keys: str) -> bool:
        """Press keys; return whether the entry is over."""
        for number, key in enumerate(keys, 1):
            self._keyed += 1
            self._status = self._gather.press(key)
            if self._status is not None:
                self.left = keys[number:]
                return True
        return False

    def collected(self) -> Collected:
        """Return what came of it; silence ends what is not over."""
        status = self._status or self._gather.expire()
        if not self._question.secret:
            return Collected(status, self._gather.entry, keyed=self._keyed)
        digits = "".join(key for key in self._gather.entry if key.isdecimal())
        return Collected(status, secret=Secret(digits), keyed=self._keyed)
