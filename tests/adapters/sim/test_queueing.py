"""A queue in the simulator."""

from __future__ import annotations

from typing import Any

import pytest

from ivr.adapters.sim.waiting import SimWaiting
from ivr.model.scripted import Person
from ivr.ports.line import DialStatus
from ivr.ports.waiting import Joining, Leaving, Over, Ring, Wait
from tests.adapters.sim.kit import Call


def room(call: Call, person: dict[str, Any] | None) -> SimWaiting:
    people = {"service": Person.model_validate(person)} if person else {}
    return SimWaiting(people, call.clock, call.transcript)


JOINING = Joining("1.1", "service", "zh", most_ms=600_000)


@pytest.mark.parametrize("how", ["full", "empty", "closed", "overflow"])
async def test_nobody_takes_the_call(how: str) -> None:
    assert await room(Call(), {"is": how}).join(JOINING) == Over(Leaving(how))


async def test_somebody_comes_after_a_while() -> None:
    call = Call()
    waiting = room(call, {"after": "50s", "talks": "9s"})
    assert await waiting.join(JOINING) == Wait(1, say=True)  # long enough to be told
    assert waiting.turn("1.1", 20_000).delay_ms == 20_000
    call.clock.advance_to(45_000)
    assert waiting.turn("1.1", 20_000).delay_ms == 5_000
    call.clock.advance_to(50_000)
    turn = await waiting.join(JOINING)
    assert isinstance(turn, Ring)
    await waiting.rung("1.1", turn.agent, DialStatus.ANSWERED)
    assert await waiting.join(JOINING) == Over(Leaving.SERVED)


@pytest.mark.parametrize("person", [None, {"after": "11m"}])
async def test_nobody_comes_in_time(person: dict[str, Any] | None) -> None:
    call = Call()
    waiting = room(call, person)
    assert isinstance(await waiting.join(JOINING), Wait)
    call.clock.advance_to(600_000)
    assert await waiting.join(JOINING) == Over(Leaving.TIMEOUT)


async def test_somebody_who_comes_soon_is_not_announced() -> None:
    assert await room(Call(), {"after": "5s"}).join(JOINING) == Wait(1)
