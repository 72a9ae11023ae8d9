"""What callbacks need of the floor: their places in the same line as callers."""

from __future__ import annotations

from typing import Protocol

from ivr.model.floor import AnyFloorEvent, CallbackChanged
from ivr.ports.callbacks import Callback, Place


class Line(Protocol):
    """The floor. All of it is done at once, and of ids that it does not know nothing is done."""

    def place(self, call_id: str) -> Place | None:
        """Return the place of a caller who waits, or has left it only to choose a callback."""

    def became(self, callback: Callback) -> None:
        """The caller of this id has gone, and a callback has their place."""

    def enter(self, callback: Callback) -> None:
        """Put a callback in its place, or back into it: it may be matched."""

    def drop(self, id: str) -> None:
        """Take a callback out for good."""

    def kept(self, id: str) -> str:
        """Return the agent who is kept for a callback, or nothing."""

    def release(self, agent: str, id: str) -> None:
        """An agent who was kept for a callback is free again, unless they have gone on already."""

    def emit(self, event: AnyFloorEvent) -> None:
        """Write down what happened."""


def tell(line: Line, callback: Callback, state: str = "") -> None:
    """Write down how far a callback is, or what else happened to it."""
    line.emit(
        CallbackChanged(
            callback=callback.id,
            call_id=callback.id,
            queue=callback.queue,
            state=state or callback.state.value,
            attempt=callback.attempts,
            due=callback.due,
        )
    )
