"""The dialogue: prompts, type-ahead, barge-in and timers, made of what a line can do.

There is one type-ahead buffer a call, and it is here. Asterisk forgets keys that are pressed while
no command of ours reads them, so prompts are played interruptible by every key; a key that may not
cut the prompt is kept, and the prompt goes on from where the key stopped it.

An entry of as many digits as fit is over with the last of them; callers who press the terminator
all the same mean that entry. So the terminator is taken as a part of it when it is the next key and
comes before a recording has been heard to its end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from ivr.model.digits import Choices, Gather, Status
from ivr.model.events import Event, PromptMissing
from ivr.model.prompt import Audible, BargeIn, Prompted, Recording
from ivr.ports.channel import Collect, Collected, Play, Played, Record
from ivr.ports.line import DialStatus, Line, LineRecording
from ivr.ports.people import Linger, Lingered, Meet, RingAgent, Transfer
from ivr.ports.prompts import Prompts
from ivr.ports.waiting import Waiting
from ivr.ports.window import Privacy

R = TypeVar("R")

APOLOGY = "sorry-technical"
"""Heard instead of a recording that is missing."""
MAX_TYPED = 128
"""Keys kept ahead; a caller who leans on the keypad loses the oldest."""


class _Keying(msgspec.Struct):
    """How an entry was keyed: see `Collected`."""

    keyed: int = 0
    first_ms: int | None = None
    gap_ms: int | None = None

    def waited(self, ms: int) -> None:
        """Take a wait for the next key into account."""
        if not self.keyed:
            self.first_ms = ms
        else:
            self.gap_ms = max(ms, self.gap_ms or 0)


class Dialogue:
    """The channel port over a line. `report` takes what operators should know; `now_ms` is a clock
    that only ever grows; `waiting` is asked what is next for a caller who waits in a queue,
    `privacy` is seen to while a secret is keyed."""

    def __init__(
        self,
        line: Line,
        prompts: Prompts,
        language: str,
        report: Callable[[Event], None],
        now_ms: Callable[[], int],
        waiting: Waiting,
        privacy: Privacy | None = None,
    ) -> None:
        self._line = line
        self._prompts = prompts
        self._language = language
        self._report = report
        self._now_ms = now_ms
        self._waiting = waiting
        self._privacy = privacy
        self._typed: deque[str] = deque(maxlen=MAX_TYPED)
        self._late = ""

    def begin_step(self, deadline_ms: int) -> None:
        """Give the running step its time."""
        self._line.begin_step(deadline_ms)

    def set_language(self, language: str) -> None:
        """Speak this language from now on."""
        self._language = language

    def flush(self) -> None:
        """Forget the keys typed ahead."""
        self._typed.clear()

    async def play(self, command: Play) -> Played:
        """Play prompts; a key that cuts them is kept for the next entry."""
        if command.flush:
            self.flush()
        may_cut = command.bargein is BargeIn.ANY
        if may_cut and self._typed:
            return Played(interrupted=True)
        cut = await self._speak(command.prompts, lambda: may_cut, keep=not command.flush)
        if command.flush:
            self.flush()
        return Played(interrupted=cut)

    def collect(self, command: Collect) -> Awaitable[Collected]:
        """Play prompts and gather one entry. Raises PortError where a secret may not be keyed."""
        if not command.secret or self._privacy is None:
            return self._collected(command)
        return self._in_private(command, self._privacy)

    async def _in_private(self, command: Collect, privacy: Privacy) -> Collected:
        await privacy.begin()
        try:
            return await self._collected(command)
        finally:
            await privacy.end()

    async def _collected(self, command: Collect) -> Collected:
        if command.flush:
            self.flush()
        gather = Gather(command.grammar, secret=command.secret)
        try:
            status, keying = await self._enter(gather, command)
        except BaseException:
            # The caller is gone: what was keyed of a secret goes too.
            if gather.secret is not None:
                gather.secret.wipe()
            raise
        if status is Status.COMPLETE_LEN and not isinstance(command.grammar, Choices):
            self._expect_late(command.grammar.terminator)
        return Collected(
            status,
            digits="" if command.secret else gather.entry,
            secret=gather.secret,
            keyed=keying.keyed,
            first_ms=keying.first_ms,
            gap_ms=keying.gap_ms,
        )

    async def _enter(self, gather: Gather, command: Collect) -> tuple[Status, _Keying]:
        """Ask, and read the keys of the answer."""

        def cuts() -> bool:
            if command.bargein is BargeIn.VALID:
                return gather.begins(self._typed[0])
            return command.bargein is BargeIn.ANY

        if not (self._typed and cuts()):
            keep = not (command.flush and command.bargein is BargeIn.NONE)
            await self._speak(command.prompts, cuts, keep=keep)
        self._late = ""
        return await self._gather(gather, command)

    async def _gather(self, gather: Gather, command: Collect) -> tuple[Status, _Keying]:
        timeout, keying = command.timeout_ms, _Keying()
        now = self._now_ms()
        while True:
            began = now
            waits = not self._typed
            key = await self._line.wait_digit(timeout) if waits else self._typed.popleft()
            if key is None:
                status = gather.expire()
                if status is Status.TIMEOUT_PARTIAL:
                    keying.waited(timeout)
                return status, keying
            if waits and not command.secret:
                now = self._now_ms()
                keying.waited(now - began)
            keying.keyed += 1
            ended = gather.press(key)
            if gather.secret is not None and self._privacy is not None:
                self._privacy.keyed(command.what, len(gather.secret))
            if ended is not None:
                return ended, keying
            timeout = command.interdigit_ms

    async def _speak(
        self, items: tuple[Audible, ...], cuts: Callable[[], bool], *, keep: bool
    ) -> bool:
        """Play until the end, or until a key that cuts (True). `keep` keeps all other keys."""
        for recording in self._prompts.render(items, self._language):
            if await self._stream(recording, cuts, keep=keep):
                return True
        return False

    async def _stream(self, recording: Recording, cuts: Callable[[], bool], *, keep: bool) -> bool:
        start = 0
        while True:
            streamed = await self._line.stream(recording, start=start, interruptible=keep)
            if streamed.missing:
                return await self._apologise(recording, cuts, keep=keep)
            if streamed.key is None:
                self._late = ""
                return False
            start = streamed.at
            if self._type(streamed.key) and cuts():
                return True

    async def _apologise(self, missing: Recording, cuts: Callable[[], bool], *, keep: bool) -> bool:
        self._report(PromptMissing(missing.id))
        if missing.id == APOLOGY:
            return False
        return await self._speak((Prompted(APOLOGY),), cuts, keep=keep)

    async def record(self, command: Record) -> LineRecording:
        """Record the caller."""
        self.flush()
        return await self._line.record(
            command.name,
            max_ms=command.max_ms,
            silence_ms=command.silence_ms,
            stop_keys=command.stop_keys,
        )

    async def transfer(self, command: Transfer) -> DialStatus:
        """Join the caller with a destination. Keys typed before it mean nothing after it."""
        self.flush()
        return await self._line.dial(command.destination, ring_ms=command.ring_ms)

    async def linger(self, command: Linger) -> Lingered:
        """Wait with what is told, then music, until a key or something new in the queue."""
        told = not self._typed and await self._announced(command)
        if told:
            turn = self._waiting.turn(command.call_id, command.within_ms)
            await self._line.hold(turn, self._hear)
        cut = bool(command.prompts) and not told
        return Lingered(self._typed.popleft() if self._typed else "", cut)

    async def _announced(self, command: Linger) -> bool:
        """Tell what is to be told; False: a key, or something new, comes first."""
        if not command.prompts:
            return True
        recordings = tuple(self._prompts.render(command.prompts, self._language))
        news = self._waiting.news(command.call_id)
        whole = await self._line.announce(recordings, news, self._type, self._missing)
        self._late = ""
        return whole

    def _missing(self, recording: Recording) -> None:
        self._report(PromptMissing(recording.id))

    async def ring(self, command: RingAgent) -> DialStatus:
        """Ring an agent. Keys typed before it mean nothing after it."""
        self.flush()
        return await self._line.ring(
            command.endpoint,
            call_id=command.call_id,
            ring_ms=command.ring_ms,
            record=command.record,
        )

    async def meet(self, command: Meet) -> DialStatus:
        """Join the caller with a channel. Keys typed before it mean nothing after it."""
        self.flush()
        return await self._line.meet(command.channel)

    async def hang_up(self) -> None:
        """End the caller's call."""
        await self._line.hang_up()

    def attend(self, work: Awaitable[R]) -> Awaitable[R]:
        """Await the work of another port while keys are still heard."""
        return self._line.attend(work, self._hear)

    def _hear(self, key: str) -> None:
        self._type(key)

    def _type(self, key: str) -> bool:
        """Keep a key; False for the late terminator of an entry that is over."""
        late, self._late = self._late, ""
        if key == late:
            return False
        self._typed.append(key)
        return True

    def _expect_late(self, terminator: str) -> None:
        """Take the terminator, typed already or still to come, as a part of the entry before it."""
        if self._typed and self._typed[0] == terminator:
            self._typed.popleft()
        elif not self._typed:
            self._late = terminator
