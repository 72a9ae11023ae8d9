"""Callbacks: what leads from state to state, and when a telephone may be rung.

    kept ──attempted──▶ attempted ──reached──▶ reached ──bridged──▶ bridged
     ▲                      │                     │
     └──────missed──────────┴─────────────────────┘   failed after the last attempt, expired too late

At most one attempt is live: only a callback that is `kept` is attempted, and it is kept again only when
its attempt is known to be over. Whoever is not known to be (Asterisk could not be asked) is left alone
for as long as a telephone can ring (`leased`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from ivr.ports.callbacks import Callback, Place, Purpose, State, Wanted, Window

GRACE = timedelta(seconds=10)
"""How much longer than it may ring an attempt may be on its way through Asterisk."""

LATE = timedelta(minutes=30)
"""How long after its window a callback is still tried: it is late, and still worth something."""


Opens = Callable[[datetime], datetime | None]
"""Returns when customers may be called, from a time on: that time itself, a later one, or never."""
_HOUR, _MOMENT = timedelta(hours=1), timedelta(seconds=1)
_HOURS_AHEAD = 7 * 24


class Trying(msgspec.Struct, frozen=True):
    """How often a customer is rung, and how long after one attempt the next may be."""

    attempts: int
    retry: timedelta


class About(msgspec.Struct, frozen=True):
    """Whom and what a scheduled call is about, and who should call; each may be empty."""

    customer: str = ""
    case: str = ""
    agent: str = ""


NOTHING = About()


def kept(
    wanted: Wanted, place: Place, now: datetime, opens: datetime, expiry: timedelta
) -> Callback:
    """Promise a callback instead of waiting: it has the caller's place. `opens` is when customers may
    be called, from now on."""
    wait = timedelta(seconds=place.estimate_s or 0)
    return Callback(
        id=wanted.call_id,
        purpose=Purpose.QUEUE,
        number=wanted.number,
        language=wanted.language,
        entered=place.entered,
        due=max(now + wait, opens),
        not_before=now,
        until=now + expiry,
        queue=wanted.queue,
        customer=wanted.customer,
        priority=place.priority,
        facts=place.facts,
    )


def scheduled(
    id_: str,
    queue: str,
    number: str,
    language: str,
    window: tuple[datetime, datetime],
    by: str,
    about: About = NOTHING,
) -> Callback:
    """Promise a callback within a window: its place is that of a caller who comes when it begins."""
    begins, ends = window
    facts = {"case": about.case, "last_agent": about.agent}
    return Callback(
        id=id_,
        purpose=Purpose.QUEUE,
        number=number,
        language=language,
        entered=begins,
        due=ends,
        not_before=begins,
        until=ends + LATE,
        window_from=begins,
        queue=queue,
        customer=about.customer,
        facts={name: fact for name, fact in facts.items() if fact},
        note=f"scheduled by {by}",
    )


def windows(opens: Opens, now: datetime, most: int) -> tuple[Window, ...]:
    """Return the next full hours in which customers may be called, `most` at most, of a week from now."""
    found: list[Window] = []
    begins = now.replace(minute=0, second=0, microsecond=0) + _HOUR
    for _ in range(_HOURS_AHEAD):
        ends = begins + _HOUR
        if len(found) < most and all(opens(at) == at for at in (begins, ends - _MOMENT)):
            found.append(Window(begins, ends))
        begins = ends
    return tuple(found)


def attempted(callback: Callback, attempt: str, now: datetime) -> Callback | None:
    """Begin an attempt; None where the telephone may not be rung now."""
    if callback.state is not State.KEPT or not callback.not_before <= now < callback.until:
        return None
    return replace(
        callback,
        state=State.ATTEMPTED,
        attempts=callback.attempts + 1,
        attempt=attempt,
        attempted_at=now,
    )


def reached(callback: Callback) -> Callback | None:
    """The customer wants to talk now."""
    return _from(State.ATTEMPTED, callback, State.REACHED)


def bridged(callback: Callback) -> Callback | None:
    """The customer talks with an agent, or has confirmed what they asked for."""
    return _from(State.REACHED, callback, State.BRIDGED)


def missed(callback: Callback, trying: Trying, now: datetime) -> Callback | None:
    """The attempt is over and the customer was not reached, or was lost: ring later, or give up."""
    if callback.state not in (State.ATTEMPTED, State.REACHED):
        return None
    if callback.attempts >= trying.attempts:
        return replace(callback, state=State.FAILED)
    return put_off(replace(callback, state=State.KEPT), now + trying.retry)


def put_off(callback: Callback, to: datetime) -> Callback:
    """Ring no earlier than `to`; a callback that is not worth it then has expired."""
    if to >= callback.until:
        return replace(callback, state=State.EXPIRED)
    return replace(callback, not_before=max(to, callback.not_before))


def ended(callback: Callback, state: State, note: str = "") -> Callback | None:
    """End a callback that is open: cancelled, replaced, failed; None where it is over."""
    return replace(callback, state=state, note=note) if callback.state.open else None


def lapsed(callback: Callback, now: datetime) -> Callback | None:
    """End a callback that was not rung in time; None where it is not so late, or is being rung."""
    late = callback.state is State.KEPT and now >= callback.until
    return replace(callback, state=State.EXPIRED) if late else None


def leased(callback: Callback, ring: timedelta, now: datetime) -> bool:
    """Whether its telephone may still ring, for all that is known."""
    return callback.attempted_at is not None and now < callback.attempted_at + ring + GRACE


def _from(state: State, callback: Callback, to: State) -> Callback | None:
    return replace(callback, state=to) if callback.state is state else None
