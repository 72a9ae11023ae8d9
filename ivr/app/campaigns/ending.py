"""What comes of campaigns' calls: taken down while they last, decided once they are over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from msgspec.structs import replace

from ivr.adapters.campaigns.lists import DatabaseCampaigns
from ivr.app.campaigns.agents import Agents
from ivr.app.campaigns.lines import Lines
from ivr.app.campaigns.rules import Plan, Rules
from ivr.centre.campaigns import contacts
from ivr.model.campaigns import Then
from ivr.model.errors import PortError
from ivr.ports.campaigns import Contact, ContactState, Heard
from ivr.ports.clock import Clock
from ivr.ports.notify import Notice, Notify

_LOG = logging.getLogger("ivr.campaigns")

GONE = "no such campaign any more"
AGAIN_S = 1.0
"""How soon it is written again what could not be."""


class Ending:
    """Decides where contacts go, and lets their agents go."""

    def __init__(
        self,
        store: DatabaseCampaigns,
        agents: Agents,
        rules: Rules,
        lines: Lines,
        notify: Notify,
        clock: Clock,
    ) -> None:
        self._store = store
        self._agents = agents
        self._rules = rules
        self._lines = lines
        self._notify = notify
        self._clock = clock
        self._work: set[asyncio.Task[None]] = set()

    async def answered(self, attempt: str) -> None:
        """Take down that somebody has answered."""
        try:
            await self._store.answered(attempt)
        except PortError as error:
            _LOG.error("%s was answered, unwritten: %s", attempt, error)

    async def heard(self, contact: Contact, who: Heard, plan: Plan) -> None:
        """Take down who answered; whoever wants no more of it is called no more. Raises PortError."""
        if who is Heard.NEVER:
            scope = contacts.scope_of(plan.document.kind)
            await self._store.bar(contact.telephone, scope, "the customer", contact.campaign)
        await self._store.change(contact.id, lambda one: replace(one, heard=who))

    async def result(self, contact: Contact, outcome: str, at: datetime | None = None) -> None:
        """Take down what a call has led to, while it lasts or later. Raises PortError."""
        plan = self._rules.plan(contact.campaign)
        if plan is None:
            return
        await self._follow(contact, outcome, plan)
        now = self._clock.now()

        def said(one: Contact) -> Contact:
            if one.state is ContactState.CALLING:
                return replace(one, outcome=outcome, at=at)
            return contacts.concluded(one, outcome, plan.document, now, at)

        await self._store.change(contact.id, said)

    def soon(self, attempt: str, result: str) -> None:
        """A call is over; the first who says so is heard."""
        line = self._lines.drop(attempt)
        if line is None:
            return
        self._agents.release(line.agent, attempt)
        how = contacts.DROPPED if line.dropped else result
        self.surely(lambda: self._over(attempt, how))

    def talks(self, attempt: str, agent: str) -> None:
        """An agent talks with whoever answered."""
        self.surely(lambda: self._store.talked(attempt, agent))

    def surely(self, write: Callable[[], Awaitable[None]]) -> None:
        """Write something soon, and again where it cannot be; it is done before the engine ends."""
        task = asyncio.create_task(self._until_written(write))
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def stop(self) -> None:
        """What happened is written."""
        if self._work:
            await asyncio.wait(self._work, timeout=5 * AGAIN_S)

    async def _over(self, attempt: str, result: str) -> None:
        contact = await self._store.of_attempt(attempt)
        if contact is None:
            return
        plan = self._rules.plan(contact.campaign)
        if plan is None:  # it has been taken out of the flows
            await self._store.change(contact.id, lambda one: contacts.barred(one, GONE))
            return
        now, document = self._clock.now(), plan.document
        await self._store.change(contact.id, lambda one: contacts.over(one, result, document, now))
        how = contact.heard.value if contact.heard is not None else result
        await self._store.over(attempt, how, contact.outcome)

    async def _until_written(self, write: Callable[[], Awaitable[None]]) -> None:
        """Write until it is written: what came of a call must not be lost."""
        while True:
            try:
                await write()
                return
            except PortError as error:
                _LOG.error("what came of a call is not written yet: %s", error)
            await asyncio.sleep(AGAIN_S)

    async def _follow(self, contact: Contact, outcome: str, plan: Plan) -> None:
        """Send what an outcome has sent, once for a call; remember a refusal."""
        then = plan.document.outcomes.get(outcome, Then())
        if then.refuses and plan.document.product is not None:
            await self._store.refuse(contact.customer or contact.telephone, plan.document.product)
        if then.send is not None and contact.customer:
            key = f"{contact.attempt}:{outcome}"
            notice = Notice(key, contact.customer, then.send, contact.language)
            try:
                await self._notify.send(notice)
            except PortError as error:
                _LOG.error("campaign %s: a message was not sent: %s", contact.campaign, error)
