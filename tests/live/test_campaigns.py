"""Campaigns, live: agents are kept before telephones ring, and nobody is rung twice at once, or who
wants no calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.adapters.campaigns import KIND
from ivr.adapters.campaigns.lists import DatabaseCampaigns, Tally
from ivr.adapters.campaigns.wishes import millis
from ivr.adapters.clock import SystemClock
from ivr.app.campaigns.opened import opened_campaigns
from ivr.app.campaigns.whole import FILE
from ivr.app.places import made
from ivr.database import writing
from ivr.model.campaigns import CampaignDocument
from ivr.ports.agents import AgentState
from ivr.ports.campaigns import Contact, ContactState, Listed, Running, Scope
from lab.phone_call import PhoneCall
from lab.site import Lab
from lab.telephone import Telephone
from tests.live.floor_kit import Floor, Seat, granted
from tests.live.kit import ALWAYS, ZONE

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(90)]

CAMPAIGN = """\
campaign: reminders
kind: reminder
talks: campaign-reminder
queue: service
languages: [en]
hours: contact
pacing: {mode: progressive, most: 5, agents: 5}
ring: 30s
outcomes:
  promised: {}
  follow-up: {again: 24h, stage: follow-up}
"""
TALKS = """\
flow: campaign-reminder
numbers: ["*65"]
languages: [en]
start: hello

steps:
  hello:
    campaign_call: {}
    on: {right: agent, wrong: end, never: end, dropped: end, no_input: end, nobody: end, unavailable: end}
  agent:
    queue: {name: service}
    on: {served: done, timeout: done, full: done, empty: done, closed: done, overflow: done}
  done: {say: goodbye, next: end}
  end: {hangup: campaign}
"""
CONTACT = f"calendar: contact\nzone: Asia/Shanghai\nweek:\n  {ALWAYS}\nholidays: []\n"
CUSTOMERS = tuple(f"1390000{number}" for number in range(7101, 7106))


class Campaign(Floor):
    """A hotline with a campaign."""

    store: DatabaseCampaigns
    document: CampaignDocument
    campaign = CAMPAIGN

    def __init__(self, lab: Lab, telephone: Telephone, folder: Path) -> None:
        super().__init__(lab, telephone, folder, {"dialler": {"allow": ["1"], "ring": "10s"}})
        self.desks = {number: telephone.desk(number) for number in CUSTOMERS}

    @classmethod
    def _flows(cls, folder: Path) -> Path:
        copy = Floor._flows(folder)
        (copy / "campaigns").mkdir(exist_ok=True)
        (copy / "campaigns" / "reminders.yaml").write_text(cls.campaign, "utf-8")
        (copy / "campaign-reminder.yaml").write_text(TALKS, "utf-8")
        (copy / "contact.yaml").write_text(CONTACT, "utf-8")
        return copy

    @asynccontextmanager
    async def listed(self, numbers: Sequence[str]) -> AsyncIterator[Campaign]:
        """Have a list, as the commands do: in another process than the engine's."""
        async with opened_campaigns(self.config) as opened:
            self.store = opened.store
            self.document = opened.campaigns["reminders"]
            lines = [Listed(number) for number in numbers]
            await self.store.take_in(self.document, lines, opened.numbers.telephone, "li.na")
            yield self

    async def run(self, running: Running) -> None:
        """Start, pause or stop it."""
        await self.store.run("reminders", running, "li.na")

    async def contact(self, number: str) -> Contact:
        """Return somebody on the list."""
        found = await self.store.find("reminders", None, 100)
        return next(one for one in found if one.number == number)

    async def comes_to(self, number: str, wanted: Callable[[Contact], bool]) -> Contact:
        """Wait until a contact is as wanted."""
        async with asyncio.timeout(15):
            while not wanted(one := await self.contact(number)):  # noqa: ASYNC110  # it tells nobody
                await asyncio.sleep(0.05)
        return one

    async def counts(self, wanted: Callable[[Tally], bool]) -> Tally:
        """Wait until the campaign's calls come to what is wanted."""
        async with asyncio.timeout(15):
            while not wanted(tally := await self.store.tally("reminders")):  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.05)
        return tally

    def rung(self) -> dict[str, int]:
        """Return how often each customer was rung."""
        return {number: len(desk.calls) for number, desk in self.desks.items() if desk.calls}


class Predictive(Campaign):
    """One that rings more telephones than it keeps agents, with a morning behind it."""

    campaign = CAMPAIGN.replace("progressive", "predictive")

    async def morning(self, calls: int, talks: int) -> None:
        """Have had so many calls today, some of which were answered and got an agent."""
        at = millis(SystemClock(ZONE).now() - timedelta(hours=2))
        (contact, *_) = await self.store.find("reminders", None, 1)
        answers = [(at, at, "1001") if one < talks else (None, None, "") for one in range(calls)]
        with writing(made(self.config, FILE), KIND) as database:
            database.executemany(
                "INSERT INTO attempts (id, contact, campaign, at, answered, talked, agent, result)"
                " VALUES (?, ?, 'reminders', ?, ?, ?, ?, 'over')",
                [(f"morning-{n}", contact.id, at, *one) for n, one in enumerate(answers)],
            )
        tally = await self.store.tally("reminders")
        assert (tally.calls, tally.talked, tally.drops) == (calls, talks, 0)

    async def rings_alone(self, number: str) -> PhoneCall:
        """Wait until a telephone rings, and see that no other call was begun beside it."""
        ringing = await self.desks[number].rings(within=15)
        assert [one.number for one in await self.store.calling()] == [number]
        return ringing


async def state(seat: Seat, wanted: AgentState) -> str:
    """Wait until an agent stands so; return the call."""
    return (await seat.is_(wanted)).call_id


async def test_an_agent_is_kept_for_each_call_and_what_they_say_moves_the_contact(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    first, declines, third, unwilling, _ = CUSTOMERS
    async with Campaign(lab, phone, tmp_path) as hotline, hotline.listed(CUSTOMERS[:4]):
        seat = Seat(hotline, "1001")
        await seat.at_work()
        await hotline.store.bar(unwilling, Scope.ALL, "li.na", "after the list was imported")
        await hotline.run(Running.RUNNING)

        ringing = await hotline.desks[first].rings(within=15)
        attempt = await state(seat, AgentState.RESERVED)
        assert (await hotline.contact(first)).attempt == attempt
        assert hotline.rung() == {first: 1}, "one agent, one telephone"
        await hotline.desks[first].pick_up(ringing)
        await ringing.hears("campaign-is-it-you", within=10)
        await ringing.press("1")
        leg = await seat.takes(within=10)
        await leg.hears("whisper-campaign", within=10, whole=True)
        await seat.is_(AgentState.TALKING)
        assert hotline.rung() == {first: 1}
        await leg.hang_up()
        await ringing.hears("goodbye", within=10)
        await state(seat, AgentState.WRAP_UP)
        granted(await hotline.far.agents.dispose("1001", "follow-up", ""))
        one = await hotline.comes_to(first, lambda one: one.state is ContactState.READY)
        assert (one.outcome, one.stage.value, one.attempts) == ("follow-up", "follow-up", 0)

        granted(await hotline.far.agents.ready("1001"))
        ringing = await hotline.desks[declines].rings(within=15)
        await ringing.hang_up()
        one = await hotline.comes_to(declines, lambda one: one.state is not ContactState.CALLING)
        assert (one.state, one.attempts) == (ContactState.READY, 1)
        assert one.note in ("busy", "no_answer", "failed")

        ringing = await hotline.desks[third].rings(within=15)
        await hotline.desks[third].pick_up(ringing)
        await ringing.hears("campaign-is-it-you", within=10)
        await ringing.press("3")
        await ringing.hears("campaign-never", within=10)
        one = await hotline.comes_to(third, lambda one: one.state is ContactState.BARRED)
        assert {it.telephone for it in await hotline.store.no_calls()} == {third, unwilling}
        one = await hotline.comes_to(unwilling, lambda one: one.state is ContactState.BARRED)
        assert one.attempts == 0
        assert hotline.rung() == {first: 1, declines: 1, third: 1}
        await seat.is_(AgentState.READY)
        tally = await hotline.store.tally("reminders")
        assert (tally.calls, tally.answered, tally.talked, tally.drops) == (3, 2, 1, 0)
        await hotline.empty()


async def test_stopped_at_once_and_killed_in_the_middle(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    loop = asyncio.get_running_loop()
    async with Campaign(lab, phone, tmp_path) as hotline, hotline.listed(CUSTOMERS):
        seats = [Seat(hotline, "1001"), Seat(hotline, "1002")]
        for seat in seats:
            await seat.at_work()
        await hotline.run(Running.RUNNING)
        first, second = CUSTOMERS[:2]
        talking = await hotline.desks[first].rings(within=15)
        ringing = await hotline.desks[second].rings(within=15)
        await hotline.desks[first].pick_up(talking)
        await talking.hears("campaign-is-it-you", within=10)

        hotline.engine.kill()
        await hotline.engine.gone()
        await hotline.run(Running.PAUSED)
        await hotline.engine.start()
        both = await hotline.store.calling()
        assert {one.number for one in both} == {first, second}, "no attempt is lost"
        await hotline.run(Running.STOPPED)
        asked = loop.time()
        await ringing.ended(within=10)
        assert loop.time() - asked <= 1.0, "whoever only rings is let go"
        assert hotline.rung() == {first: 1, second: 1}, "nobody was rung twice"

        await talking.hang_up()
        for number in (first, second):
            one = await hotline.comes_to(number, lambda one: one.state is ContactState.READY)
            assert one.attempts == 1
        for seat in seats:
            await seat.is_(AgentState.READY)
        await hotline.run(Running.RUNNING)
        for number in CUSTOMERS[2:4]:
            await hotline.desks[number].rings(within=15)
        assert hotline.rung() == dict.fromkeys(CUSTOMERS[:4], 1)
        await hotline.run(Running.STOPPED)
        await hotline.empty()


async def test_predictive_drops_are_counted_and_none_is_risked_beyond_three_per_cent(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    loop = asyncio.get_running_loop()
    kept, bare, away, later, _ = CUSTOMERS
    async with Predictive(lab, phone, tmp_path) as hotline, hotline.listed(CUSTOMERS):
        # A third of the telephones are answered: two more might ring. One drop in 34 is less than 3 %, two are not.
        await hotline.morning(calls=99, talks=33)
        seat = Seat(hotline, "1001")
        await seat.at_work()
        await hotline.run(Running.RUNNING)
        first = await hotline.desks[kept].rings(within=15)
        second = await hotline.desks[bare].rings(within=15)
        calling = {one.number for one in await hotline.store.calling()}
        assert calling == {kept, bare}, "one beside the one for whom an agent is kept, and no third"

        await hotline.desks[kept].pick_up(first)
        await first.hears("campaign-is-it-you", within=10)
        await hotline.desks[bare].pick_up(second)
        await second.hears("campaign-dropped", within=10)
        await second.ended(within=10)
        one = await hotline.comes_to(bare, lambda one: one.state is ContactState.READY)
        assert one.not_before > SystemClock(ZONE).now() + timedelta(hours=71), "left alone"

        await first.press("1")
        leg = await seat.takes(within=10)
        await seat.is_(AgentState.TALKING)
        tally = await hotline.counts(lambda tally: tally.talked == 34)
        assert tally.drops == 1
        assert tally.drops <= 0.03 * (tally.drops + tally.talked)

        asked = loop.time()
        await hotline.run(Running.PAUSED)
        assert loop.time() - asked <= 1.0
        await leg.hang_up()
        await first.hears("goodbye", within=10)
        await state(seat, AgentState.WRAP_UP)
        granted(await hotline.far.agents.dispose("1001", "follow-up", ""))
        await hotline.comes_to(kept, lambda one: one.state is ContactState.READY)
        granted(await hotline.far.agents.ready("1001"))
        with pytest.raises(TimeoutError):
            await hotline.desks[away].rings(within=1.0)
        assert await hotline.store.calling() == (), "an agent is ready, and nobody is rung"

        await hotline.run(Running.RUNNING)
        unanswered = await hotline.rings_alone(away)
        await unanswered.hang_up()
        await hotline.comes_to(away, lambda one: one.state is ContactState.READY)
        ringing = await hotline.rings_alone(later)
        await hotline.run(Running.STOPPED)
        await ringing.ended(within=10)
        assert hotline.rung() == dict.fromkeys((kept, bare, away, later), 1)
        tally = await hotline.store.tally("reminders")
        assert (tally.calls, tally.drops, tally.talked) == (99 + 4, 1, 34)
        await hotline.empty()
