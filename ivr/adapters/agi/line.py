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
import math
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final, TypeVar

import msgspec

from ivr.adapters.agi.connection import Connection
from ivr.adapters.agi.encoder import CommandLine, encode
from ivr.adapters.agi.protocol import Reply
from ivr.adapters.agi.statuses import BRIDGE, DIAL
from ivr.model.errors import CallerHungUp, PortError, StepDeadline
from ivr.model.prompt import PROMPT_ID, Recording
from ivr.ports.line import (
    DialStatus,
    LineRecording,
    RecordEnd,
    Streamed,
)

R = TypeVar("R")

_LOG = logging.getLogger(__name__)
KEYS: Final = "0123456789*#"
_KEY_OF: Final[Mapping[str, str]] = {str(ord(key)): key for key in KEYS}
_NO_KEYS: Final = frozenset(str(ord(key)) for key in "ABCD")
_SAMPLES_PER_MS: Final = 8
_KEPT_SILENCE_MS: Final = 1000
"""What Asterisk leaves in the file of the silence that ended a recording."""
_CHUNK_MIN_MS: Final = 20
_CHUNK_MAX_MS: Final = 250
_STATUS: Final = encode("CHANNEL", "STATUS")
_HANGUP: Final = encode("HANGUP")
_MARKER: Final = "IVR_DONE"
_TALKING: Final = "IVR_TALKING"
"""Tells the dialplan, should the engine go away meanwhile, that the caller is with an agent."""
_NOTICES: Final = "TALK_DETECT(set)"
"""Has Asterisk tell whether the caller speaks: only while they are with an agent."""
_NOTICES_NOT: Final = "TALK_DETECT(remove)"
_SILENT_MS: Final = "1000"
"""After so long without a word it tells that they are silent."""
_MUSIC_ON: Final = encode("SET", "MUSIC", "ON", "default")
_MUSIC_OFF: Final = encode("SET", "MUSIC", "OFF")
_HOLD_CHUNK_MS: Final = 300
"""So late at most a caller on hold is told what is next."""
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,150}")
_CHANNEL: Final = re.compile(r"[A-Za-z0-9_/.@;-]{1,150}")
_DIAL_STRING: Final = re.compile(r"[A-Za-z0-9_./@:+*#&-]{1,200}")


class LineSettings(msgspec.Struct, frozen=True):
    """What a line may do, from the configuration.

    `recordings` is the folder of callers' recordings as Asterisk sees it, `beep` the sound before
    one, `destinations` dial strings by name, `conversations` the folder of recorded conversations.
    """

    recordings: str
    beep: str = "beep"
    record_format: str = "wav"
    destinations: Mapping[str, str] = {}
    conversations: str = ""

    def __post_init__(self) -> None:
        if not self.recordings.startswith("/"):
            raise ValueError(f"the recordings folder {self.recordings!r} is no absolute path")
        for name, target in self.destinations.items():
            if not _DIAL_STRING.fullmatch(target):
                raise ValueError(f"destination {name}: {target!r} is no dial string")


class AgiLine:
    """One caller's channel. One call at a time: the engine is sequential.

    Beyond `Line`, `finish` tells the dialplan that the engine is done with the call.
    """

    def __init__(self, connection: Connection, settings: LineSettings) -> None:
        self._connection = connection
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._deadline = math.inf

    def begin_step(self, deadline_ms: int) -> None:
        """Start the clock of a step."""
        self._deadline = self._loop.time() + deadline_ms / 1000

    async def stream(self, recording: Recording, *, start: int, interruptible: bool) -> Streamed:
        """Play a recording from sample `start`. See `Line`."""
        self._check_deadline()
        line = _stream(recording.path, start, interruptible)
        reply = await self._connection.ask(line, recording.ms / 1000)
        if reply.result == "0":
            return Streamed(None, reply.endpos)
        key = _KEY_OF.get(reply.result)
        if key is not None:
            return Streamed(key, reply.endpos)
        # A missing file and a hang-up both answer -1.
        await self._still_there(reply)
        _LOG.error("Asterisk cannot play %s (%s)", recording.id, recording.path)
        return Streamed(None, start, missing=True)

    async def wait_digit(self, timeout_ms: int) -> str | None:
        """Wait for one key. See `Line`."""
        self._check_deadline()
        reply = await self._connection.ask(_wait(timeout_ms), timeout_ms / 1000)
        return None if reply.result == "0" else await self._pressed(reply, timeout_ms)

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
        began = self._loop.time()
        reply = await self._connection.ask(line, max_ms / 1000)
        ms = reply.endpos // _SAMPLES_PER_MS
        if reply.data == "timeout":
            if (self._loop.time() - began) * 1000 >= max_ms - 50:
                return LineRecording(ms, RecordEnd.TIMEOUT)
            return LineRecording(max(0, ms - _KEPT_SILENCE_MS), RecordEnd.SILENCE)
        key = _KEY_OF.get(reply.result)
        if key is not None:
            return LineRecording(ms, RecordEnd.KEY, key)
        if reply.data == "hangup":
            self._connection.hung_up()
            return LineRecording(ms, RecordEnd.HANGUP)
        await self._still_there(reply)
        raise PortError("asterisk", f"recording {name} failed: {reply.data or 'no reason given'}")

    async def dial(self, destination: str, *, ring_ms: int) -> DialStatus:
        """Ring a configured destination. See `Line`. Raises PortError for an unknown one."""
        target = self._settings.destinations.get(destination)
        if target is None:
            raise PortError("asterisk", f"no destination named {destination!r} is configured")
        await self._execute("Dial", f"{target},{_seconds(ring_ms)},g")
        return DIAL.get(await self._connection.get_variable("DIALSTATUS"), DialStatus.UNAVAILABLE)

    async def hold(self, work: Awaitable[R], heard: Callable[[str], None]) -> R | None:
        """Await `work` while the caller hears music, or until a key. See `Line`."""
        task = asyncio.ensure_future(work)
        try:
            await self._connection.ask(_MUSIC_ON, 0)
            while not task.done():
                reply = await self._connection.ask(_wait(_HOLD_CHUNK_MS), _HOLD_CHUNK_MS / 1000)
                if reply.result != "0":
                    key = await self._pressed(reply, _HOLD_CHUNK_MS)
                    if key is not None:
                        heard(key)
                        return None
            await self._connection.ask(_MUSIC_OFF, 0)
            return await task
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait([task])

    async def ring(self, endpoint: str, *, call_id: str, ring_ms: int, record: str) -> DialStatus:
        """Ring an agent's telephone. See `Line`. Raises PortError for what is no endpoint.

        The dialplan's subroutine `agent-leg` runs on the agent's side; the recorder writes only while
        two are joined.
        """
        for name in (endpoint, call_id):
            if not _NAME.fullmatch(name):
                raise PortError("asterisk", f"{name!r} can stand in no dial string")
        if record:
            path = f"{self._settings.conversations}/{record}"
            await self._execute("MixMonitor", f"{path},b")
        dial = f"PJSIP/{endpoint},{_seconds(ring_ms)},gm(default)U(agent-leg^{call_id})"
        await self._with_somebody("dial")
        await self._execute("Dial", dial)
        status = await self._connection.get_variable("DIALSTATUS")
        await self._alone()
        if record:
            await self._execute("StopMixMonitor", "")
        return DIAL.get(status, DialStatus.UNAVAILABLE)

    async def meet(self, channel: str) -> DialStatus:
        """Join the caller with a channel that is up. See `Line`."""
        if not _CHANNEL.fullmatch(channel):
            raise PortError("asterisk", f"{channel!r} is no channel's name")
        await self._with_somebody("bridge")
        await self._execute("Bridge", channel)
        result = await self._connection.get_variable("BRIDGERESULT")
        await self._alone()
        return BRIDGE.get(result, DialStatus.UNAVAILABLE)

    async def hang_up(self) -> None:
        """End the caller's call. Never raises CallerHungUp."""
        try:
            await self._connection.ask(_HANGUP, 0)
        except CallerHungUp:
            return
        self._connection.hung_up()

    async def finish(self) -> bool:
        """Tell the dialplan that the engine is done with this call; the last thing to do.

        Without it the dialplan takes the caller to the next node or the fallback. False when the
        caller is gone and there was nobody to tell.
        """
        try:
            await self._connection.set_variable(_MARKER, "1")
        except CallerHungUp:
            return False
        return True

    async def _with_somebody(self, how: str) -> None:
        await self._connection.set_variable(_TALKING, how)
        await self._connection.set_variable(_NOTICES, _SILENT_MS)

    async def _alone(self) -> None:
        await self._connection.set_variable(_NOTICES_NOT, "")
        await self._connection.set_variable(_TALKING, "")

    def _check_deadline(self) -> None:
        if self._loop.time() >= self._deadline:
            raise StepDeadline("the step has used up its time")

    async def _pressed(self, reply: Reply, timeout_ms: int) -> str | None:
        """Return the key that a wait for one answered. Raises CallerHungUp, PortError."""
        until = self._connection.asked_at + timeout_ms / 1000
        key = _KEY_OF.get(reply.result)
        while key is None and reply.result != "0":
            if reply.result not in _NO_KEYS:
                self._gone(reply)
            # A to D are no keys of a telephone: go on waiting.
            left = round((until - self._loop.time()) * 1000)
            if left <= 0:
                return None
            reply = await self._connection.ask(_wait(left), left / 1000)
            key = _KEY_OF.get(reply.result)
        return key

    async def _listen(self, task: asyncio.Future[R], heard: Callable[[str], None]) -> None:
        """Listen in chunks until the work is done: 20 ms first, then half the time waited."""
        began = self._loop.time()
        while not task.done():
            chunk = min(_CHUNK_MAX_MS, int((self._loop.time() - began) * 500))
            chunk = max(_CHUNK_MIN_MS, chunk)
            reply = await self._connection.ask(_wait(chunk), chunk / 1000)
            if reply.result != "0":
                key = await self._pressed(reply, chunk)
                if key is not None:
                    heard(key)

    def _gone(self, reply: Reply) -> None:
        """Raise what a reply that is no answer means."""
        if reply.code != 200:
            raise PortError("asterisk", f"Asterisk refused a command: {reply.code} {reply.data}")
        self._connection.hung_up()
        raise CallerHungUp(f"a channel command answered {reply.result}")

    async def _still_there(self, reply: Reply) -> None:
        """Return if the caller is there for all that a command answered -1.

        Asterisk reports a hang-up before it takes the next command, so a harmless one tells.
        Raises CallerHungUp, and PortError for a command that Asterisk does not take.
        """
        if reply.code != 200:
            self._gone(reply)
        status = await self._connection.ask(_STATUS, 0)
        if self._connection.end is not None or status.result == "-1":
            self._gone(reply)

    async def _beep(self) -> None:
        reply = await self._connection.ask(_stream(self._settings.beep, 0, False), 5)
        if reply.result != "0":
            await self._still_there(reply)
            _LOG.error("Asterisk cannot play the beep (%s)", self._settings.beep)

    async def _execute(self, application: str, arguments: str) -> None:
        """Run a dialplan application that may take as long as people talk."""
        reply = await self._connection.ask(encode("EXEC", application, arguments), None)
        if reply.result == "-2":
            raise PortError("asterisk", f"Asterisk has no application {application}")
        if reply.result != "0":
            await self._still_there(reply)
        elif self._connection.end is not None:
            raise _gone_from_a_person()


def _gone_from_a_person() -> CallerHungUp:
    """What a hang-up means where Asterisk answers 0: before a person has answered it answers -1."""
    return CallerHungUp("the caller hung up on who had answered", talked=True)


@functools.lru_cache(maxsize=4096)
def _stream(path: str, start: int, interruptible: bool) -> CommandLine:
    return encode("STREAM", "FILE", path, KEYS if interruptible else "", str(start))


@functools.lru_cache(maxsize=1024)
def _wait(ms: int) -> CommandLine:
    return encode("WAIT", "FOR", "DIGIT", str(max(0, ms)))


def _seconds(ms: int) -> int:
    """Whole seconds, at least one: 0 would mean for ever."""
    return max(1, -(-ms // 1000))
