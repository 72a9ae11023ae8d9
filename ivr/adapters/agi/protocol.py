"""The AGI protocol without I/O: bytes in, messages out.

Strict request and response. What may happen when is in TRANSITIONS and nowhere else; whatever is
not in it is an error: ours (LocalProtocolError) or the peer's (RemoteProtocolError). A `HANGUP`
line may come at any moment, before the reply of the pending command too, and is never taken for
that reply.

One thing goes beyond that: a command sent behind one that plays cuts it short (Asterisk waits for the
caller and for us alike), and then only the second one is answered. So what is sent there is harmless and
nobody wants its answer. Where playing was over already, that answer still comes: soon, or, if both had
been read at once, before the one of the next command.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from typing import Final

import msgspec

from ivr.adapters.agi import environment
from ivr.adapters.agi.encoder import CommandLine
from ivr.adapters.agi.environment import Environment, parse_environment
from ivr.adapters.agi.errors import LocalProtocolError, RemoteProtocolError

MAX_LINE = 8192
MAX_USAGE_LINES = 1000

_OK = re.compile(r"200 result=(\S*)(?: \((.*)\))?(?: endpos=([0-9]{1,12}))?\s*")
_OTHER = re.compile(r"([0-9]{3})([ -])(.*)")


class State(enum.StrEnum):
    """Where a connection stands."""

    GREETING = "greeting"  # the environment is coming
    IDLE = "idle"  # our turn
    WAITING = "waiting"  # for the reply of one command
    CUTTING = "cutting"  # for the reply of a command that is cut short, or of the one that cuts
    OWED = "owed"  # our turn; the reply of the one that cuts is still to come
    BEHIND = "behind"  # for that one, then for the reply of one command
    USAGE = "usage"  # within a `520-` reply of several lines
    CLOSED = "closed"


class Signal(enum.StrEnum):
    """What can happen to a connection."""

    ENVIRONMENT = "environment"
    COMMAND = "command"
    CUT = "cut"
    TRYING = "trying"
    USAGE = "usage"
    REPLY = "reply"
    ENDED = "ended"  # the reply of a command that was over before it was cut
    HANGUP = "hangup"
    END = "end"


TRANSITIONS: Final[dict[State, dict[Signal, State]]] = {
    State.GREETING: {Signal.ENVIRONMENT: State.IDLE, Signal.END: State.CLOSED},
    State.IDLE: {
        Signal.COMMAND: State.WAITING,
        Signal.HANGUP: State.IDLE,
        Signal.END: State.CLOSED,
    },
    State.WAITING: {
        Signal.REPLY: State.IDLE,
        Signal.CUT: State.CUTTING,
        Signal.TRYING: State.WAITING,
        Signal.USAGE: State.USAGE,
        Signal.HANGUP: State.WAITING,
        Signal.END: State.CLOSED,
    },
    State.CUTTING: {
        Signal.REPLY: State.IDLE,
        Signal.ENDED: State.OWED,
        Signal.HANGUP: State.CUTTING,
        Signal.END: State.CLOSED,
    },
    State.OWED: {
        Signal.REPLY: State.IDLE,
        Signal.COMMAND: State.BEHIND,
        Signal.HANGUP: State.OWED,
        Signal.END: State.CLOSED,
    },
    State.BEHIND: {
        Signal.REPLY: State.WAITING,
        Signal.HANGUP: State.BEHIND,
        Signal.END: State.CLOSED,
    },
    State.USAGE: {
        Signal.REPLY: State.IDLE,
        Signal.HANGUP: State.USAGE,
        Signal.END: State.CLOSED,
    },
    State.CLOSED: {Signal.END: State.CLOSED},
}


CUT: Final = "cut"
"""The result of a command that was cut short."""


class Reply(msgspec.Struct, frozen=True):
    """The reply of one command.

    `200 result=RESULT (DATA) endpos=ENDPOS`; any other code has only its text as `data`.
    """

    code: int
    result: str = ""
    data: str = ""
    endpos: int = 0


class Hangup(msgspec.Struct, frozen=True):
    """The line `HANGUP`: the caller is gone, or was taken elsewhere by a redirect."""


Message = Environment | Reply | Hangup

_USUAL: Final = {
    b"200 result=%d\n" % result: Reply(200, str(result)) for result in (-1, 0, 1, *b"0123456789*#")
}
"""What Asterisk says nearly always, read once: silence, the end of a prompt, a key, a hang-up."""


class Protocol:
    """One connection's state machine."""

    __slots__ = ("_block", "_rest", "_usage_lines", "hung_up", "state")

    def __init__(self) -> None:
        self.state = State.GREETING
        self.hung_up = False
        self._block = bytearray()
        self._rest = b""
        self._usage_lines = 0

    def send(self, line: CommandLine) -> bytes:
        """Return the bytes to write, in one piece, for this command.

        Raises LocalProtocolError unless it is our turn.
        """
        following = TRANSITIONS[self.state].get(Signal.COMMAND)
        if following is None:
            raise LocalProtocolError(f"no command may be sent while {self.state.value}")
        self.state = following
        return line

    def cut(self, line: CommandLine) -> bytes:
        """Return the bytes to write to cut the pending command short, which plays; `line` is harmless
        and answers no position.

        Raises LocalProtocolError unless one command is pending.
        """
        following = TRANSITIONS[self.state].get(Signal.CUT)
        if following is None:
            raise LocalProtocolError(f"nothing can be cut while {self.state.value}")
        self.state = following
        return line

    def receive(self, data: bytes) -> Sequence[Message]:
        """Take what was read and return the messages now complete.

        Raises RemoteProtocolError; the connection is of no use after it.
        """
        if self.state is State.WAITING and not self._rest and (usual := _USUAL.get(data)):
            self._pass(Signal.REPLY)
            return [usual]
        messages: list[Message] = []
        if self.state is State.GREETING:
            greeting = self._greeting(data)
            if greeting is None:
                return ()
            messages, data = [greeting[0]], greeting[1]
        if self._rest:
            data = self._rest + data
        lines = data.split(b"\n")
        if len(data) > MAX_LINE and max(map(len, lines)) > MAX_LINE:
            raise RemoteProtocolError(f"a line has over {MAX_LINE} bytes")
        self._rest = lines.pop()
        for line in lines:
            message = self._line(line)
            if message is not None:
                messages.append(message)
        return messages

    def end(self) -> None:
        """The peer will send no more."""
        self._pass(Signal.END)

    def _pass(self, signal: Signal) -> None:
        following = TRANSITIONS[self.state].get(signal)
        if following is None:
            raise RemoteProtocolError(f"{signal.value} while {self.state.value}")
        self.state = following

    def _greeting(self, data: bytes) -> tuple[Environment, bytes] | None:
        """Return the environment once its empty line is here, and what came after it.

        Asterisk sends it in some thirty segments, so nothing is parsed before it is whole.
        """
        block = self._block
        searched = max(len(block) - 1, 0)
        block += data
        end = block.find(b"\n\n", searched)
        if (end if end >= 0 else len(block)) > environment.MAX_BYTES:
            raise RemoteProtocolError(f"the environment has over {environment.MAX_BYTES} bytes")
        if end < 0:
            return None
        parsed = parse_environment(bytes(block[:end]))
        after = bytes(block[end + 2 :])
        block.clear()
        self._pass(Signal.ENVIRONMENT)
        return parsed, after

    def _line(self, raw: bytes) -> Message | None:
        line = raw.decode("utf-8", "replace")
        if self.state is not State.USAGE:
            match = _OK.fullmatch(line)
            if match is not None:
                result, text, endpos = match.groups()
                if self.state is State.CUTTING and endpos is None:
                    result = CUT
                reply = Reply(200, result, text or "", int(endpos) if endpos else 0)
                return self._replied(reply)
        line = line.rstrip("\r")
        if line == "HANGUP":
            return self._hangup()
        return self._usage(line) if self.state is State.USAGE else self._other(line)

    def _replied(self, reply: Reply) -> Reply | None:
        """Take a reply; None: it is the one that nobody wants."""
        cutting, behind = self.state is State.CUTTING, self.state in (State.OWED, State.BEHIND)
        self._pass(Signal.ENDED if cutting and reply.result != CUT else Signal.REPLY)
        return None if behind else reply

    def _hangup(self) -> Hangup | None:
        self._pass(Signal.HANGUP)
        # Asterisk sends it again when it leaves the AGI.
        first = not self.hung_up
        self.hung_up = True
        return Hangup() if first else None

    def _usage(self, line: str) -> Reply | None:
        if line.startswith("520 "):
            self._pass(Signal.REPLY)
            return Reply(520, data="usage")
        self._usage_lines += 1
        if self._usage_lines > MAX_USAGE_LINES:
            raise RemoteProtocolError(f"a usage text has over {MAX_USAGE_LINES} lines")
        return None

    def _other(self, line: str) -> Reply | None:
        match = _OTHER.fullmatch(line)
        if match is None or match[1] == "200":
            raise RemoteProtocolError("a line that is no reply")
        code, text = int(match[1]), match[3]
        if match[2] == "-":
            if code != 520:
                raise RemoteProtocolError("a reply of several lines that is no usage text")
            self._pass(Signal.USAGE)
            self._usage_lines = 0
            return None
        if code < 200:
            self._pass(Signal.TRYING)
            return None
        return self._replied(Reply(code, data=text))
