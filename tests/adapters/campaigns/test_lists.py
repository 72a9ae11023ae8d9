"""Campaigns on the disk: what forbids a call is looked at in the transaction that begins it."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ivr.adapters.campaigns.lists import DatabaseCampaigns
from ivr.centre.campaigns.dialable import Why
from ivr.ports.campaigns import Contact, ContactState, Imported, Listed, Running, Scope
from tests.app.callbacks.kit import Clock
from tests.centre.campaigns.kit import campaign

NUMBERS = ("13800001111", "13800001002")
REMINDERS = campaign()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(tmp_path: Path, clock: Clock) -> AsyncIterator[DatabaseCampaigns]:
    store = await DatabaseCampaigns.open(tmp_path / "campaigns.sqlite", clock)
    await store.take_in(REMINDERS, [Listed(one) for one in NUMBERS], str, "li.na")
    await store.run("reminders", Running.RUNNING, "li.na")
    yield store
    await store.close()


async def first(store: DatabaseCampaigns) -> Contact:
    """Return the contact who is called first."""
    return (await store.due("reminders", 1))[0]


async def test_a_list_is_taken_once(store: DatabaseCampaigns, tmp_path: Path) -> None:
    again = [Listed(NUMBERS[0]), Listed("13800001003", consent=True)]
    assert await store.take_in(REMINDERS, again, str, "li.na") == Imported(added=1, known=1)
    assert [one.number for one in await store.due("reminders", 9)] == [*NUMBERS, "13800001003"]
    assert (await store.wishes("13800001003")).agreed
    assert not (await store.wishes(NUMBERS[0])).agreed
    mode = (tmp_path / "campaigns.sqlite").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


@pytest.mark.parametrize("running", [Running.PAUSED, Running.STOPPED])
async def test_no_call_is_begun_once_a_pause_is_written(
    store: DatabaseCampaigns, running: Running
) -> None:
    one = await first(store)
    await store.run("reminders", running, "li.na")
    assert await store.begin(one, REMINDERS, "campaign-1") is Why.NOT_RUNNING
    assert await store.calling() == ()


async def test_no_calls_is_looked_at_when_it_is_dialled(store: DatabaseCampaigns) -> None:
    one = await first(store)
    await store.bar(one.telephone, Scope.SALES, "li.na", "")
    assert isinstance(await store.begin(one, REMINDERS, "campaign-1"), Contact)
    (two,) = await store.due("reminders", 9)
    await store.bar(two.telephone, Scope.ALL, "li.na", "at the counter")
    assert await store.begin(two, REMINDERS, "campaign-2") is Why.NO_CALLS
    assert {it.why for it in await store.no_calls()} == {"", "at the counter"}
    assert await store.unbar(two.telephone, Scope.ALL)
    assert not await store.unbar(two.telephone, Scope.ALL)
    assert isinstance(await store.begin(two, REMINDERS, "campaign-2"), Contact)


async def test_sales_need_the_latest_word_to_be_yes(store: DatabaseCampaigns, clock: Clock) -> None:
    sales = campaign(kind="sales", product="deposit")
    one = await first(store)
    assert await store.begin(one, sales, "campaign-1") is Why.NO_CONSENT
    await store.agree(one.telephone, True, "li.na")
    clock.passes(seconds=1)
    await store.agree(one.telephone, False, "li.na")
    assert await store.begin(one, sales, "campaign-1") is Why.NO_CONSENT
    clock.passes(seconds=1)
    await store.agree(one.telephone, True, "li.na")
    await store.refuse(one.telephone, "deposit")
    assert await store.begin(one, sales, "campaign-1") is Why.REFUSED


async def test_what_is_counted_is_of_the_last_day(store: DatabaseCampaigns, clock: Clock) -> None:
    one, two = await store.due("reminders", 2)
    await store.begin(one, REMINDERS, "campaign-1")
    await store.answered("campaign-1")
    await store.talked("campaign-1", "1001")
    clock.passes(hours=1)
    await store.begin(two, REMINDERS, "campaign-2")
    await store.answered("campaign-2")
    await store.dropped("campaign-2")
    tally = await store.tally("reminders")
    assert (tally.calls, tally.answered, tally.talked, tally.drops) == (2, 2, 1, 1)
    view = await store.view(REMINDERS)
    assert (view.running, view.by, view.contacts) == (Running.RUNNING, "li.na", {"calling": 2})
    assert (view.talked, view.drops) == (1, 1)
    clock.passes(hours=22, minutes=59)
    assert (await store.tally("reminders")).talked == 0, "it soon is of the last day no more"
    assert (await store.view(REMINDERS)).talked == 1
    clock.passes(minutes=2)
    assert (await store.tally("reminders")).calls == 1


async def test_what_was_looked_at_is_called(store: DatabaseCampaigns, clock: Clock) -> None:
    sales = campaign(campaign="deposits", kind="sales")
    await store.take_in(sales, [Listed(one) for one in NUMBERS], str, "")
    assert await store.due("deposits", 9) == ()
    one, two = await store.find("deposits", ContactState.REVIEW, 9)
    assert await store.approve("deposits", [one.id]) == 1
    assert [it.id for it in await store.due("deposits", 9)] == [one.id]
    assert await store.approve("deposits", ()) == 1
    assert {it.id for it in await store.due("deposits", 9)} == {one.id, two.id}
    clock.passes(days=1)
    assert await store.approve("deposits", ()) == 0
