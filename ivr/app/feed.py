"""A live feed of events: one JSON line each, for whoever watches the engine work."""

from __future__ import annotations

from typing import BinaryIO

import msgspec

from ivr.model.events import Event
from ivr.ports.clock import Clock
from ivr.ports.events import Events

_ENCODER = msgspec.json.Encoder()


class Feed:
    """The events port, which also writes every event to a stream as it happens.

    A line is `{"at": ISO 8601, "call": id, "event": {"type": name, ...}}`. A watcher who goes away
    takes nothing with them: the stream is given up, the events are not.
    """

    def __init__(self, events: Events, clock: Clock, stream: BinaryIO) -> None:
        self._events = events
        self._clock = clock
        self._stream: BinaryIO | None = stream

    def emit(self, call_id: str, event: Event) -> None:
        """Take one event."""
        self._events.emit(call_id, event)
        if self._stream is None:
            return
        line = {"at": self._clock.now(), "call": call_id, "event": event}
        try:
            self._stream.write(_ENCODER.encode(line) + b"\n")
            self._stream.flush()
        except OSError:
            self._stream = None
