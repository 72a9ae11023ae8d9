"""A call as the coverage ledger sees it: folded from its events, up to its first end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from ivr.centre.dialling import telephone
from ivr.model.events import (
    CallEnded,
    CallStarted,
    CallUnserved,
    ConversationEnded,
    HungUp,
    LanguageChanged,
    SurveyOffered,
)
from ivr.ports.coverage import Leg
from ivr.ports.store import StampedEvent

TELLING = (
    CallStarted,
    CallUnserved,
    LanguageChanged,
    ConversationEnded,
    HungUp,
    SurveyOffered,
    CallEnded,
)
"""The kinds of events that a story is made of; the others need not be read."""

AGENT, SELF_SERVICE, CAMPAIGN = "agent", "self_service", "campaign"
LOST, NOT_SERVED = "lost", "not_served"
"""Why calls ended whose end no engine saw, and which none had."""


class Story(msgspec.Struct, frozen=True):
    """What is to be known of a call. `offered` is the survey that the caller was asked in it about
    itself; `ended` and the others are as in `CoverageRow`."""

    call_id: str
    started_at: datetime
    ended_at: datetime
    dnis: str = ""
    ani: str = ""
    customer: str = ""
    version: str = ""
    language: str = ""
    legs: tuple[Leg, ...] = ()
    offered: str = ""
    ended: str = "hotline"
    outcome: str = ""

    @property
    def kind(self) -> str:
        """What its caller would be asked about, or was by the campaign that the call was for."""
        if self.legs:
            return AGENT
        return CAMPAIGN if self.begun_by_the_bank and self.offered else SELF_SERVICE

    @property
    def length(self) -> timedelta:
        """How long it was."""
        return self.ended_at - self.started_at

    @property
    def begun_by_the_bank(self) -> bool:
        """Whether the hotline dialled: the ids that it gives to its calls have no full stop, those of
        Asterisk always have one; and only a service number's flow talks with whoever answers."""
        return self.dnis.startswith("*") and "." not in self.call_id


def known_by(ani: str, customer: str, country: str) -> tuple[str, ...]:
    """Return by what a caller is found again: their telephone, however its number was written, and who
    they are, as far as either is known. `country` is the calling code of the bank's country."""
    found = ("ani", telephone(ani, country)), ("customer", customer)
    return tuple(f"{kind}:{value}" for kind, value in found if value)


def story(events: Iterable[StampedEvent]) -> Story | None:
    """Return a call's story by its events in the order written; None before it has ended.

    What was written after the first end tells nothing: an engine that lost its disk may bring a second.
    """
    happened = list(events)
    last = next(
        (place for place, one in enumerate(happened) if isinstance(one.event, CallEnded)), None
    )
    return so_far(happened[: last + 1], happened[last].at) if last is not None else None


def so_far(happened: list[StampedEvent], now: datetime) -> Story:
    """Return the story of a call up to `now`."""
    begun = happened[0] if happened else None
    told = Story(begun.call_id if begun else "", begun.at if begun else now, now)
    for one in happened:
        told = _with(told, one)
    return told


def _with(told: Story, one: StampedEvent) -> Story:
    replace = msgspec.structs.replace
    match one.event:
        case CallStarted(dnis=dnis, ani=ani, version=version, language=language):
            return replace(
                told, started_at=one.at, dnis=dnis, ani=ani, version=version, language=language
            )
        case CallUnserved(dnis=dnis, ani=ani, started_at=started):
            return replace(told, started_at=started, dnis=dnis, ani=ani)
        case LanguageChanged(language=language):
            return replace(told, language=language)
        case ConversationEnded(queue=queue, agent=agent, ms=ms, by=by, silent_ms=silent):
            # Who ended the last conversation ended what the caller was there for.
            ended = by if by in ("agent", "caller") else "unknown"
            return replace(told, legs=(*told.legs, Leg(queue, agent, ms, by, silent)), ended=ended)
        case HungUp() if not told.legs:
            return replace(told, ended="caller")
        case SurveyOffered(survey=survey, about=about) if not about or about == told.call_id:
            return replace(told, offered=told.offered or survey)
        case CallEnded(reason=reason, customer=customer):
            lost = reason == LOST and not told.legs and told.ended == "hotline"
            return replace(
                told,
                ended_at=one.at,
                outcome=reason,
                customer=customer,
                ended="unknown" if lost or reason == NOT_SERVED else told.ended,
            )
    return told
