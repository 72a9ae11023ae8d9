"""The events port: the one source of audit, wallboard, reports and replay."""

from __future__ import annotations

from typing import ClassVar, Protocol

from ivr.model.commands import Instant
from ivr.model.events import Event


class Events(Protocol):
    """Where events go. `emit` returns at once; the sink stamps the time and writes in order."""

    def emit(self, call_id: str, event: Event) -> None:
        """Take one event."""


class Emit(Instant[Events, None], frozen=True):
    """Something happened in a call."""

    port: ClassVar[str] = "events"
    journalled: ClassVar[bool] = False
    call_id: str
    event: Event

    def perform_now(self, port: Events) -> None:
        port.emit(self.call_id, self.event)
