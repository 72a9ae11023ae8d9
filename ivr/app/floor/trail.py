"""What passes on the way to the store: the path of each call through the menu, for the agent who takes it,
in memory and no longer than the call; and the end of a call, which is the end of its conversation too."""

from __future__ import annotations

from collections.abc import Callable

from ivr.model.events import CallEnded, Event, StepEntered
from ivr.ports.events import Events

_STEPS_MOST = 20


class Trail:
    """Passes events on, and remembers which steps a call has entered. `before_end` is told of a call
    that is about to end, so that all that belongs to it comes before its end."""

    def __init__(self, events: Events) -> None:
        self.before_end: Callable[[str], object] = _nothing
        self._events = events
        self._steps: dict[str, list[str]] = {}

    def emit(self, call_id: str, event: Event) -> None:
        """Pass an event on. See `Events`."""
        if isinstance(event, StepEntered):
            steps = self._steps.setdefault(call_id, [])
            steps.append(f"{event.flow}.{event.step}")
            del steps[:-_STEPS_MOST]
        elif isinstance(event, CallEnded):
            self._steps.pop(call_id, None)
            self.before_end(call_id)
        self._events.emit(call_id, event)

    def nobody_waits(self) -> None:
        """Tell nobody any more before a call ends: the floor is another node's."""
        self.before_end = _nothing

    def steps(self, call_id: str) -> tuple[str, ...]:
        """Return the steps of a call, the latest last."""
        return tuple(self._steps.get(call_id, ()))


def _nothing(call_id: str) -> None:
    """Nothing is to be done."""
