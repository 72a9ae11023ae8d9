"""The port `surveys` of an engine: which survey a caller is due, and what they say."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

import msgspec

from ivr.app.flows import Published
from ivr.centre.surveys.answers import asked
from ivr.centre.surveys.deciding import Asking as Asks
from ivr.centre.surveys.deciding import ineligible
from ivr.centre.surveys.story import so_far
from ivr.ports.clock import Clock
from ivr.ports.coverage import Asked
from ivr.ports.events import Events
from ivr.ports.offers import Offer, Offers
from ivr.ports.store import StampedEvent
from ivr.ports.surveys import Asking, Due, Said

ANSWERED_WITHIN = timedelta(days=7)
"""How long after a call or a case somebody may still ring back and answer."""
KEPT_MS = 2_000
"""How long a caller waits at most for an answer to be on the disk."""


class Kept(Protocol):
    """What the desk needs of the store."""

    @property
    def offers(self) -> Offers: ...

    async def read_events(self, call_id: str) -> list[StampedEvent]: ...

    async def flush(self, budget_ms: int = ...) -> None: ...


class SurveyDesk:
    """Asks callers. What it decides comes of the same rules as the ledger's rows."""

    def __init__(self, store: Kept, events: Events, published: Published, clock: Clock) -> None:
        self._store = store
        self._events = events
        self._published = published
        self._clock = clock

    async def due(self, asking: Asking) -> Due | None:
        """Return which survey a caller is due."""
        if asking.pending:
            return await self._pending(asking)
        await self._store.flush(KEPT_MS)
        happened = await self._store.read_events(asking.call_id)
        told = msgspec.structs.replace(
            so_far(happened, self._clock.now()),
            customer=asking.customer,
            language=asking.language,
        )
        if asking.survey and not told.offered:
            known = await self._store.offers.known(asking.ani, asking.customer)
            return None if known.opted_out else Due(asking.survey)
        if told.offered:
            return _rest(told.offered, "", asked(asking.call_id, _about(happened, asking.call_id)))
        flows = Asks.of(await self._published.version(told.version))
        known = await self._store.offers.known(told.ani, told.customer)
        if ineligible(told, known, flows) is not None:
            return None
        return Due(flows.survey(told))

    async def tell(self, call_id: str, said: Said) -> None:
        """Keep what was said, and return once it outlives a crash."""
        self._events.emit(call_id, said)
        await self._store.flush(KEPT_MS)

    async def opt_out(self, call_id: str, ani: str, customer: str) -> None:
        """Never ask this caller again, in any way."""
        await self._store.offers.wish(ani, customer, out=True, who=f"call {call_id}")

    async def _pending(self, asking: Asking) -> Due | None:
        """Return what is left of the survey for which the bank has called, or else of the latest that
        the caller was offered."""
        offers = self._store.offers
        rung = await offers.of_attempt(asking.call_id)
        since = self._clock.now() - ANSWERED_WITHIN
        found: tuple[Offer, ...] = (
            (rung,) if rung else await offers.of_caller(asking.ani, asking.customer, since)
        )
        for offer in found:
            came = asked(offer.about, await offers.said(offer.about))
            due = _rest(offer.survey, offer.about, came)
            if due is not None:
                return due
        return None


def _about(happened: list[StampedEvent], call_id: str) -> list[StampedEvent]:
    """Return what of a call's events is about the call itself."""
    return [one for one in happened if getattr(one.event, "about", None) in ("", call_id)]


def _rest(survey: str, about: str, came: Asked) -> Due | None:
    """Return what is left of a survey; None: it is over, or was broken off in this very call."""
    over = came.how and (not about or came.how != "broken_off")
    return None if over else Due(survey, about, came.answers)
