"""Following a caller's pace: every entry of a step is read at it, and teaches it."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from msgspec.structs import replace

from ivr.centre.pace import learn
from ivr.model.commands import Script
from ivr.model.errors import OneCallError
from ivr.model.pace import Pace
from ivr.ports.channel import Collect

R = TypeVar("R")

_UNKNOWN = Pace()


class Paced(Protocol):
    """A call whose caller has a pace; `keyed` notes that keys were pressed."""

    pace: Pace

    def keyed(self) -> Script[None]: ...


def at_pace(script: Script[R], call: Paced) -> Script[R]:
    """Run a step's script: the timers of what it collects are this caller's, also within the step."""
    answer: Any = None
    error: OneCallError | None = None
    try:
        while True:
            command = script.throw(error) if error else script.send(answer)
            answer = error = None
            try:
                if isinstance(command, Collect):
                    answer = yield _stretched(command, call.pace)
                    call.pace = learn(call.pace, answer)
                    if answer.keyed:
                        yield from call.keyed()
                else:
                    answer = yield command
            except OneCallError as told:
                error = told
    except StopIteration as stop:
        result: R = stop.value
        return result
    finally:
        script.close()


def _stretched(command: Collect, pace: Pace) -> Collect:
    if pace == _UNKNOWN:
        return command
    return replace(
        command,
        timeout_ms=pace.timeout(command.timeout_ms),
        interdigit_ms=pace.interdigit(command.interdigit_ms),
    )
