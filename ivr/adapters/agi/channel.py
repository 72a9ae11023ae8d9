"""What every command of a caller's channel needs: its time, and what a reply that is no answer means."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping
from time import monotonic
from typing import Final

import msgspec

from ivr.adapters.agi.connection import Connection
from ivr.adapters.agi.encoder import CommandLine, encode
from ivr.adapters.agi.protocol import Reply
from ivr.model.errors import CallerHungUp, PortError, StepDeadline

KEYS: Final = "0123456789*#"
KEY_OF: Final[Mapping[str, str]] = {str(ord(key)): key for key in KEYS}
_NO_KEYS: Final = frozenset(str(ord(key)) for key in "ABCD")
_STATUS: Final = encode("CHANNEL", "STATUS")
_HANGUP: Final = encode("HANGUP")
_MARKER: Final = "IVR_DONE"
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


class AgiChannel:
    """One caller's channel. One call at a time: the engine is sequential.

    Beyond `Line`, `finish` tells the dialplan that the engine is done with the call.
    """

    def __init__(self, connection: Connection, settings: LineSettings) -> None:
        self._connection = connection
        self._settings = settings
        self._deadline = math.inf

    def begin_step(self, deadline_ms: int) -> None:
        """Start the clock of a step."""
        self._deadline = monotonic() + deadline_ms / 1000

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

    def _check_deadline(self) -> None:
        if monotonic() >= self._deadline:
            raise StepDeadline("the step has used up its time")

    async def _pressed(self, reply: Reply, timeout_ms: int) -> str | None:
        """Return the key that a wait for one answered. Raises CallerHungUp, PortError."""
        until = self._connection.asked_at + timeout_ms / 1000
        key = KEY_OF.get(reply.result)
        while key is None and reply.result != "0":
            if reply.result not in _NO_KEYS:
                self._gone(reply)
            # A to D are no keys of a telephone: go on waiting.
            left = round((until - monotonic()) * 1000)
            if left <= 0:
                return None
            reply = await self._connection.ask(wait_for_key(left), left / 1000)
            key = KEY_OF.get(reply.result)
        return key

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


@functools.lru_cache(maxsize=1024)
def wait_for_key(ms: int) -> CommandLine:
    """Return the command that waits for one key."""
    return encode("WAIT", "FOR", "DIGIT", str(max(0, ms)))
