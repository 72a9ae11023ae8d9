"""Campaigns that run: whose telephone rings now, and what came of each call.

A call is written down before it rings, and everything that could forbid it is looked at in that very
transaction. Agents are kept before, and let go when nothing came of it.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta

from msgspec.structs import replace

from ivr.adapters.campaigns.lists import DatabaseCampaigns, Tally
from ivr.app.callbacks.guard import Guard
from ivr.app.campaigns.agents import Agents
from ivr.app.campaigns.ending import Ending
from ivr.app.campaigns.lines import ATTEMPT, Line, Lines
from ivr.app.campaigns.rules import Plan, Rules
from ivr.centre.callbacks import GRACE
from ivr.centre.campaigns import contacts, pacing
from ivr.centre.campaigns.dialable import Why
from ivr.model.campaigns import CampaignKind
from ivr.model.errors import PortError
from ivr.ports.callbacks import Refused
from ivr.ports.campaigns import Contact, Running
from ivr.ports.clock import Clock
from ivr.ports.dialler import Dialled, Outgoing

_LOG = logging.getLogger("ivr.campaigns")

SOON = timedelta(minutes=1)
LATER = timedelta(hours=1)
"""When it is looked again where a telephone is busy with us; where something else is missing."""
LOST = "lost"
"""What came of a call whose end nobody saw."""
HangUp = Callable[[str], Awaitable[None]]
NoSurveys = Callable[[str, str], Awaitable[bool]]
"""Tells whether somebody, by telephone and as a customer, wants to be asked nothing. Raises PortError."""
OPTED_OUT = "opted_out"


class Dialling:
    """The calls of an engine's campaigns, begun."""

    def __init__(
        self,
        store: DatabaseCampaigns,
        guard: Guard,
        agents: Agents,
        rules: Rules,
        lines: Lines,
        ending: Ending,
        hang_up: HangUp,
        no_surveys: NoSurveys,
        clock: Clock,
    ) -> None:
        self._store = store
        self._guard = guard
        self._agents = agents
        self._rules = rules
        self._lines = lines
        self._ending = ending
        self._hang_up = hang_up
        self._no_surveys = no_surveys
        self._clock = clock
        self._ringing: set[asyncio.Task[None]] = set()

    async def load(self) -> None:
        """Take up the calls that were live when an engine ended. Raises PortError."""
        for contact in await self._store.calling():
            plan = self._rules.plan(contact.campaign)
            queue = plan.document.queue if plan else None
            agent = self._agents.kept(contact.attempt)
            line = self._lines.add(contact, queue or "", self._clock.now(), agent)
            line.answered = await self._store.was_answered(contact.attempt)
            line.unseen = True

    async def look(self) -> None:
        """Begin what is due, end what is to end. Raises PortError."""
        await self._settle()
        for plan in self._rules.plans():
            running = await self._store.running(plan.name)
            if running is Running.RUNNING:
                await self._fill(plan)
            elif running is Running.STOPPED:
                await self._silence(plan.name)

    async def stop(self) -> None:
        """Begin nothing more."""
        for task in self._ringing:
            task.cancel()
        if self._ringing:
            await asyncio.wait(self._ringing)

    def hung_up(self, attempt: str) -> None:
        """A channel is gone."""
        line = self._lines.get(attempt)
        if line is None:
            return
        line.gone = True
        if not line.dialling:
            self._ending.soon(attempt, contacts.CUT)

    async def _fill(self, plan: Plan) -> None:
        """Begin as many calls as may be now."""
        due = await self._store.due(plan.name, plan.limits.most)
        if not due:
            return
        await self._guard.live()  # nothing is tried while Asterisk cannot be asked
        tally = await self._store.tally(plan.name)
        for contact in due:
            agent = self._may(plan, tally)
            if agent is None:
                return
            await self._begin(plan, contact, agent)

    def _may(self, plan: Plan, tally: Tally) -> str | None:
        """Return the agent to keep for one call more, empty for one without; None: no call more."""
        free = self._agents.free(plan.document.queue) if plan.document.queue else ()
        load = replace(
            self._lines.load(plan.name, len(free)),
            drops=tally.drops,
            talked=tally.talked,
            calls=tally.calls,
            answered=tally.answered,
        )
        if pacing.may_keep(plan.limits, load):
            return free[0]
        return "" if pacing.may_ring_bare(plan.limits, load) else None

    async def _begin(self, plan: Plan, contact: Contact, agent: str) -> None:
        if await self._put_off(plan, contact):
            return
        attempt = ATTEMPT + secrets.token_hex(8)
        queue = plan.document.queue or ""
        if agent and not self._agents.keep(agent, attempt, queue):
            return
        try:
            begun = await self._store.begin(contact, plan.document, attempt)
        except BaseException:
            self._agents.release(agent, attempt)
            raise
        if isinstance(begun, Why):
            self._agents.release(agent, attempt)
            await self._not_begun(contact, begun)
            return
        line = self._lines.add(begun, queue, self._clock.now(), agent)
        line.dialling = True
        task = asyncio.create_task(self._ring(plan, line))
        self._ringing.add(task)
        task.add_done_callback(self._ringing.discard)

    async def _put_off(self, plan: Plan, contact: Contact) -> bool:
        """Put a contact off whose time it is not, or who cannot be called at all; False: they can."""
        now = self._clock.now()
        opens = self._rules.opens(plan, contact, now)
        if opens is None:
            return await self._barred(contact, Why.ZONE)
        asks = plan.document.kind is CampaignKind.SURVEY
        if asks and await self._no_surveys(contact.number, contact.customer):
            return await self._barred(contact, OPTED_OUT)
        refused = await self._guard.refuses(contact.number)
        if refused is Refused.NUMBER:
            return await self._barred(contact, refused.value)
        later = now + LATER if refused is not None else opens
        if later <= now and await self._guard.busy(contact.number):
            later = now + SOON
        if later > now:
            await self._store.change(contact.id, lambda one: contacts.put_off(one, later))
        return later > now

    async def _barred(self, contact: Contact, why: str) -> bool:
        await self._store.change(contact.id, lambda one: contacts.barred(one, why))
        return True

    async def _not_begun(self, contact: Contact, why: Why) -> None:
        """Take down why somebody is not called; a pause leaves them as they are."""
        if why in (Why.NO_CALLS, Why.REFUSED):
            await self._barred(contact, why.value)
        elif why in (Why.NO_CONSENT, Why.LATE):
            later = contact.until if why is Why.LATE else self._clock.now() + LATER
            await self._store.change(contact.id, lambda one: contacts.put_off(one, later))

    async def _ring(self, plan: Plan, line: Line) -> None:
        outgoing = Outgoing(line.attempt, line.number, plan.dnis, plan.document.ring)
        try:
            went = await self._guard.dial(outgoing)
        except PortError as error:
            # It may ring: `_settle` looks when it cannot any more.
            _LOG.warning("%s: nobody knows whether it rings: %s", line.attempt, error)
            return
        finally:
            line.dialling = False
        if went is Dialled.ANSWERED:
            line.answered = True
            await self._ending.answered(line.attempt)
            if line.gone:
                self._ending.soon(line.attempt, contacts.CUT)
        else:
            busy = went in (Dialled.BUSY, Dialled.LIVE)
            self._ending.soon(line.attempt, Dialled.BUSY.value if busy else went.value)

    async def _silence(self, name: str) -> None:
        """End the calls of a campaign that only ring."""
        for line in self._lines.of(name):
            if not line.answered and not line.gone:
                line.gone = True
                await self._hang_up(line.attempt)

    async def _settle(self) -> None:
        """End calls that are over although nobody told: after a lost connection, or a restart."""
        now = self._clock.now()
        late = now - self._rules.longest_ring - GRACE
        doubtful = [
            line
            for line in self._lines
            if not line.dialling and (line.unseen or line.since <= late)
        ]
        there = await self._guard.live() if doubtful else frozenset()
        for line in doubtful:
            line.unseen, line.since = False, now
            if line.attempt not in there:
                self._ending.soon(line.attempt, LOST)
