"""One call, seen by the caller: what to do, what to wait for, what was heard."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from lab.ami import Ami, Message
from lab.audiosocket import FRAME_SAMPLES, SILENCE, AudioSocket, sound
from lab.ear import Ear
from lab.errors import LabError
from lab.heard import Heard
from lab.library import WIDTH
from lab.mulaw import decode

FRAME_BYTES = WIDTH * FRAME_SAMPLES
TONE_MS = 100
SPACING_MS = 120
UP = "6"
RINGING = "5"


class Handset(Protocol):
    """What a call needs of the telephone it is on."""

    mute: bool

    def keypad(self) -> AbstractAsyncContextManager[Ami]:
        """Lend a connection to press keys with."""

    async def hang_up(self, channel: str) -> None:
        """End the call on this channel."""


class CallFailed(LabError):
    """The call was not answered; `cause` is the Q.850 cause (17 busy, 21 rejected …)."""

    def __init__(self, cause: int) -> None:
        super().__init__(f"the call ended before it was answered, with cause {cause}")
        self.cause = cause


class Gone(LabError):
    """The call was over before a key could be sent."""


class NotHeard(AssertionError):
    """What a script waited for did not come; the message says what did."""


class PhoneCall:
    """One call, seen by the caller. Times are of the event loop's clock, in seconds."""

    def __init__(self, phone: Handset, ear: Ear) -> None:
        loop = asyncio.get_running_loop()
        self.id = uuid.uuid4()
        self.ear = ear
        self.channel = ""
        """The name of the channel on the telephone's side, once there is one."""
        self.caller = ""
        """Whom a desk sees calling."""
        self.placed_at = loop.time()
        self.answered_at: float | None = None
        self.ended_at: float | None = None
        self.answered_on_wire: float | None = None
        """When the telephone itself was answered, in Unix time; a busy test hears of it later."""
        self.ended_on_wire: float | None = None
        self.cause: int | None = None
        """The Q.850 cause the call ended with: 16 is a normal hang-up."""
        self._phone = phone
        self._loop = loop
        self._socket: AudioSocket | None = None
        self._speech = b""
        self._cursor = 0
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self.ringing = False

    @property
    def heard(self) -> list[Heard]:
        """Everything heard so far, in order; the last may still be playing."""
        return self.ear.heard

    @property
    def transcript(self) -> str:
        """What was heard, for people to read."""
        return ", ".join(str(heard) for heard in self.heard) or "nothing"

    # ------------------------------------------------------------------ what a caller does

    async def press(self, keys: str, spacing_ms: int = SPACING_MS) -> None:
        """Press keys one after another, `spacing_ms` from the start of one to the next.

        Returns when the last key is released. Asterisk holds a key for 100 ms at least, so less
        than 120 ms, which would leave no pause between two keys, is a ValueError. Raises Gone.
        """
        if spacing_ms < SPACING_MS:
            raise ValueError(
                f"keys {spacing_ms} ms apart would run together; at least {SPACING_MS}"
            )
        begin = self._loop.time()
        async with self._phone.keypad() as keypad:
            for number, key in enumerate(keys):
                pause = begin + number * spacing_ms / 1000 - self._loop.time()
                await asyncio.sleep(max(0.0, pause))
                fields = {"Channel": self.channel, "Digit": key, "Duration": str(TONE_MS)}
                answer = await keypad.send("PlayDTMF", fields)
                if answer.get("Message") == "Channel not found":
                    raise Gone(f"the call was over before key {number + 1}")
                if answer.get("Response") != "Success":
                    raise LabError(f"key {number + 1} not sent: {answer.get('Message')}")

    async def hang_up(self) -> None:
        """Hang up, and wait until the telephone's side of the call is gone."""
        await self._phone.hang_up(self.channel)
        await self.ended()

    def speak(self, codes: bytes) -> None:
        """Say this µ-law sound, from now on; silence comes after it."""
        self._speech = decode(codes)

    async def spoken(self, within: float = 10) -> None:
        """Wait until all that `speak` was given is said."""
        await self._until(lambda: not self._speech or self.cause is not None, within)

    # ------------------------------------------------------------------ what a caller notices

    async def answered(self, within: float = 10) -> None:
        """Wait until the call is answered; raises CallFailed when it ends instead."""
        await self._until(lambda: self.answered_at is not None or self.cause is not None, within)
        if self.answered_at is None:
            raise CallFailed(self.cause or 0)

    async def rings(self, within: float = 10) -> None:
        """Wait until it rings at the other end, or is answered without."""
        await self._until(
            lambda: self.ringing or self.answered_at is not None or self.cause is not None, within
        )

    async def ended(self, within: float = 10) -> int:
        """Wait until the call is over, whoever ended it; returns the cause."""
        await self._until(lambda: self.cause is not None, within)
        return self.cause or 0

    async def hears(self, name: str, within: float = 5, whole: bool = False) -> Heard:
        """Wait until the recording `name` is recognised, or with `whole` heard to its end.

        `name` is an id, or `language/id`. Each call looks only at what came after the match of
        the call before, so the same recording can be waited for again. Raises NotHeard after
        `within` seconds, or as soon as the call is over.
        """
        return await self.hears_one_of((name,), within, whole)

    async def hears_one_of(
        self, names: Collection[str], within: float = 5, whole: bool = False
    ) -> Heard:
        """Wait until one of some recordings is recognised, as `hears` does for one."""

        def matches(heard: Heard) -> bool:
            known = heard.certain or heard.done
            called = known and any(heard.is_called(name) for name in names)
            return called and (heard.to_end or not whole)

        def found() -> int | None:
            places = range(self._cursor, len(self.heard))
            return next((n for n in places if matches(self.heard[n])), None)

        with contextlib.suppress(TimeoutError):
            await self._until(lambda: found() is not None or self.cause is not None, within)
        place = found()
        if place is None:
            why = f"after {within} s" if self.cause is None else f"call ended ({self.cause})"
            wanted = " or ".join(map(repr, names))
            raise NotHeard(f"{wanted} not heard, {why}; heard: {self.transcript}")
        self._cursor = place + 1
        return self.heard[place]

    async def quiet(self, seconds: float, within: float = 10) -> None:
        """Wait until nothing but silence has been heard for so long; NotHeard after `within`."""

        def silent() -> bool:
            since = max(self.answered_at or self.placed_at, self.ear.last_sound or 0.0)
            return self._loop.time() - since >= seconds

        try:
            await self._until(silent, within)
        except TimeoutError:
            raise NotHeard(f"never quiet for {seconds} s; heard: {self.transcript}") from None

    async def _until(self, condition: Callable[[], bool], within: float) -> None:
        if condition():
            return
        future: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append((condition, future))
        async with asyncio.timeout(within):
            await future

    # ------------------------------------------------------------------ what is told to a call

    def notice(self) -> None:
        """Something changed: wake whoever waited for it."""
        for pair in list(self._waiting):
            condition, future = pair
            if future.done():
                self._waiting.remove(pair)
            elif condition():
                self._waiting.remove(pair)
                future.set_result(None)

    def on_connected(self, socket: AudioSocket) -> None:
        """Sound can flow."""
        self._socket = socket

    def on_sound(self, samples: bytes, now: float) -> None:
        """Listen to a piece of sound."""
        self.ear.feed(samples, now)
        if self._waiting:
            self.notice()

    def on_event(self, event: Message) -> None:
        """Take an AMI event about this call's SIP channel."""
        kind = event["Event"]
        self.channel = event.get("Channel", self.channel)
        state = event.get("ChannelState")
        if kind == "Newstate" and state == RINGING:
            self.ringing = True
        elif kind == "Newstate" and state == UP:
            self.answered_at = self._loop.time()
            self.answered_on_wire = float(event["Timestamp"])
        elif kind == "Hangup":
            self.ended_at = self._loop.time()
            self.ended_on_wire = float(event["Timestamp"])
            self.cause = int(event.get("Cause") or 0)
            self.ear.finish()
        self.notice()

    def tick(self, now: float) -> None:
        """Every 20 ms: send sound to the hotline, notice silence from it."""
        if self._socket is not None and (self._speech or not self._phone.mute):
            self._socket.send(self._next_frame())
        self.ear.idle(now)
        if self._waiting:
            self.notice()

    def _next_frame(self) -> bytes:
        if not self._speech:
            return SILENCE
        frame, self._speech = self._speech[:FRAME_BYTES], self._speech[FRAME_BYTES:]
        return sound(frame.ljust(FRAME_BYTES, b"\0"))

    def close(self) -> None:
        """Let go of the sound."""
        if self._socket is not None:
            self._socket.close()
