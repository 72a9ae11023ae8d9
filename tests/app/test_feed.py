"""The live feed of events."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

from ivr.app.feed import Feed
from ivr.model.events import CallEnded, Event

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Clock:
    def now(self) -> datetime:
        return NOON


class Kept:
    def __init__(self) -> None:
        self.events: list[tuple[str, Event]] = []

    def emit(self, call_id: str, event: Event) -> None:
        self.events.append((call_id, event))


class Broken(io.BytesIO):
    def flush(self) -> None:
        raise BrokenPipeError


def test_each_event_is_one_line_and_is_kept_as_well() -> None:
    kept, stream = Kept(), io.BytesIO()
    Feed(kept, Clock(), stream).emit("17.1", CallEnded("completed"))
    assert json.loads(stream.getvalue()) == {
        "at": "2026-11-23T12:00:00Z",
        "call": "17.1",
        "event": {"type": "CallEnded", "reason": "completed", "customer": ""},
    }
    assert kept.events == [("17.1", CallEnded("completed"))]


def test_a_watcher_who_goes_away_takes_no_event_with_them() -> None:
    kept = Kept()
    feed = Feed(kept, Clock(), Broken())
    feed.emit("17.1", CallEnded("completed"))
    feed.emit("17.1", CallEnded("completed"))
    assert len(kept.events) == 2
