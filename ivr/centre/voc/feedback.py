"""Feeding back: what branches are told, and what they have answered."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from ivr.centre.voc.values import Matter, Month
from ivr.model.errors import OneCallError
from ivr.ports.voc import Closed, Entry, Replied, Sent


class FeedbackError(OneCallError):
    """What was asked for cannot be done: why, and what to do instead."""


class Standing(enum.StrEnum):
    """How far feedback is."""

    OPEN = "open"  # nobody has replied
    LATE = "late"  # nor in time
    REPLIED = "replied"  # the head office has not taken the reply for good
    CLOSED = "closed"


class Tracked(msgspec.Struct, frozen=True):
    """Feedback and what became of it."""

    sent: Sent
    sent_at: datetime
    reply: str = ""
    replied_by: str = ""
    replied_at: datetime | None = None
    how: str = ""
    closed_at: datetime | None = None

    def standing(self, now: datetime) -> Standing:
        """Return how far it is."""
        if self.closed_at is not None:
            return Standing.CLOSED
        if self.replied_at is not None:
            return Standing.REPLIED
        return Standing.LATE if now > self.sent.due else Standing.OPEN


def tracked(entries: Iterable[Entry], until: datetime | None = None) -> dict[str, Tracked]:
    """Return all feedback by its name as it stood, in the order sent; a later reply replaces one before."""
    found: dict[str, Tracked] = {}
    for entry in entries:
        act = entry.act
        if until is not None and entry.at >= until:
            continue
        if isinstance(act, Sent):
            found.setdefault(act.feedback, Tracked(act, entry.at))
        elif isinstance(act, Replied | Closed) and (known := found.get(act.feedback)) is not None:
            found[act.feedback] = _after(known, entry, act)
    return found


def _after(known: Tracked, entry: Entry, act: Replied | Closed) -> Tracked:
    if isinstance(act, Closed):
        return msgspec.structs.replace(known, how=act.how, closed_at=entry.at)
    return msgspec.structs.replace(known, reply=act.text, replied_by=entry.by, replied_at=entry.at)


def to_send(
    month: Month,
    matters: Sequence[Matter],
    known: Mapping[str, Tracked],
    now: datetime,
    days: int,
    branch: str = "",
) -> list[Sent]:
    """Return what is still to be sent: of each branch (or one) and theme, how many matters and complaints
    a month had. What was sent already is not sent again."""
    heard: Counter[tuple[str, str]] = Counter()
    complaints: Counter[tuple[str, str]] = Counter()
    for matter in matters:
        key = (matter.branch, matter.theme)
        if all(key) and branch in ("", matter.branch):
            heard[key] += 1
            complaints[key] += matter.complaint
    due = now + timedelta(days=days)
    sent = [
        Sent(f"{month}/{one}/{theme}", str(month), one, theme, count, complaints[one, theme], due)
        for (one, theme), count in sorted(heard.items())
    ]
    return [one for one in sent if one.feedback not in known]


def reply(known: Mapping[str, Tracked], feedback: str, text: str) -> Replied:
    """Return a reply. Raises FeedbackError where there can be none."""
    found = _open(known, feedback)
    if not text.strip():
        raise FeedbackError("the reply says nothing; write what was done, or why nothing was")
    return Replied(found.sent.feedback, text.strip())


def close(known: Mapping[str, Tracked], feedback: str, how: str) -> Closed:
    """Return an end. Raises FeedbackError where there can be none."""
    found = _open(known, feedback)
    if found.replied_at is None:
        raise FeedbackError(f"nobody has replied to {feedback} yet; that comes first")
    if not how.strip():
        raise FeedbackError("say how it ended")
    return Closed(found.sent.feedback, how.strip())


def _open(known: Mapping[str, Tracked], feedback: str) -> Tracked:
    found = known.get(feedback)
    if found is None:
        raise FeedbackError(f"there is no feedback {feedback}; `ivr voc replies` lists them")
    if found.closed_at is not None:
        raise FeedbackError(f"{feedback} is closed since {found.closed_at:%Y-%m-%d}")
    return found
