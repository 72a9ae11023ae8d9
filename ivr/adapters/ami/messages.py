"""AMI messages: what is sent is refused when it could be two, what is read is never trusted.

PortError
├── AmiDown      there is no connection; nothing was sent
├── AmiLost      the connection broke before the answer; what was asked may have happened
├── AmiRefused   Asterisk said no
└── AmiRejected  Asterisk does not let this user in
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from panoramisk.actions import Action
from panoramisk.message import Message

from ivr.model.errors import PortError

PORT = "ami"

MAX_LINE = 1_000
"""Bytes; Asterisk discards a line of more than 1,024."""

MAX_LINES = 100
"""Asterisk reads 128 headers of an action at most."""

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")
_MOMENT = re.compile(r"[0-9]{1,12}\.[0-9]{1,6}")

Value = str | int | bool | Iterable[str]


class AmiDown(PortError):
    """There is no connection to Asterisk now; nothing was sent."""

    def __init__(self) -> None:
        super().__init__(PORT, "not connected to Asterisk", retryable=True)


class AmiLost(PortError):
    """The connection broke before the answer came: what was asked may have happened."""

    def __init__(self, action: str) -> None:
        super().__init__(PORT, f"the connection broke before {action} was answered")


class AmiRefused(PortError):
    """Asterisk answered an action with an error, its words in `reason`."""

    def __init__(self, action: str, reason: str) -> None:
        super().__init__(PORT, f"Asterisk refused {action}: {reason}")
        self.reason = reason


class AmiRejected(PortError):
    """Asterisk does not let this user in."""


class AmiMessage:
    """An answer or an event. Keys are looked up without regard to case."""

    __slots__ = ("_headers",)

    def __init__(self, headers: Message) -> None:
        self._headers = headers

    @property
    def name(self) -> str:
        """The event's name; empty for an answer."""
        return self["Event"]

    @property
    def success(self) -> bool:
        """Whether an answer is no error."""
        return self["Response"] in ("Success", "Follows", "Goodbye")

    @property
    def moment(self) -> float | None:
        """When an event happened, in Unix time; None where Asterisk does not tell (`timestampevents`)."""
        told = self["Timestamp"]
        return float(told) if _MOMENT.fullmatch(told) else None

    def __getitem__(self, key: str) -> str:
        """Return the first value of a key, or an empty text."""
        value: str | list[str] = self._headers.get(key, "")
        return value[0] if isinstance(value, list) else value

    def but(self, key: str, value: str) -> AmiMessage:
        """Return the same message with another value of one key."""
        headers = Message(self._headers)
        headers[key] = value
        return AmiMessage(headers)

    def all(self, key: str) -> list[str]:
        """Return every value of a key, as in the `Output` lines of a command."""
        value = self._headers.get(key, [])
        return value if isinstance(value, list) else [value]

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield every key with its first value."""
        return ((key, self[key]) for key in self._headers)

    def __repr__(self) -> str:
        return f"<AmiMessage {self.name or self['Response']}>"


class Question(Action):  # type: ignore[misc]  # panoramisk has no types
    """An action and what gathers its answer: one message, or the messages of a list.

    Only `EventList` begins and ends a list. (panoramisk guesses from the words of the answer, waits
    for ever after QueueAdd and fails on Originate.)
    """

    def __init__(self, name: str, action_id: str, headers: Mapping[str, str | list[str]]) -> None:
        super().__init__({"Action": name, "ActionID": action_id, **headers})

    @property
    def multi(self) -> bool:
        """Whether the answer is a list."""
        return AmiMessage(self.responses[0])["EventList"].lower() == "start"

    @property
    def completed(self) -> bool:
        """Whether this was the last message of the answer."""
        if not self.multi:
            return True
        return AmiMessage(self.responses[-1])["EventList"].lower() in ("complete", "cancelled")

    def encode(self) -> bytes:
        """Return the bytes to send. Raises PortError when they are too long for Asterisk."""
        lines = str(self).encode()
        if lines.count(b"\n") > MAX_LINES or max(map(len, lines.split(b"\r\n"))) > MAX_LINE:
            raise PortError(PORT, f"{self['Action']} is too long for Asterisk")
        return lines


def headers(fields: Mapping[str, Value]) -> dict[str, str | list[str]]:
    """Check what an action says and return it as text.

    Raises PortError for a key or value that holds a line break, a NUL or another control
    character: it would be a second header, or a second action.
    """
    return {_key(key): _value(key, value) for key, value in fields.items()}


def _key(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise PortError(PORT, "the name of a header holds what a name may not hold")
    return key


def _value(key: str, value: Value) -> str | list[str]:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return _text(key, str(value))
    return [_text(key, one) for one in value]


def _text(key: str, text: str) -> str:
    if _CONTROL.search(text):
        raise PortError(PORT, f"the value of {key} holds a control character")
    return text
