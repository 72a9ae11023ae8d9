"""The engine's `Line` over one FastAGI connection.

Asterisk discards keys pressed while no AGI command runs, so between two commands nothing is
awaited, and `attend` keeps `WAIT FOR DIGIT` running while a bank answers. A key that ends between
two commands is not lost yet: Asterisk plays it again to itself, for as long as it was pressed (at
least 80 ms), and the next command hears that. Measured: none lost with 20 ms between all commands,
0.7 % with 60 ms, a third with 150 ms.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, Final, TypeVar

from ivr.adapters.agi.channel import KEY_OF, KEYS, wait_for_key
from ivr.adapters.agi.encoder import CommandLine, encode
from ivr.adapters.agi.people import AgiPeople
from ivr.adapters.agi.protocol import CUT, Reply
from ivr.model.errors import CallerHungUp, PortError
from ivr.model.prompt import PROMPT_ID, Recording
from ivr.ports.line import LineRecording, RecordEnd, Streamed

R = TypeVar("R")

_LOG = logging.getLogger(__name__)
_SAMPLES_PER_MS: Final = 8
_KEPT_SILENCE_MS: Final = 1000
"""What Asterisk leaves in the file of the silence that ended a recording."""
_CHUNK_MIN_MS: Final = 20
_CHUNK_MAX_MS: Final = 250


class AgiLine(AgiPeople):
    """The engine's `Line`: what a caller hears, keys and says."""

    async def stream(self, recording: Recording, *, start: int, interruptible: bool) -> Streamed:
        """Play a recording from sample `start`. See `Line`."""
        self._check_deadline()
        line = _stream(recording.path, start, interruptible)
        reply = await self._connection.ask(line, recording.ms / 1000)
        return await self._streamed(reply, recording, start)

    async def announce(
        self,
        recordings: Sequence[Recording],
        news: Awaitable[object],
        heard: Callable[[str], bool],
        missing: Callable[[Recording], None],
    ) -> bool:
        """Play recordings until there are news, or a key. See `Line`."""
        task = asyncio.ensure_future(news)
        try:
            # News that are there already come before anything is played.
            await asyncio.sleep(0)
            for recording in recordings:
                streamed = await self._announced(recording, task, heard)
                if streamed is None:
                    return False
                if streamed.missing:
                    missing(recording)
            return True
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _announced(
        self, recording: Recording, news: asyncio.Future[Any], heard: Callable[[str], bool]
    ) -> Streamed | None:
        """Play one; None: something else comes first."""
        start = 0
        while not news.done():
            self._check_deadline()
            playing = self._connection.ask(
                _stream(recording.path, start, True), recording.ms / 1000
            )
            both: set[asyncio.Future[Any]] = {playing, news}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not playing.done():
                self._connection.cut()
            reply = await playing
            if reply.result == CUT:
                return None
            streamed = await self._streamed(reply, recording, start)
            if streamed.key is None:
                return streamed
            if heard(streamed.key):
                return None
            start = streamed.at
        return None

    async def wait_digit(self, timeout_ms: int) -> str | None:
        """Wait for one key. See `Line`."""
        self._check_deadline()
        reply = await self._connection.ask(wait_for_key(timeout_ms), timeout_ms / 1000)
        return KEY_OF.get(reply.result) or await self._pressed(reply, timeout_ms)

    async def attend(self, work: Awaitable[R], heard: Callable[[str], None]) -> R:
        """Await `work` while listening for keys. See `Line`.

        A chunk of listening is not cut short when the work is done, so it is a part of the time
        waited so far: the caller waits at most half as long again, and never over 250 ms more.
        """
        task = asyncio.ensure_future(work)
        try:
            # Work that needs no wait at all is done after one turn of the loop.
            await asyncio.sleep(0)
            # The answer counts although the caller is gone, which the next command tells.
            with suppress(CallerHungUp):
                await self._listen(task, heard)
            return await task
        except BaseException:
            task.cancel()
            await asyncio.wait([task])
            raise

    async def record(
        self, name: str, *, max_ms: int, silence_ms: int, stop_keys: str
    ) -> LineRecording:
        """Record the caller. See `Line`.

        A caller who hangs up while recording has left a message: it ends with HANGUP, and the next
        command raises CallerHungUp. Raises PortError when the file cannot be written.
        """
        if not PROMPT_ID.fullmatch(name):
            raise ValueError(f"{name!r} is no recording name")
        self._check_deadline()
        await self._beep()
        # Asterisk takes whole seconds of silence, and none for 0.
        silence = [f"s={-(-silence_ms // 1000)}"] if silence_ms > 0 else []
        path = f"{self._settings.recordings}/{name}"
        line = encode(
            "RECORD", "FILE", path, self._settings.record_format, stop_keys, str(max_ms), *silence
        )
        began = monotonic()
        reply = await self._connection.ask(line, max_ms / 1000)
        ms = reply.endpos // _SAMPLES_PER_MS
        if reply.data == "timeout":
            if (monotonic() - began) * 1000 >= max_ms - 50:
                return LineRecording(ms, RecordEnd.TIMEOUT)
            return LineRecording(max(0, ms - _KEPT_SILENCE_MS), RecordEnd.SILENCE)
        key = KEY_OF.get(reply.result)
        if key is not None:
            return LineRecording(ms, RecordEnd.KEY, key)
        if reply.data == "hangup":
            self._connection.hung_up()
            return LineRecording(ms, RecordEnd.HANGUP)
        await self._still_there(reply)
        raise PortError("asterisk", f"recording {name} failed: {reply.data or 'no reason given'}")

    async def _listen(self, task: asyncio.Future[R], heard: Callable[[str], None]) -> None:
        """Listen in chunks until the work is done: 20 ms first, then half the time waited."""
        began = monotonic()
        while not task.done():
            chunk = min(_CHUNK_MAX_MS, int((monotonic() - began) * 500))
            chunk = max(_CHUNK_MIN_MS, chunk)
            reply = await self._connection.ask(wait_for_key(chunk), chunk / 1000)
            key = KEY_OF.get(reply.result) or await self._pressed(reply, chunk)
            if key is not None:
                heard(key)

    async def _beep(self) -> None:
        reply = await self._connection.ask(_stream(self._settings.beep, 0, False), 5)
        if reply.result != "0":
            await self._still_there(reply)
            _LOG.error("Asterisk cannot play the beep (%s)", self._settings.beep)

    async def _streamed(self, reply: Reply, recording: Recording, start: int) -> Streamed:
        """Return what became of a recording. Raises CallerHungUp, PortError."""
        if reply.result == "0":
            return Streamed(None, reply.endpos)
        key = KEY_OF.get(reply.result)
        if key is not None:
            return Streamed(key, reply.endpos)
        # A missing file and a hang-up both answer -1.
        await self._still_there(reply)
        _LOG.error("Asterisk cannot play %s (%s)", recording.id, recording.path)
        return Streamed(None, start, missing=True)


@functools.lru_cache(maxsize=4096)
def _stream(path: str, start: int, interruptible: bool) -> CommandLine:
    return encode("STREAM", "FILE", path, KEYS if interruptible else "", str(start))
