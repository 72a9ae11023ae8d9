"""How sessions, events and flow files are written, and read again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Union

import msgspec

from ivr.model.errors import PortError
from ivr.model.events import Event
from ivr.model.session import Session
from ivr.ports.store import StampedEvent

_ENCODER = msgspec.json.Encoder()
_KINDS: Any = Union[tuple(Event.__subclasses__())]  # noqa: UP007 - the members are found at run time
_EVENTS: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_KINDS)
_FILES = msgspec.json.Decoder(dict[str, str])

UNFIT = (TypeError, ValueError, OverflowError)
"""What encoding raises for a value that has no JSON (a lone surrogate in a hostile caller name)."""


def millis(at: datetime) -> int:
    """Return Unix milliseconds."""
    return int(at.timestamp() * 1000)


def encode(value: Any) -> bytes:
    """Write a value. Raises one of UNFIT."""
    return _ENCODER.encode(value)


def read(body: bytes) -> Event:
    """Read what happened. Raises msgspec.DecodeError."""
    event: Event = _EVENTS.decode(body)
    return event


def decode_body(call_id: str, body: bytes) -> Event:
    """Read what happened. Raises PortError for what this version does not know."""
    try:
        return read(body)
    except msgspec.DecodeError as error:
        raise PortError("events", f"an event of call {call_id} cannot be read: {error}") from error


def decode_event(call_id: str, at_ms: int, body: bytes) -> StampedEvent:
    """Read an event. Raises PortError for one that this version does not know."""
    event = decode_body(call_id, body)
    return StampedEvent(datetime.fromtimestamp(at_ms / 1000, UTC), call_id, event)


def decode_session(call_id: str, body: bytes) -> Session:
    """Read a session. Raises PortError for one that this version cannot read."""
    try:
        return Session.from_json(body)
    except msgspec.DecodeError as error:
        problem = f"the session of call {call_id} cannot be read: {error}"
        raise PortError("sessions", problem) from error


def decode_files(body: bytes) -> dict[str, str]:
    """Read the files of a flow version. What is damaged beyond reading is no files: they hash to no
    version, and so are as damaged as if a letter were changed."""
    try:
        return _FILES.decode(body)
    except msgspec.DecodeError:
        return {}
