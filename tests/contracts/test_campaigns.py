"""What campaigns must do on either sort of database: what forbids a call is looked at in the transaction
that begins it, whoever wrote it down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from msgspec.structs import replace

from ivr.adapters.campaigns.lists import DatabaseCampaigns
from ivr.centre.campaigns.dialable import Why
from ivr.database import Place
from ivr.database.fence import Token, nobody_asks
from ivr.ports.campaigns import Contact, ContactState, Imported, Listed, Running, Scope
from ivr.ports.cluster import Fenced
from tests.app.callbacks.kit import Clock
from tests.centre.campaigns.kit import campaign

NUMBERS = ("13800001111", "13800001002")
REMINDERS = campaign()

Nodes = Callable[..., Awaitable[DatabaseCampaigns]]


@pytest.fixture
async def nodes(place: Place) -> AsyncIterator[Nodes]:
    """Open the book on a node."""
    opened: list[DatabaseCampaigns] = []
    clock = Clock()

    async def node(token: Token = nobody_asks) -> DatabaseCampaigns:
        opened.append(await DatabaseCampaigns.open(place, clock, token))
        return opened[-1]

    yield node
    for one in opened:
        await one.close()


async def running(store: DatabaseCampaigns) -> Contact:
    """Begin a campaign, and return whom it calls first."""
    await store.take_in(REMINDERS, [Listed(one) for one in NUMBERS], str, "li.na")
    await store.run("reminders", Running.RUNNING, "li.na")
    return (await store.due("reminders", 1))[0]


async def test_a_list_is_taken_once(nodes: Nodes) -> None:
    store = await nodes()
    first = await running(store)
    again = [Listed(NUMBERS[0]), Listed("13800001003", consent=True)]
    assert await store.take_in(REMINDERS, again, str, "li.na") == Imported(added=1, known=1)
    assert [one.number for one in await store.due("reminders", 9)] == [*NUMBERS, "13800001003"]
    assert (await store.wishes("13800001003")).agreed
    assert not (await store.wishes(NUMBERS[0])).agreed
    assert await store.change(first.id, lambda it: None) is None
    await store.change(first.id, lambda it: replace(it, state=ContactState.DONE))
    assert await store.take_in(REMINDERS, [Listed(first.number)], str, "") == Imported(1, 0)
    found = await store.find("reminders", ContactState.DONE, 9)
    assert [one.id for one in found] == [first.id]
    assert len(await store.find("reminders", None, 9)) == 4


async def test_nodes_race_for_a_contact_and_one_calls(nodes: Nodes) -> None:
    stores = [await nodes() for _ in range(3)]
    first = await running(stores[0])
    begun = await asyncio.gather(
        *(it.begin(first, REMINDERS, f"campaign-{number}") for number, it in enumerate(stores))
    )
    (one,) = [it for it in begun if isinstance(it, Contact)]
    assert [it for it in begun if it is not one] == [Why.STATE, Why.STATE]
    assert await stores[1].calling() == (one,)
    assert await stores[2].of_attempt(one.attempt) == one


async def test_what_another_node_forbids_is_not_begun(nodes: Nodes) -> None:
    desk, engine = await nodes(), await nodes()
    first = await running(desk)
    await desk.bar(first.telephone, Scope.ALL, "li.na", "at the counter")
    assert await engine.begin(first, REMINDERS, "campaign-1") is Why.NO_CALLS
    assert [one.why for one in await engine.no_calls()] == ["at the counter"]
    assert await desk.unbar(first.telephone, Scope.ALL)
    await desk.run("reminders", Running.PAUSED, "li.na")
    assert await engine.begin(first, REMINDERS, "campaign-1") is Why.NOT_RUNNING
    await desk.refuse(first.telephone, "deposit")
    assert (await engine.wishes(first.telephone)).refused == {"deposit"}


async def test_what_is_counted(nodes: Nodes) -> None:
    store = await nodes()
    first = await running(store)
    await store.begin(first, REMINDERS, "campaign-1")
    await store.answered("campaign-1")
    await store.talked("campaign-1", "1001")
    await store.over("campaign-1", "answered", "paid")
    assert await store.was_answered("campaign-1")
    tally, view = await store.tally("reminders"), await store.view(REMINDERS)
    assert (tally.calls, tally.answered, tally.talked, tally.drops) == (1, 1, 1, 0)
    assert (view.running, view.by, view.calls) == (Running.RUNNING, "li.na", 1)
    assert view.contacts == {"calling": 1, "ready": 1}


async def test_sales_are_looked_at_first(nodes: Nodes) -> None:
    store, sales = await nodes(), campaign(campaign="deposits", kind="sales")
    await store.take_in(sales, [Listed(one) for one in NUMBERS], str, "")
    assert await store.due("deposits", 9) == ()
    one, _ = await store.find("deposits", ContactState.REVIEW, 9)
    assert await store.approve("deposits", [one.id]) == 1
    assert await store.approve("deposits", ()) == 1


async def test_who_led_before_calls_nobody(nodes: Nodes) -> None:
    desk, old, new = await nodes(), await nodes(lambda: 3), await nodes(lambda: 4)
    first = await running(desk)
    assert isinstance(await new.begin(first, REMINDERS, "campaign-1"), Contact)
    (second,) = await desk.due("reminders", 9)
    with pytest.raises(Fenced):
        await old.begin(second, REMINDERS, "campaign-2")
    with pytest.raises(Fenced):
        await old.answered("campaign-1")
    assert len(await desk.calling()) == 1
