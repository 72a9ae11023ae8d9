"""What happened in a simulated call, moment by moment."""

from __future__ import annotations

import enum
from collections.abc import Callable

import msgspec

from ivr.adapters.sim.clock import VirtualClock


class Kind(enum.StrEnum):
    """What a line of a transcript is about."""

    HEARD = "heard"
    PRESSED = "pressed"
    SAID = "said"
    STEP = "step"
    LEFT = "left"
    NOTE = "note"
    ENDED = "ended"


class Moment(msgspec.Struct, frozen=True):
    """One line of a transcript: `what` (a prompt, a key, a step) with a `text` for people."""

    at_ms: int
    kind: Kind
    what: str
    text: str = ""


class Transcript:
    """The moments of a call, in order. `observe` is told each as it happens."""

    def __init__(
        self, clock: VirtualClock, observe: Callable[[Moment], None] | None = None
    ) -> None:
        self._clock = clock
        self._observe = observe
        self.moments: list[Moment] = []

    def add(self, kind: Kind, what: str, text: str = "") -> None:
        """Note what happens now."""
        moment = Moment(self._clock.ms, kind, what, text)
        self.moments.append(moment)
        if self._observe is not None:
            self._observe(moment)

    def all(self, kind: Kind) -> tuple[str, ...]:
        """Return what was noted of one kind, in order."""
        return tuple(moment.what for moment in self.moments if moment.kind is kind)
