"""The calls of campaigns, as the flow has them that talks, and as the waiting room has them."""

from __future__ import annotations

from ivr.adapters.campaigns.lists import DatabaseCampaigns
from ivr.app.callbacks.desk import Reached
from ivr.app.calls import Begins
from ivr.app.campaigns.agents import Agents
from ivr.app.campaigns.ending import Ending
from ivr.app.campaigns.lines import ATTEMPT, Line, Lines
from ivr.app.campaigns.rules import Plan, Rules
from ivr.app.floor.promises import Promises
from ivr.model.campaigns import Mode
from ivr.model.errors import PortError
from ivr.ports.callbackbook import Beginning
from ivr.ports.callbacks import Callback, Purpose, State
from ivr.ports.campaigns import Called, Contact, ContactState, Heard
from ivr.ports.clock import Clock


def beginnings_of(store: DatabaseCampaigns) -> Begins:
    """Return who tells how the sessions of campaigns' calls begin, on whichever node they are answered."""

    async def begins(call_id: str) -> Beginning | None:
        contact = await _calling(store, call_id)
        return Beginning(contact.number, contact.language) if contact is not None else None

    return begins


async def _calling(store: DatabaseCampaigns, call_id: str) -> Contact | None:
    """Return whom a call has called, while it lasts."""
    if not call_id.startswith(ATTEMPT):
        return None
    contact = await store.of_attempt(call_id)
    live = contact is not None and contact.state is ContactState.CALLING
    return contact if live else None


class CampaignCalls:
    """The Campaigns port."""

    def __init__(
        self,
        store: DatabaseCampaigns,
        agents: Agents,
        rules: Rules,
        lines: Lines,
        ending: Ending,
        clock: Clock,
    ) -> None:
        self._store = store
        self._agents = agents
        self._rules = rules
        self._lines = lines
        self._ending = ending
        self._clock = clock

    async def called(self, call_id: str) -> Called | None:
        """Return what a call is about that was just answered. See `Campaigns`."""
        contact = await self._contact(call_id)
        plan = self._rules.plan(contact.campaign) if contact is not None else None
        if contact is None or plan is None:
            return None
        line = self._lines.get(call_id)
        if line is not None:
            line.answered = True
        await self._store.answered(call_id)
        dropped = line is not None and not self._has_agent(line, plan)
        if dropped:
            await self._store.dropped(call_id)
        return Called(
            contact.campaign,
            contact.number,
            contact.customer,
            contact.amount,
            contact.reference,
            dropped,
        )

    async def heard(self, call_id: str, heard: Heard) -> None:
        """Take down who is there. See `Campaigns`."""
        contact, plan = await self._told(call_id)
        await self._ending.heard(contact, heard, plan)

    async def meant(self, call_id: str, customer: str) -> bool:
        """Return whether it is this customer whom the bank meant to call. See `Campaigns`."""
        contact = await self._contact(call_id)
        return contact is not None and customer != "" and contact.customer == customer

    async def result(self, call_id: str, outcome: str) -> None:
        """Take down what the call has led to. See `Campaigns`."""
        contact, _ = await self._told(call_id)
        await self._ending.result(contact, outcome)

    # ------------------------------------------------------------------ what the waiting room asks

    def keeps(self, call_id: str) -> bool:
        """Whether an agent is kept for a call."""
        line = self._lines.get(call_id)
        return line is not None and bool(line.agent)

    def reached(self, call_id: str) -> Reached | None:
        """Return the place of somebody who was called and wants to talk; None: of another caller."""
        line = self._lines.get(call_id)
        if line is None or not line.queue:
            return None
        now = self._clock.now()
        place = Callback(
            id=call_id,
            purpose=Purpose.CAMPAIGN,
            number=line.number,
            language="",
            entered=now,
            due=now,
            not_before=now,
            until=now,
            state=State.REACHED,
            queue=line.queue,
            facts={"campaign": line.campaign, "contact": line.contact},
        )
        return Reached(place, line.agent)

    def bridged(self, call_id: str) -> None:
        """An agent talks with somebody who was called."""
        line = self._lines.get(call_id)
        if line is not None:
            line.agent = self._agents.kept(call_id) or line.agent
            line.talks = True
            self._ending.talks(call_id, line.agent)

    # ------------------------------------------------------------------

    def _has_agent(self, line: Line, plan: Plan) -> bool:
        """Whether somebody is there to talk, if anybody is needed: at the latest now an agent is kept. One
        who is kept for a call that only rings is taken from there."""
        if plan.document.pacing.mode is Mode.AUTOMATIC or line.agent:
            return True
        for agent in self._agents.free(line.queue):
            if self._agents.keep(agent, line.attempt, line.queue):
                line.agent = agent
                return True
        lender = self._lines.lends(line.campaign)
        if lender is None:
            line.dropped = True
            return False
        agent, lender.agent = lender.agent, ""
        self._agents.release(agent, lender.attempt)
        line.agent = agent if self._agents.keep(agent, line.attempt, line.queue) else ""
        line.dropped = not line.agent
        return not line.dropped

    async def _contact(self, call_id: str) -> Contact | None:
        return await _calling(self._store, call_id)

    async def _told(self, call_id: str) -> tuple[Contact, Plan]:
        contact = await self._contact(call_id)
        plan = self._rules.plan(contact.campaign) if contact is not None else None
        if contact is None or plan is None:
            raise PortError("campaigns", "this is no call of a campaign any more")
        return contact, plan


class WithCampaigns:
    """The Promises of a floor that calls people by list as well."""

    def __init__(self, callbacks: Promises, campaigns: CampaignCalls) -> None:
        self._callbacks = callbacks
        self._campaigns = campaigns
        self.offers = callbacks.offers

    def reached(self, call_id: str) -> Reached | None:
        """Return the place of somebody whom the bank has called."""
        return self._campaigns.reached(call_id) or self._callbacks.reached(call_id)

    def rang_again(self, queue: str, ani: str, customer: str) -> Callback | None:
        """Return the callback that is over because the customer has rung."""
        return self._callbacks.rang_again(queue, ani, customer)

    def bridged(self, call_id: str) -> None:
        """An agent talks with somebody whom the bank has called."""
        self._campaigns.bridged(call_id)
        self._callbacks.bridged(call_id)
