"""The line: the few things a telephone channel can do.

The dialogue (`ivr.engine.dialogue`) makes prompts, menus and entries of them; Asterisk and the
simulator each implement them. Every method raises CallerHungUp when the caller is gone and
StepDeadline when the running step has used up its time.
"""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

import msgspec

from ivr.model.prompt import Recording

R = TypeVar("R")


class Streamed(msgspec.Struct, frozen=True):
    """How playing a recording ended: `key` stopped it `at` samples (8 kHz) in, or it was played
    to its end (`key` is None). `missing` when there is no such file: the caller heard nothing."""

    key: str | None
    at: int
    missing: bool = False


class RecordEnd(enum.StrEnum):
    """Why a recording of the caller ended."""

    KEY = "key"
    SILENCE = "silence"
    TIMEOUT = "timeout"
    HANGUP = "hangup"


class LineRecording(msgspec.Struct, frozen=True):
    """What was recorded of the caller: `ms` of sound without the silence that ended it, ended by
    `end` (with `key`)."""

    ms: int
    end: RecordEnd
    key: str | None = None


class DialStatus(enum.StrEnum):
    """How dialling another party ended."""

    ANSWERED = "answered"  # and the conversation is over, our caller still there
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    UNAVAILABLE = "unavailable"


class Line(Protocol):
    """One caller's telephone channel."""

    def begin_step(self, deadline_ms: int) -> None:
        """Start the clock of a step: later calls raise StepDeadline once it has run out."""

    async def stream(self, recording: Recording, *, start: int, interruptible: bool) -> Streamed:
        """Play a recording from sample `start` (8 kHz). Any key stops it if `interruptible`;
        otherwise keys pressed meanwhile are lost."""

    async def announce(
        self,
        recordings: Sequence[Recording],
        news: Awaitable[object],
        heard: Callable[[str], bool],
        missing: Callable[[Recording], None],
    ) -> bool:
        """Play recordings until `news` is done, which is given up in the end, or a key was pressed
        that `heard` takes; tell whether they were played to their end. What is `missing` is told."""

    async def wait_digit(self, timeout_ms: int) -> str | None:
        """Wait for one key (one of `0-9*#`); None when none came in time."""

    async def attend(self, work: Awaitable[R], heard: Callable[[str], None]) -> R:
        """Await `work` (a bank, a database) with the line open and return its answer: each key
        pressed meanwhile is given to `heard` at once. When the caller hangs up meanwhile, `work` is
        still awaited to its end and its answer returned; the *next* call raises CallerHungUp. After
        a hang-up it just awaits `work`."""

    async def record(
        self, name: str, *, max_ms: int, silence_ms: int, stop_keys: str
    ) -> LineRecording:
        """Record the caller into the file `name` of the line's own recordings folder, after a beep."""

    async def dial(self, destination: str, *, ring_ms: int) -> DialStatus:
        """Ring a destination by its configured name and join it with the caller."""

    async def hold(self, work: Awaitable[R], heard: Callable[[str], None]) -> R | None:
        """Await `work` while the caller hears music, and return its answer; None as soon as a key was
        pressed and given to `heard`: then, and when the caller hangs up, `work` is given up."""

    async def ring(self, endpoint: str, *, call_id: str, ring_ms: int, record: str) -> DialStatus:
        """Ring an agent's telephone and join it with the caller, who hears music until then. What the
        agent hears first is asked for by `call_id`. `record` names the file for the conversation."""

    async def meet(self, channel: str) -> DialStatus:
        """Join the caller with a channel that is up; `unavailable` where there is none."""

    async def hang_up(self) -> None:
        """End the caller's call. Never raises CallerHungUp."""
