"""A campaign's calls with telephones that a test answers, over real databases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.adapters.callbacks.ringings import DatabaseRingings
from ivr.adapters.campaigns.lists import DatabaseCampaigns
from ivr.app.callbacks.guard import Guard
from ivr.app.campaigns.calls import CampaignCalls
from ivr.app.campaigns.dialling import Dialling
from ivr.app.campaigns.ending import Ending
from ivr.app.campaigns.lines import Lines
from ivr.app.campaigns.rules import Plan
from ivr.model.errors import PortError
from ivr.ports.campaigns import Contact, ContactState, Heard, Listed, Running
from ivr.ports.dialler import Dialled
from ivr.ports.notify import Notice
from tests.app.callbacks.kit import CONFIG, Clock, Telephones, settled
from tests.centre.campaigns.kit import campaign

NUMBERS = ("13800001111", "13800001002", "13800001003")
OUTCOMES = {"information": {"send": "campaign-information", "again": "24h"}}


class Kept:
    """The Agents port: two agents."""

    def __init__(self) -> None:
        self.ready = ["1001", "1002"]
        self.calls: dict[str, str] = {}

    def free(self, queue: str) -> tuple[str, ...]:
        return tuple(self.ready)

    def keep(self, agent: str, call_id: str, queue: str) -> bool:
        self.ready.remove(agent)
        self.calls[call_id] = agent
        return True

    def release(self, agent: str, call_id: str) -> None:
        if self.calls.get(call_id) == agent:
            del self.calls[call_id]
            self.ready.append(agent)

    def kept(self, call_id: str) -> str:
        return self.calls.get(call_id, "")


class OneCampaign:
    """The Rules port: a campaign that may call now."""

    longest_ring = timedelta(seconds=60)

    def __init__(self) -> None:
        self.of = Plan(campaign(outcomes=OUTCOMES), "*65")

    def plans(self) -> Iterator[Plan]:
        yield self.of

    def plan(self, name: str) -> Plan | None:
        return self.of if name == "reminders" else None

    def opens(self, plan: Plan, contact: Contact, now: datetime) -> datetime | None:
        return now


class Outbox:
    """The Notify port."""

    def __init__(self) -> None:
        self.sent: list[Notice] = []

    async def send(self, notice: Notice) -> bool:
        self.sent.append(notice)
        return True


class Engine:
    """An engine's campaigns."""

    def __init__(
        self, store: DatabaseCampaigns, ringings: DatabaseRingings, phones: Telephones, clock: Clock
    ) -> None:
        self.store, self.phones, self.clock = store, phones, clock
        self.agents, self.rules, self.outbox, lines = Kept(), OneCampaign(), Outbox(), Lines()
        self.guard = Guard(phones, ringings, clock, CONFIG.numbers(), CONFIG.per_day)
        self.ending = Ending(store, self.agents, self.rules, lines, self.outbox, clock)
        self.calls = CampaignCalls(store, self.agents, self.rules, lines, self.ending, clock)
        self.hung: list[str] = []
        self.opted_out: set[str] = set()
        self.dialling = Dialling(
            store,
            self.guard,
            self.agents,
            self.rules,
            lines,
            self.ending,
            self.hang_up,
            self.no_surveys,
            clock,
        )
        self.guard.on_hung_up(self.dialling.hung_up)

    async def hang_up(self, attempt: str) -> None:
        self.hung.append(attempt)

    async def no_surveys(self, number: str, customer: str) -> bool:
        return bool({number, customer} & self.opted_out)

    async def look(self) -> None:
        await self.dialling.look()
        await settled()

    async def gone(self, attempt: str) -> None:
        """A channel ends, and what comes of it is written."""
        self.phones.there.discard(attempt)
        self.guard.hung_up(attempt)
        await self.ending.stop()
        await self.guard.stop()

    async def contact(self, number: str = NUMBERS[0]) -> Contact:
        found = await self.store.find("reminders", None, 9)
        return next(one for one in found if one.number == number)


@asynccontextmanager
async def running(folder: Path, phones: Telephones, clock: Clock) -> AsyncIterator[Engine]:
    store = await DatabaseCampaigns.open(folder / "campaigns.sqlite", clock)
    ringings = await DatabaseRingings.open(folder / "callbacks.sqlite", ZoneInfo("UTC"))
    engine = Engine(store, ringings, phones, clock)
    try:
        yield engine
    finally:
        await engine.dialling.stop()
        await engine.ending.stop()
        await engine.guard.stop()
        await ringings.close()
        await store.close()


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    async with running(tmp_path, Telephones(), Clock()) as engine:
        lines = [Listed(number, customer="C1001") for number in NUMBERS]
        await engine.store.take_in(engine.rules.of.document, lines, str, "")
        await engine.store.run("reminders", Running.RUNNING, "")
        yield engine


async def test_one_telephone_rings_for_each_agent_who_is_kept(engine: Engine) -> None:
    await engine.look()
    assert [one.number for one in engine.phones.rung] == list(NUMBERS[:2])
    assert sorted(engine.agents.calls) == sorted(one.id for one in engine.phones.rung)
    await engine.look()
    assert len(engine.phones.rung) == 2
    await engine.phones.becomes(Dialled.NO_ANSWER)
    await engine.ending.stop()
    assert len(engine.agents.ready) == 1
    await engine.look()
    assert [one.number for one in engine.phones.rung][2:] == [NUMBERS[2]]


async def test_what_is_said_in_the_call_counts_once_it_is_over(engine: Engine) -> None:
    await engine.look()
    attempt = await engine.phones.becomes(Dialled.ANSWERED)
    called = await engine.calls.called(attempt)
    assert called is not None
    assert (called.customer, called.dropped) == ("C1001", False)
    await engine.calls.heard(attempt, Heard.RIGHT)
    await engine.calls.result(attempt, "information")
    await engine.calls.result(attempt, "information")
    assert {one.key for one in engine.outbox.sent} == {f"{attempt}:information"}
    await engine.gone(attempt)
    one = await engine.contact(called.number)
    assert (one.state, one.outcome) == (ContactState.READY, "information")
    assert one.not_before == engine.clock.now() + timedelta(hours=24)
    assert await engine.calls.called(attempt) is None, "it is over"


async def test_who_answers_and_finds_nobody_is_dropped_and_left_alone(engine: Engine) -> None:
    await engine.look()
    attempt = await engine.phones.becomes(Dialled.ANSWERED)
    reached = engine.calls.reached(attempt)
    assert reached is not None
    # Its agent, and every other one, is gone by the time somebody answers.
    line = next(one for one in engine.dialling._lines if one.attempt == attempt)
    other = next(one for one in engine.dialling._lines if one.attempt != attempt)
    line.agent = other.agent = ""
    called = await engine.calls.called(attempt)
    assert called is not None
    assert called.dropped
    await engine.gone(attempt)
    one = await engine.contact(called.number)
    assert one.not_before == engine.clock.now() + timedelta(hours=72)
    assert (await engine.store.tally("reminders")).drops == 1


async def test_a_kept_agent_goes_from_a_call_that_rings_to_one_that_is_answered(
    engine: Engine,
) -> None:
    await engine.look()
    attempt = await engine.phones.becomes(Dialled.ANSWERED)
    line = next(one for one in engine.dialling._lines if one.attempt == attempt)
    engine.agents.release(line.agent, attempt)
    engine.agents.ready.clear()
    line.agent = ""
    called = await engine.calls.called(attempt)
    assert called is not None
    assert not called.dropped
    assert list(engine.agents.calls) == [attempt]


async def test_who_does_not_answer_is_called_again_after_a_while_and_not_for_ever(
    engine: Engine,
) -> None:
    tries = engine.rules.of.document.attempts
    engine.agents.ready = ["1001"]  # one telephone at a time
    for attempt in range(1, tries + 1):
        for _ in NUMBERS:
            await engine.look()
            await engine.phones.becomes(Dialled.NO_ANSWER)
            await engine.ending.stop()
        one = await engine.contact()
        assert (one.attempts, one.note) == (attempt, "no_answer")
        if attempt < tries:
            assert one.not_before - engine.clock.now() == timedelta(hours=2)
        engine.clock.passes(hours=2)
    assert (await engine.contact()).state is ContactState.FAILED
    assert engine.agents.ready == ["1001"], "the agent is let go"


async def test_while_asterisk_is_away_nothing_is_tried_and_nobody_is_rung_twice(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away() -> frozenset[str]:
        raise PortError("ami", "there is no connection", retryable=True)

    await engine.look()
    rung = len(engine.phones.rung)
    # The answer to the second Originate is lost with the connection: the telephone may ring.
    lost = await engine.phones.becomes(PortError("ami", "the connection is lost"))
    with monkeypatch.context() as patched:
        patched.setattr(engine.phones, "live", away)
        engine.clock.passes(minutes=2)
        for _ in range(3):
            with pytest.raises(PortError, match="there is no connection"):
                await engine.look()
    assert len(engine.phones.rung) == rung
    assert len(await engine.store.calling()) == rung
    engine.phones.there.discard(lost)
    await engine.look()
    await engine.ending.stop()
    number = next(one.number for one in engine.phones.rung if one.id == lost)
    one = await engine.contact(number)
    assert (one.state, one.note, one.attempts) == (ContactState.READY, "lost", 1)
    assert [it.number for it in engine.phones.rung].count(number) == 1


async def test_a_stop_ends_what_only_rings(engine: Engine) -> None:
    await engine.look()
    await engine.store.run("reminders", Running.PAUSED, "")
    await engine.look()
    assert engine.hung == []
    await engine.store.run("reminders", Running.STOPPED, "")
    await engine.look()
    await engine.look()
    assert sorted(engine.hung) == sorted(one.id for one in engine.phones.rung)


@pytest.mark.parametrize("who", ["13900001001", "C2001"])
async def test_who_wants_no_surveys_is_called_for_none_but_for_other_things(
    engine: Engine, who: str
) -> None:
    engine.opted_out.add(who)
    lines = [Listed(f"1390000100{one}", customer=f"C200{one}") for one in (1, 2)]
    automatic = {"mode": "automatic", "most": 9}
    rung: dict[str, list[str]] = {}
    for kind, name in (("survey", "opinions"), ("fraud", "alerts")):
        engine.rules.of = Plan(campaign(campaign=name, kind=kind, pacing=automatic), "*69")
        await engine.store.take_in(engine.rules.of.document, lines, str, "")
        await engine.store.run(name, Running.RUNNING, "")
        engine.phones.rung.clear()
        await engine.look()
        rung[kind] = [one.number for one in engine.phones.rung]
        engine.phones.there.clear()
        await engine.phones.becomes(Dialled.NO_ANSWER)
    assert rung["survey"] == ["13900001002"]
    assert "13900001001" in rung["fraud"]
    found = await engine.store.find("opinions", ContactState.BARRED, 9)
    assert ("13900001001", "opted_out") in {(one.number, one.note) for one in found}


async def test_the_next_engine_ends_what_nobody_saw_the_end_of(tmp_path: Path) -> None:
    phones, clock = Telephones(), Clock()
    async with running(tmp_path, phones, clock) as killed:
        document = killed.rules.of.document
        await killed.store.take_in(document, [Listed(NUMBERS[0])], str, "")
        await killed.store.run("reminders", Running.RUNNING, "")
        await killed.look()
    async with running(tmp_path, phones, clock) as next_one:
        await next_one.dialling.load()
        await next_one.look()
        assert (await next_one.contact()).state is ContactState.CALLING, "it rings"
        phones.there.clear()
        clock.passes(minutes=2)
        await next_one.look()
        await next_one.ending.stop()
        one = await next_one.contact()
        assert (one.state, one.attempts, one.note) == (ContactState.READY, 1, "lost")
        assert len(phones.rung) == 1
