"""Calls to the number on file that confirm who called."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ivr.model.errors import PortError
from ivr.model.secret import Secret
from ivr.ports.callbacks import Confirming
from ivr.ports.dialler import Dialled
from ivr.ports.identity import PinResult
from tests.app.callbacks.kit import FIGURES, House, World, session


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.sessions.open["17.1"] = session("17.1")
    world.phones.there.add("17.1")
    return world


@pytest.fixture
async def house(world: World) -> AsyncIterator[House]:
    async with world.engine() as house:
        yield house


async def promise(house: House, number: str = "13800003333") -> bool:
    return await house.calls.confirm("17.1", "C1003", number, "zh", "47")


async def test_rung_once_the_first_call_is_over_and_it_goes_on_there(house: House) -> None:
    assert await promise(house)
    await house.look()
    assert house.phones.rung == [], "the telephone on file may be the one that calls"
    house.hangs_up("17.1")
    del house.world.sessions.open["17.1"]
    await house.look()
    rung = await house.phones.rings()
    assert (rung.number, rung.dnis) == ("13800003333", "*62")
    call = await house.phones.becomes(Dialled.ANSWERED)
    begins = await house.begins(call)
    assert begins is not None
    assert (begins.number, begins.session) == ("13800003333", session("17.1"))
    assert await house.calls.confirming(call) == Confirming("C1003", "47")
    assert await house.calls.confirmed(call, Secret("1111")) is PinResult.WRONG
    assert await house.calls.confirmed(call, Secret(FIGURES)) is PinResult.RIGHT
    assert await house.calls.confirming(call) is None, "once"
    assert await house.calls.confirmed(call, Secret(FIGURES)) is PinResult.WRONG
    assert await house.calls.find(past=True) == (), "no callback of a queue"


async def test_no_number_of_no_list_is_rung(house: House) -> None:
    assert not await promise(house, "0012125550100")
    assert not await house.calls.confirm("17.9", "C1003", "13800003333", "zh", "47")


async def test_who_is_busy_is_rung_once_more(house: House) -> None:
    await promise(house)
    house.hangs_up("17.1")
    await house.look()
    await house.phones.becomes(Dialled.BUSY)
    await house.look()
    assert len(house.phones.rung) == 1
    house.clock.passes(seconds=15)
    await house.look()
    await house.phones.becomes(Dialled.NO_ANSWER)
    house.clock.passes(seconds=15)
    await house.look()
    assert len(house.phones.rung) == 2


async def test_who_hangs_up_did_not_ask_for_it(house: House) -> None:
    await promise(house)
    house.hangs_up("17.1")
    await house.look()
    call = await house.phones.becomes(Dialled.ANSWERED)
    house.hangs_up(call)
    assert await house.calls.confirmed(call, Secret(FIGURES)) is PinResult.WRONG
    house.clock.passes(minutes=1)
    await house.look()
    assert len(house.phones.rung) == 1


async def test_what_nobody_knows_of_is_not_rung_again(house: House) -> None:
    await promise(house)
    house.hangs_up("17.1")
    await house.look()
    attempt = await house.phones.becomes(PortError("ami", "the connection was lost"))
    house.phones.there.discard(attempt)
    house.clock.passes(minutes=1)
    await house.look()
    await house.look()
    assert len(house.phones.rung) == 1


async def test_nobody_is_rung_who_does_not_wait_for_it_any_more(world: World) -> None:
    async with world.engine() as house:
        await promise(house)
    world.phones.there.discard("17.1")
    world.clock.passes(minutes=3)
    async with world.engine() as house:
        await house.look()
        assert house.phones.rung == []


async def test_the_next_engine_rings_in_time(world: World) -> None:
    async with world.engine() as house:
        await promise(house)
    world.phones.there.discard("17.1")
    async with world.engine() as house:
        await house.look()
        assert (await house.phones.rings()).number == "13800003333"


async def test_a_callback_of_a_queue_confirms_nothing(house: House) -> None:
    await promise(house)
    house.hangs_up("17.1")
    await house.look()
    call = await house.phones.becomes(Dialled.ANSWERED)
    assert await house.calls.called(call) is None
