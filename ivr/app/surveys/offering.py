"""Asking those who had hung up: by a message, or by one call of the bank's, in contact hours.

Every step of an offer is on the disk before it is done, and is taken by one engine only: whatever is
killed when, nobody is sent two messages, and no telephone that was rung is rung for it again.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from datetime import datetime, timedelta
from typing import Protocol

from msgspec.structs import replace

from ivr.app.calls import Begins
from ivr.app.flows import Published
from ivr.centre.hours import Status, overridden, state
from ivr.centre.surveys.deciding import Asking
from ivr.model.errors import PortError
from ivr.model.flow import FlowSet
from ivr.ports.callbackbook import Beginning
from ivr.ports.callbacks import Refused
from ivr.ports.clock import Clock
from ivr.ports.coverage import How, Progress
from ivr.ports.dialler import Dialled, Dialler, Outgoing
from ivr.ports.notify import Notice, Notify
from ivr.ports.offers import CASE, Offer, Offers

DNIS = "*63"
"""The service number whose flow asks those whom the bank has called."""
ATTEMPT = "survey-"
"""How the UNIQUEIDs of survey calls begin."""
AGAIN = timedelta(minutes=1)
"""When it is tried again where the telephone is engaged with the bank, or a message cannot be sent."""
UNANSWERED = timedelta(minutes=30)
"""When a telephone is rung again that nobody answered, where the rules allow it."""
SLACK = timedelta(seconds=30)
"""How long after the ringing it is known what became of a call that this engine did not see."""

_LOG = logging.getLogger("ivr.surveys")


class Dialling(Dialler, Protocol):
    """The dialler that all share."""

    async def refuses(self, number: str) -> Refused | None: ...

    async def busy(self, number: str) -> bool: ...


def beginnings_of(offers: Offers) -> Begins:
    """Return who tells how the sessions of survey calls begin, on whichever node they are answered."""

    async def begins(call_id: str) -> Beginning | None:
        if not call_id.startswith(ATTEMPT):
            return None
        offer = await offers.of_attempt(call_id)
        return Beginning(offer.ani, offer.language) if offer is not None else None

    return begins


class Offering:
    """The offers of an engine, from when they are due to when they are out. `dialler` is None where the
    engine calls nobody."""

    def __init__(
        self,
        offers: Offers,
        notify: Notify,
        dialler: Dialling | None,
        published: Published,
        clock: Clock,
        ring_ms: int,
    ) -> None:
        self._offers = offers
        self._notify = notify
        self._dialler = dialler
        self._published = published
        self._clock = clock
        self._ring_ms = ring_ms
        self._ringing: dict[str, asyncio.Task[None]] = {}

    async def look(self) -> None:
        """Send and ring what is due, end what is too late. Raises PortError."""
        now = self._clock.now()
        for offer in await self._offers.due(now):
            if offer.about not in self._ringing:
                await self._go_on(offer, now)

    async def stop(self) -> None:
        """Ring no more. What is not known of a call is found out by the next engine."""
        tasks = tuple(self._ringing.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _go_on(self, offer: Offer, now: datetime) -> None:
        flows = self._published.current
        opens = self._opens(flows, now)
        if (await self._offers.known(offer.ani, offer.customer)).opted_out:
            await self._to(offer, progress=Progress.CANCELLED)
        elif offer.attempt:
            await self._unknown(offer, now)
        elif opens is None or max(opens, now) >= offer.not_after:
            await self._to(offer, progress=Progress.EXPIRED)
        elif opens > now:
            await self._to(offer, not_before=opens)
        elif offer.how is How.MESSAGE:
            await self._send(offer, flows, now)
        else:
            await self._call(offer, now)

    def _opens(self, flows: FlowSet, now: datetime) -> datetime | None:
        """Return when customers may be asked, from now on."""
        calendar = flows.calendars.get(Asking.of(flows).rules.later.calendar or "")
        if calendar is None:
            return now
        hours = state(overridden(calendar, self._published.overrides(calendar.name)), now)
        return now if hours.status is Status.OPEN else hours.opens

    async def _send(self, offer: Offer, flows: FlowSet, now: datetime) -> None:
        """Send the message; a customer without a handset on file is called instead, if they may be."""
        asks = Asking.of(flows)
        template = "survey-case" if offer.about.startswith(CASE) else "survey-call"
        values = {"number": asks.rules.later.number or ""}
        notice = Notice(
            f"survey:{offer.about}", offer.customer, template, offer.language, dict(values)
        )
        try:
            # A kill after this sends it again; it has the same key then, and is not doubled.
            sent = await self._notify.send(notice)
        except PortError as error:
            _LOG.warning("the survey about %s is not offered yet: %s", offer.about, error)
            await self._to(offer, not_before=now + AGAIN)
            return
        ways = tuple(asks.later(offer.ani, ""))
        if sent:
            await self._to(offer, progress=Progress.SENT)
        elif How.CALL in ways:
            await self._to(offer, how=How.CALL)
        else:
            await self._to(offer, progress=Progress.EXPIRED)

    async def _call(self, offer: Offer, now: datetime) -> None:
        """Begin the call, unless the telephone must not be rung, or not now."""
        dialler = self._dialler
        if dialler is None:
            await self._to(offer, not_before=offer.not_after)
            return
        match await dialler.refuses(offer.ani):
            case Refused.NUMBER:
                await self._to(offer, progress=Progress.EXPIRED)
                return
            case None if not await dialler.busy(offer.ani):
                pass
            case _:
                await self._to(offer, not_before=now + AGAIN)
                return
        known = now + timedelta(milliseconds=self._ring_ms) + SLACK
        begun = replace(
            offer,
            attempt=ATTEMPT + secrets.token_hex(8),
            tries=offer.tries + 1,
            not_before=known,
        )
        if await self._offers.change(offer, begun):
            task = asyncio.create_task(self._ring(begun, dialler))
            self._ringing[offer.about] = task
            task.add_done_callback(lambda _: self._ringing.pop(offer.about))

    async def _ring(self, offer: Offer, dialler: Dialler) -> None:
        try:
            went = await dialler.dial(
                Outgoing(offer.attempt, offer.ani, DNIS, ring_ms=self._ring_ms)
            )
            await self._rung(offer, went)
        except PortError as error:
            # It may ring: `_unknown` looks when it cannot any more.
            _LOG.warning("the survey call about %s: nobody knows: %s", offer.about, error)

    async def _rung(self, offer: Offer, went: Dialled) -> None:
        now = self._clock.now()
        if went is Dialled.ANSWERED:
            await self._to(offer, progress=Progress.SENT)
        elif went in (Dialled.LIVE, Dialled.TOO_MANY):
            # Nothing was dialled.
            await self._to(offer, attempt="", tries=offer.tries - 1, not_before=now + AGAIN)
        else:
            await self._missed(offer, now)

    async def _unknown(self, offer: Offer, now: datetime) -> None:
        """Take up a call that nobody saw the end of: after a kill, or a lost connection."""
        live = await self._dialler.live() if self._dialler is not None else frozenset()
        if offer.attempt not in live:
            await self._missed(offer, now)

    async def _missed(self, offer: Offer, now: datetime) -> None:
        if offer.tries < Asking.of(self._published.current).rules.later.attempts:
            await self._to(offer, attempt="", not_before=now + UNANSWERED)
        else:
            await self._to(offer, progress=Progress.EXPIRED)

    async def _to(self, offer: Offer, **changes: object) -> None:
        """Have an offer be so, unless it is otherwise by now: another engine, or an answer, was first."""
        await self._offers.change(offer, replace(offer, **changes))
