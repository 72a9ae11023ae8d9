"""How a call went, told by its events.

- zero-out: a person was asked for: the call was put into a queue or through to a destination;
- failed: a step failed, or no handler took what went wrong;
- abandoned: the caller hung up in a queue before a person answered;
- contained: the call is over, no person was asked for and nothing failed. This is raw containment:
  whether the caller reached their goal is not asked (field notes, terms and formulas).
"""

from __future__ import annotations

from collections.abc import Iterable

from ivr.model.events import (
    CallEnded,
    CallQueued,
    CallStarted,
    CallTransferred,
    Event,
    LanguageChanged,
    StepFailed,
)
from ivr.ports.store import CallFilter, CallRecord, StampedEvent
from ivr.ports.waiting import Leaving

FAILED = "failed"
"""The reason of a call that no handler took."""

TELLING = (CallStarted, CallEnded, CallQueued, CallTransferred, LanguageChanged, StepFailed)
"""The kinds of events that a record is made of; the others need not be read."""


def record(events: Iterable[StampedEvent]) -> CallRecord | None:
    """Return how a call went, by its events in order; None when its start is not among them."""
    happened = list(events)
    begun = next((one for one in happened if isinstance(one.event, CallStarted)), None)
    if begun is None or not isinstance(begun.event, CallStarted):
        return None
    started = begun.event
    language, reason, ended = started.language, "", None
    zero_out = failed = abandoned = False
    for one in happened:
        match one.event:
            case CallEnded(reason):
                ended = one.at
                failed = failed or reason == FAILED
            case CallQueued(_, status) | CallTransferred(_, status):
                zero_out = True
                abandoned = abandoned or status == Leaving.ABANDONED
            case StepFailed():
                failed = True
            case LanguageChanged(language):
                pass
    return CallRecord(
        call_id=begun.call_id,
        started=begun.at,
        ended=ended,
        dnis=started.dnis,
        ani=started.ani,
        flow=started.flow,
        version=started.version,
        language=language,
        reason=reason,
        zero_out=zero_out,
        failed=failed,
        abandoned=abandoned,
        contained=ended is not None and not zero_out and not failed,
    )


def wanted_start(wanted: CallFilter, begun: Event) -> bool:
    """Whether a call that began so is wanted, as far as its start tells."""
    if not isinstance(begun, CallStarted):
        return False
    number = not wanted.number or wanted.number in (begun.ani, begun.dnis)
    return number and begun.version.startswith(wanted.version)


def wanted_record(wanted: CallFilter, call: CallRecord) -> bool:
    """Whether a call is wanted, as far as how it went tells."""
    return (
        (not wanted.reason or call.reason == wanted.reason)
        and (not wanted.language or call.language == wanted.language)
        and (not wanted.outcome or bool(getattr(call, wanted.outcome)))
    )
