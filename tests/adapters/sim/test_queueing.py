"""A queue in the simulator."""

from __future__ import annotations

from typing import Any

import pytest

from ivr.adapters.sim.waiting import SimWaiting
from ivr.model.events import ConversationEnded, Event
from ivr.model.scripted import Person
from ivr.ports.errands import Ending, ErrandEnd
from ivr.ports.line import DialStatus
from ivr.ports.waiting import Joining, Leaving, Over, Ring, Wait
from tests.adapters.sim.kit import Call


def room(call: Call, person: dict[str, Any] | None, told: list[Event] | None = None) -> SimWaiting:
    people = {"service": Person.model_validate(person)} if person else {}
    story = told if told is not None else []
    return SimWaiting(people, call.clock, call.transcript, story.append)


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


@pytest.mark.parametrize("by", ["agent", "caller"])
async def test_the_story_of_a_call_has_the_conversation(by: str) -> None:
    call, told = Call(), list[Event]()
    waiting = room(call, {"after": "0s"}, told)
    assert isinstance(await waiting.join(JOINING), Ring)
    call.clock.advance_to(7_000)
    if by == "agent":
        await waiting.rung("1.1", "service", DialStatus.ANSWERED)
    await waiting.leave("1.1", Leaving.SERVED)
    assert told == [ConversationEnded("service", "service", 7_000, by)]


async def test_who_hangs_up_alone_with_the_machine_has_ended_the_conversation() -> None:
    call, told = Call(), list[Event]()
    waiting = room(call, {"after": "0s", "errands": [{"kind": "identity"}]}, told)
    await waiting.join(JOINING)
    await waiting.rung("1.1", "service", DialStatus.ANSWERED)
    await waiting.join(JOINING)
    call.clock.advance_to(3_000)
    await waiting.errand_over("1.1", Ending("errand-0", ErrandEnd.HUNG_UP))
    assert told == [ConversationEnded("service", "service", 3_000, "caller")]


async def test_who_hangs_up_waiting_has_talked_with_nobody() -> None:
    told = list[Event]()
    waiting = room(Call(), {"after": "50s"}, told)
    await waiting.join(JOINING)
    await waiting.leave("1.1", Leaving.ABANDONED)
    assert told == []
