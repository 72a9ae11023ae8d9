"""What promised calls and telephones must do on either sort of database, which nodes share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from ivr.adapters.callbacks.promised import DatabaseCallbacks
from ivr.adapters.callbacks.ringings import DatabaseRingings
from ivr.centre.callbacks import attempted
from ivr.database import Place
from ivr.database.fence import Token, nobody_asks
from ivr.model.errors import PortError
from ivr.model.session import Frame, Session
from ivr.ports.callbacks import Callback, Purpose, State
from ivr.ports.cluster import Fenced
from ivr.ports.dialler import Dialled, Ringing
from tests.contracts.conftest import MONDAY

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NUMBER = "13800001111"

Stores = Callable[..., Awaitable[DatabaseCallbacks]]
Telephones = Callable[..., Awaitable[DatabaseRingings]]


@pytest.fixture
async def stores(place: Place) -> AsyncIterator[Stores]:
    """Open the promised calls on a node."""
    opened: list[DatabaseCallbacks] = []

    async def node(token: Token = nobody_asks) -> DatabaseCallbacks:
        opened.append(await DatabaseCallbacks.open(place, token))
        return opened[-1]

    yield node
    for one in opened:
        await one.close()


@pytest.fixture
async def telephones(place: Place) -> AsyncIterator[Telephones]:
    """Open the telephones on a node."""
    opened: list[DatabaseRingings] = []

    async def node(token: Token = nobody_asks) -> DatabaseRingings:
        zone = MONDAY.tzinfo
        opened.append(await DatabaseRingings.open(place, zone, token))  # type: ignore[arg-type]
        return opened[-1]

    yield node
    for one in opened:
        await one.close()


def promise(id_: str = "17.1", **changed: object) -> Callback:
    callback = Callback(
        id_, Purpose.QUEUE, NUMBER, "zh", MONDAY, MONDAY + HOUR, MONDAY, MONDAY + 2 * HOUR
    )
    return replace(callback, **changed)


def begun(callback: Callback, attempt: str) -> Callback:
    found = attempted(callback, attempt, MONDAY)
    assert found is not None
    return found


def ringing(id_: str, number: str = NUMBER) -> Ringing:
    return Ringing(id_, number, MONDAY, MONDAY + timedelta(seconds=30))


async def test_what_was_put_is_found_in_the_order_of_places(stores: Stores) -> None:
    store = await stores()
    later = promise("17.2", entered=MONDAY + HOUR, facts={"segment": "vip", "level": 1})
    await store.put(later)
    await store.put(promise())
    await store.put(promise("17.3", state=State.FAILED))
    assert await store.open_ones() == (promise(), later)
    assert len(await store.since(MONDAY)) == 3
    assert await store.since(MONDAY + 3 * HOUR) == ()


async def test_the_call_that_goes_on_is_kept_with_it(stores: Stores) -> None:
    store = await stores()
    session = Session("17.1", "v", "95500", "", "zh", MONDAY, (Frame("main", "order"),), auth=2)
    await store.put_with(promise(), session)
    await store.put(promise(state=State.ATTEMPTED))
    assert await store.session("17.1") == session
    assert await store.session("17.2") is None


async def test_nodes_race_for_every_callback_and_one_wins_each(stores: Stores) -> None:
    nodes = [await stores() for _ in range(2)]
    callbacks = [promise(f"17.{number}") for number in range(10)]
    for callback in callbacks:
        await nodes[0].put(callback)
    won = await asyncio.gather(
        *(
            node.claim(begun(callback, f"callback-{number}-{callback.id}"))
            for callback in callbacks
            for number, node in enumerate(nodes)
        )
    )
    assert sum(won) == len(callbacks)
    assert not await nodes[0].claim(begun(promise("17.99"), "callback-1")), "nobody knows it"


async def test_who_led_before_writes_nothing(stores: Stores) -> None:
    old, new, reader = await stores(lambda: 3), await stores(lambda: 4), await stores()
    await old.put(promise())
    await new.put(promise("17.2"))
    for refused in (
        old.claim(begun(promise(), "callback-1")),
        old.put(promise(state=State.FAILED)),
    ):
        with pytest.raises(Fenced, match="token 3 counts no more"):
            await refused
    assert await old.open_ones() == (promise(), promise("17.2"))
    assert await new.claim(begun(promise(), "callback-2"))
    assert await reader.claim(begun(promise("17.2"), "callback-3")), "it does not say that it leads"


async def test_a_telephone_is_taken_by_one_call_of_all_nodes(telephones: Telephones) -> None:
    nodes = [await telephones() for _ in range(3)]
    took = await asyncio.gather(
        *(node.take(ringing(f"c-{n}"), MONDAY - DAY, 9) for n, node in enumerate(nodes))
    )
    assert sorted(took, key=str) == [None, Dialled.LIVE, Dialled.LIVE]
    (live,) = await nodes[0].live()
    assert live.number == NUMBER
    await nodes[1].over(live.id)
    assert await nodes[2].take(ringing("c-9"), MONDAY - DAY, 9) is None
    assert await nodes[0].rung(NUMBER, MONDAY - DAY) == 2
    await nodes[0].over("c-9")
    assert await nodes[0].take(ringing("c-10"), MONDAY - DAY, 2) is Dialled.TOO_MANY


async def test_it_is_rung_so_often_within_a_day(telephones: Telephones) -> None:
    node, tomorrow = await telephones(), MONDAY + timedelta(seconds=1)
    for number in range(3):
        assert await node.take(ringing(f"c-{number}"), MONDAY - DAY, 3) is None
        await node.over(f"c-{number}")
    assert await node.take(ringing("c-3"), MONDAY - DAY, 3) is Dialled.TOO_MANY
    assert await node.take(ringing("c-3", "13800002222"), MONDAY - DAY, 3) is None
    assert await node.rung(NUMBER, tomorrow) == 0
    assert await node.take(ringing("c-4"), tomorrow, 3) is None


async def test_an_id_is_used_once(telephones: Telephones) -> None:
    node = await telephones()
    await node.take(ringing("c-1"), MONDAY - DAY, 9)
    with pytest.raises(PortError):
        await node.take(ringing("c-1", "13800002222"), MONDAY - DAY, 9)


async def test_who_led_before_rings_nobody(telephones: Telephones) -> None:
    old, new = await telephones(lambda: 3), await telephones(lambda: 4)
    await new.over("nobody's")  # the first that it writes shuts the other out
    with pytest.raises(Fenced):
        await old.take(ringing("c-1"), MONDAY - DAY, 9)
    assert await old.live() == ()
    assert await new.take(ringing("c-1"), MONDAY - DAY, 9) is None
