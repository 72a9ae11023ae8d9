"""What passes on the way to the store."""

from __future__ import annotations

from ivr.app.floor.trail import Trail
from ivr.model.events import CallEnded, ConversationEnded, Event, StepEntered


class Kept:
    """A store's events."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def emit(self, call_id: str, event: Event) -> None:
        self.events.append(event)


def test_what_belongs_to_a_call_comes_before_its_end() -> None:
    kept = Kept()
    trail = Trail(kept)
    talked = ConversationEnded("loans", "1001", 1_000, "caller")
    trail.before_end = lambda call_id: trail.emit(call_id, talked)
    trail.emit("c", StepEntered("main", "agent", "queue"))
    assert trail.steps("c") == ("main.agent",)
    trail.emit("c", CallEnded("hung_up"))
    assert kept.events[1:] == [talked, CallEnded("hung_up")]
    assert trail.steps("c") == ()
