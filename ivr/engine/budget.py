"""What a call may still take: steps and time."""

from __future__ import annotations

from datetime import datetime, timedelta

from ivr.model.errors import LimitExceeded
from ivr.model.limits import Limits
from ivr.model.session import Session

CLOCK_EVERY = 4
"""Every how many steps a call's duration is looked at."""

_MS = timedelta(milliseconds=1)


class Budget:
    """One call's steps and time. `taken` is how many steps it has taken.

    Whoever goes beyond a limit is told once, by LimitExceeded, and has `grace_steps` left to say so.
    """

    def __init__(self, limits: Limits, session: Session) -> None:
        self._limits = limits
        self._ends_at = session.started_at + (limits.call_ms + session.talked_ms) * _MS
        self._steps_allowed = limits.steps
        self._limited = False
        self._talking_since: datetime | None = None

    def count(self, taken: int) -> None:
        """Count a step. Raises LimitExceeded."""
        if taken > self._steps_allowed:
            self._limit(f"more than {self._limits.steps} steps in one call", taken)

    def wants_the_time(self, taken: int, *, conversation: bool) -> bool:
        """Whether to ask for the time: each answer is an entry in the journal."""
        return conversation or self._talking_since is not None or taken % CLOCK_EVERY == 0

    def talked_ms(self, now: datetime, *, conversation: bool) -> int:
        """Return how long people have talked since the time was asked: that does not count."""
        talked = now - self._talking_since if self._talking_since is not None else timedelta()
        self._ends_at += talked
        self._talking_since = now if conversation else None
        return talked // _MS

    def look_at_the_clock(self, now: datetime, taken: int) -> None:
        """Stop a call that lasts too long. Raises LimitExceeded."""
        if now > self._ends_at:
            self._limit("the call lasts too long", taken)

    def grant_grace(self, taken: int) -> None:
        """Leave a handler a few steps."""
        self._steps_allowed = taken + self._limits.grace_steps

    def _limit(self, problem: str, taken: int) -> None:
        if self._limited and taken <= self._steps_allowed:
            return
        self._limited = True
        self.grant_grace(taken)
        raise LimitExceeded(problem)
