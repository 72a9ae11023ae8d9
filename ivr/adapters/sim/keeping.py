"""What a simulation keeps: sessions as JSON, events and the journal in memory."""

from __future__ import annotations

from collections.abc import Callable

from ivr.adapters.sim.transcript import Kind, Transcript
from ivr.model.errors import OneCallError
from ivr.model.events import (
    CallEnded,
    CallResumed,
    Event,
    LanguageChanged,
    StepEntered,
    StepFailed,
    StepLeft,
    SurveyAnswered,
    SurveyEnded,
)
from ivr.model.session import Session


class NotAValue(OneCallError):
    """A session does not come back from JSON as it went in."""


class SimSessions:
    """Implements the Sessions port in memory. `saving` is called after each save, with how many
    there were; what it raises ends the call there, as a lost connection does."""

    def __init__(self, saving: Callable[[int], None] | None = None) -> None:
        self._saving = saving
        self._kept: dict[str, bytes] = {}
        self.saves = 0

    @property
    def open(self) -> int:
        """How many calls are in progress."""
        return len(self._kept)

    def save(self, session: Session) -> None:
        """Keep a session. Raises NotAValue when it does not survive it."""
        written = session.to_json()
        if Session.from_json(written) != session:
            raise NotAValue(f"the session of {session.frame.step} does not survive JSON")
        self._kept[session.call_id] = written
        self.saves += 1
        if self._saving is not None:
            self._saving(self.saves)

    def close(self, session: Session, reason: str) -> None:
        """Forget a session."""
        self._kept.pop(session.call_id, None)

    async def load(self, call_id: str) -> Session | None:
        """Return a kept session."""
        written = self._kept.get(call_id)
        return Session.from_json(written) if written is not None else None

    async def resumed(self, call_id: str) -> int:
        """Return how often a call was resumed: here, nobody else does."""
        session = await self.load(call_id)
        return session.resumed if session else 0


class SimEvents:
    """Implements the Events port: the events of a call, and the transcript's lines of them."""

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript
        self.events: list[Event] = []

    def emit(self, call_id: str, event: Event) -> None:
        """Take one event."""
        self.events.append(event)
        match event:
            case StepEntered(flow, step, verb):
                self._transcript.add(Kind.STEP, f"{flow}.{step}", verb)
            case StepLeft(flow, step, outcome):
                self._transcript.add(Kind.LEFT, f"{flow}.{step}", outcome)
            case StepFailed(flow, step, problem):
                self._transcript.add(Kind.NOTE, f"{flow}.{step} failed", problem)
            case LanguageChanged(language):
                self._transcript.add(Kind.NOTE, "language", language)
            case CallResumed():
                self._transcript.add(Kind.NOTE, "the call goes on on a new connection")
            case SurveyAnswered(question=question, answer=answer):
                self._transcript.add(Kind.NOTE, question, answer or "no answer")
            case SurveyEnded(survey, how):
                self._transcript.add(Kind.NOTE, f"the survey {survey} is over", how)
            case CallEnded(reason):
                self._transcript.add(Kind.ENDED, reason)


class SimJournal:
    """A journal that keeps its entries in memory."""

    def __init__(self) -> None:
        self.entries: list[bytes] = []

    def append(self, call_id: str, entry: bytes) -> None:
        """Keep an entry."""
        self.entries.append(entry)
