"""No telephone has two calls of the bank at once, whoever begins them, nor after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.adapters.callbacks.ringings import DatabaseRingings
from ivr.app.callbacks.guard import Guard
from ivr.model.errors import PortError
from ivr.ports.callbacks import Refused
from ivr.ports.dialler import Dialled, Outgoing
from tests.app.callbacks.kit import CONFIG, Clock, Telephones, settled

NUMBER = "13800001111"
SAME = ("+8613800001111", "008613800001111", "013800001111")


class Engine:
    """A guard over telephones that a test answers."""

    def __init__(self, phones: Telephones, ringings: DatabaseRingings, clock: Clock) -> None:
        self.phones = phones
        self.clock = clock
        self.guard = Guard(phones, ringings, clock, CONFIG.numbers(), CONFIG.per_day)

    async def begins(self, id_: str, number: str = NUMBER) -> asyncio.Task[Dialled]:
        """Begin a call, and see its telephone ring."""
        call = asyncio.create_task(self.guard.dial(Outgoing(id_, number, "*61", 20_000)))
        await self.phones.rings()
        return call

    async def tries(self, id_: str, number: str = NUMBER) -> Dialled:
        """Begin a call that is not going to be dialled."""
        return await self.guard.dial(Outgoing(id_, number, "*61", 20_000))


@asynccontextmanager
async def running(folder: Path, phones: Telephones, clock: Clock) -> AsyncIterator[Engine]:
    ringings = await DatabaseRingings.open(folder / "callbacks.sqlite", ZoneInfo("UTC"))
    engine = Engine(phones, ringings, clock)
    try:
        yield engine
    finally:
        await engine.guard.stop()
        await ringings.close()


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    async with running(tmp_path, Telephones(), Clock()) as engine:
        yield engine


async def test_a_telephone_that_rings_is_not_rung_however_its_number_is_written(
    engine: Engine,
) -> None:
    call = await engine.begins("callback-1")
    for written in SAME:
        assert await engine.guard.busy(written)
    assert await engine.tries("survey-1", "13800001111") is Dialled.LIVE
    assert [one.id for one in engine.phones.rung] == ["callback-1"]
    await engine.phones.becomes(Dialled.BUSY)
    assert await call is Dialled.BUSY
    assert not await engine.guard.busy(NUMBER)


async def test_whoever_talks_is_not_rung_until_they_have_hung_up(engine: Engine) -> None:
    gone: list[str] = []
    engine.guard.on_hung_up(gone.append)
    call = await engine.begins("survey-1")
    await engine.phones.becomes(Dialled.ANSWERED)
    assert await call is Dialled.ANSWERED
    assert await engine.tries("campaign-1") is Dialled.LIVE
    engine.guard.hung_up("somebody else's")
    engine.guard.hung_up("survey-1")
    await engine.guard.stop()
    assert gone == ["somebody else's", "survey-1"]
    again = await engine.begins("campaign-2")
    again.cancel()


async def test_who_hangs_up_before_it_is_told_that_they_answered_is_free(engine: Engine) -> None:
    call = await engine.begins("survey-1")
    engine.guard.hung_up("survey-1")
    await engine.phones.becomes(Dialled.ANSWERED)
    await call
    await engine.guard.stop()
    assert not await engine.guard.busy(NUMBER)


async def test_where_nobody_knows_the_telephone_is_let_go_once_its_channel_is_gone(
    engine: Engine,
) -> None:
    call = await engine.begins("survey-1")
    await engine.phones.becomes(PortError("ami", "lost"))
    with pytest.raises(PortError):
        await call
    engine.clock.passes(minutes=5)
    await engine.guard.settle()
    assert await engine.tries("campaign-1") is Dialled.LIVE, "Asterisk still has it"
    engine.phones.there.clear()
    await engine.guard.settle()
    assert not await engine.guard.busy(NUMBER)


async def test_a_restart_forgets_no_telephone(tmp_path: Path) -> None:
    phones, clock = Telephones(), Clock()
    async with running(tmp_path, phones, clock) as killed:
        call = await killed.begins("callback-1")
        call.cancel()
    async with running(tmp_path, phones, clock) as next_one:
        phones.there.clear()  # not there yet: it is on its way
        await next_one.guard.settle()
        assert await next_one.tries("campaign-1") is Dialled.LIVE
        clock.passes(seconds=31)
        await next_one.guard.settle()
        assert not await next_one.guard.busy(NUMBER)
        await settled()


async def test_all_calls_to_a_number_count(engine: Engine) -> None:
    for number, purpose in enumerate(("callback", "survey", "campaign", "campaign")):
        call = await engine.begins(f"{purpose}-{number}")
        await engine.phones.becomes(Dialled.NO_ANSWER)
        assert await call is Dialled.NO_ANSWER
    assert await engine.guard.refuses(NUMBER) is Refused.TOO_MANY
    assert await engine.tries("survey-9") is Dialled.TOO_MANY
    assert await engine.guard.refuses("16800001111") is Refused.NUMBER
    assert await engine.tries("survey-9", "16800001111") is Dialled.REFUSED
    engine.clock.passes(days=1, seconds=1)
    assert await engine.guard.refuses(NUMBER) is None
