"""Callbacks of queues, from the promise to the conversation: on a real database, with kills."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from ivr.adapters.callbacks.promised import DatabaseCallbacks
from ivr.model.errors import PortError
from ivr.model.floor import Alerted
from ivr.ports.callbacks import Callback, Kept, Place, Refused, State, Wanted, Wish
from ivr.ports.dialler import Dialled
from tests.app.callbacks.kit import NOW, POLICY, House, World

CALLER = Wanted("17.1", "service", "13800001111", "zh", "C1001")
LOST = PortError("ami", "the connection to Asterisk was lost while it dialled")


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.places.places["17.1"] = Place(NOW - timedelta(minutes=4), 300, 60, {"segment": "vip"})
    return world


@pytest.fixture
async def house(world: World) -> AsyncIterator[House]:
    async with world.engine() as house:
        yield house


async def is_turn(house: House, agent: str = "1001") -> None:
    """The dispatcher has matched the callback, and has no longer got it in line."""
    house.places.line.remove("17.1")
    house.places.agents["17.1"] = agent
    house.desk.turn("17.1", agent)


async def reached(house: House) -> str:
    """Have the customer answer and press 1; return the call."""
    await is_turn(house)
    call = await house.phones.becomes(Dialled.ANSWERED)
    await house.calls.wish(call, Wish.NOW)
    return call


async def test_a_callback_keeps_the_place_and_its_customer_talks(house: House) -> None:
    kept = await house.calls.keep(CALLER)
    assert kept == Kept(NOW + timedelta(minutes=5), id="17.1")
    assert house.places.line == ["17.1"]
    await is_turn(house)
    rung = await house.phones.rings()
    assert (rung.number, rung.dnis, rung.ring_ms) == ("13800001111", "*61", 20_000)
    call = await house.phones.becomes(Dialled.ANSWERED)
    about = await house.calls.called(call)
    assert about is not None
    assert (about.entered, about.facts) == (NOW - timedelta(minutes=4), {"segment": "vip"})
    assert house.desk.reached(call) is None, "nobody has pressed 1"
    await house.calls.wish(call, Wish.NOW)
    found = house.desk.reached(call)
    assert found is not None
    assert (found.callback.id, found.agent) == ("17.1", "1001")
    house.desk.bridged(call)
    assert house.desk.reached(call) is None
    assert house.places.told == ["kept", "attempted", "reached", "bridged"]
    assert house.places.released == [], "the agent went on with the customer"


async def test_promised_once_for_a_call_and_for_a_number(house: House) -> None:
    first = await house.calls.keep(CALLER)
    house.clock.passes(minutes=1)
    assert await house.calls.keep(CALLER) == first
    again = Wanted("17.2", "service", "13800001111", "zh")
    assert await house.calls.keep(again) == first
    assert house.places.line == ["17.1"]


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (Wanted("17.1", "service", "16812345", "zh"), Refused.NUMBER),
        (Wanted("17.1", "service", "0012125550100", "zh"), Refused.NUMBER),
        (Wanted("17.1", "plain", "13800001111", "zh"), Refused.NOT_NOW),
    ],
)
async def test_what_is_not_promised(house: House, wanted: Wanted, why: Refused) -> None:
    assert await house.calls.keep(wanted) == Kept(refused=why)
    assert house.places.line == []
    assert await house.calls.find() == ()


@pytest.mark.parametrize("how", [Dialled.BUSY, Dialled.NO_ANSWER, Dialled.FAILED, Dialled.REFUSED])
async def test_who_is_not_reached_keeps_the_place_and_is_tried_later(
    house: House, how: Dialled
) -> None:
    await house.calls.keep(CALLER)
    await is_turn(house)
    await house.phones.becomes(how)
    assert house.places.released == ["1001"], "the agent is free at once"
    await house.look()
    assert house.places.line == [], "not before the retry delay is over"
    house.clock.at += POLICY.trying.retry
    await house.look()
    assert house.places.line == ["17.1"]
    (callback,) = await house.calls.find()
    assert (callback.state, callback.attempts, callback.note) == (State.KEPT, 1, how.value)


async def test_an_answering_machine_hangs_up_and_is_tried_again(house: House) -> None:
    await house.calls.keep(CALLER)
    await is_turn(house)
    call = await house.phones.becomes(Dialled.ANSWERED)
    house.hangs_up(call)
    assert house.places.released == ["1001"]
    (callback,) = await house.calls.find()
    assert callback.state is State.KEPT


async def test_after_the_third_attempt_nobody_is_called_any_more(house: House) -> None:
    await house.calls.keep(CALLER)
    for _ in range(3):
        await is_turn(house)
        await house.phones.becomes(Dialled.NO_ANSWER)
        house.clock.at += POLICY.trying.retry
        await house.look()
    assert await house.calls.find() == ()
    assert house.places.line == []
    assert house.places.told == ["kept", *["attempted", "missed"] * 2, "attempted", "failed"]


@pytest.mark.parametrize(
    ("wish", "state", "told"),
    [(Wish.LATER, State.KEPT, "missed"), (Wish.NEVER, State.CANCELLED, "cancelled")],
)
async def test_the_customer_wants_it_later_or_not_at_all(
    house: House, wish: Wish, state: State, told: str
) -> None:
    await house.calls.keep(CALLER)
    await is_turn(house)
    call = await house.phones.becomes(Dialled.ANSWERED)
    await house.calls.wish(call, wish)
    house.hangs_up(call)
    assert house.places.released == ["1001"]
    assert house.places.told[-1] == told
    (callback,) = await house.calls.find(past=True)
    assert callback.state is state


async def test_who_hangs_up_before_the_agent_is_there_has_failed(house: House) -> None:
    await house.calls.keep(CALLER)
    house.hangs_up(await reached(house))
    assert house.places.told[-1] == "failed"
    assert house.places.released == ["1001"]


async def test_who_rings_again_has_the_place_and_is_not_called(house: House) -> None:
    await house.calls.keep(CALLER)
    assert house.desk.rang_again("loans", "13800001111", "") is None
    assert house.desk.rang_again("service", "13800002222", "") is None
    place = house.desk.rang_again("service", "13800001111", "")
    assert place is not None
    assert place.entered == NOW - timedelta(minutes=4)
    assert house.places.line == []
    assert await house.calls.find() == ()
    assert house.places.told == ["kept", "replaced"]


async def test_who_rings_again_while_we_ring_is_not_called_twice(house: House) -> None:
    await house.calls.keep(CALLER)
    await is_turn(house)
    await house.phones.rings()
    assert house.desk.rang_again("service", "13800009999", "C1001") is not None
    assert house.places.released == ["1001"]
    call = await house.phones.becomes(Dialled.ANSWERED)
    assert await house.calls.called(call) is None
    assert house.desk.reached(call) is None


async def test_a_supervisor_calls_it_off_but_not_a_conversation(house: House) -> None:
    await house.calls.keep(CALLER)
    call = await reached(house)
    assert not await house.calls.cancel("17.1", "li.na", "solved")
    house.hangs_up(call)
    await house.calls.keep(Wanted("17.2", "service", "13800002222", "zh"))
    assert await house.calls.cancel("17.2", "li.na", "solved")
    assert not await house.calls.cancel("17.2", "li.na", "solved")
    cancelled = (await house.calls.find(past=True))[-1]
    assert (cancelled.state, cancelled.note) == (State.CANCELLED, "li.na: solved")


async def test_two_callbacks_to_one_number_never_ring_together(house: House) -> None:
    await house.calls.keep(CALLER)
    await house.calls.keep(Wanted("17.2", "loans", "13800001111", "zh"))
    await is_turn(house)
    await house.phones.rings()
    house.places.line.remove("17.2")
    house.desk.turn("17.2", "1002")
    await house.look()
    assert len(house.phones.rung) == 1
    assert house.places.released == ["1002"]


async def test_one_turn_told_twice_rings_once(house: House) -> None:
    await house.calls.keep(CALLER)
    await is_turn(house)
    house.desk.turn("17.1", "1002")
    await house.phones.rings()
    await house.look()
    assert len(house.phones.rung) == 1
    assert house.places.released == ["1002"]


async def test_what_cannot_be_written_down_is_not_rung(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(store: DatabaseCallbacks, callback: Callback) -> bool:
        raise PortError("callbacks", "the disk is full")

    await house.calls.keep(CALLER)
    with monkeypatch.context() as broken:
        broken.setattr(DatabaseCallbacks, "claim", full)
        await is_turn(house)
        await house.look()
    assert (house.phones.rung, house.places.released) == ([], ["1001"])
    (callback,) = await house.calls.find()
    assert (callback.state, callback.attempts) == (State.KEPT, 0)
    assert house.places.line == [], "not at once again"
    house.clock.passes(minutes=1)
    await house.look()
    assert house.places.line == ["17.1"]


async def test_a_number_is_rung_so_often_within_a_day(house: House) -> None:
    for number in range(4):
        wanted = Wanted(f"18.{number}", "service", "13800001111", "zh")
        await house.calls.keep(wanted)
        house.places.line.remove(wanted.call_id)
        house.desk.turn(wanted.call_id, "")
        call = await house.phones.becomes(Dialled.ANSWERED)
        await house.calls.wish(call, Wish.NEVER)
        house.hangs_up(call)
    assert await house.calls.may("13800001111") is Refused.TOO_MANY
    assert await house.calls.may("13800002222") is None
    house.clock.passes(days=1, seconds=1)
    assert await house.calls.may("13800001111") is None


async def test_customers_are_called_in_hours_only(house: House) -> None:
    await house.calls.keep(CALLER)
    house.world.rules.opens_at = NOW + timedelta(minutes=30)
    await is_turn(house)
    await house.look()
    assert (house.phones.rung, house.places.released) == ([], ["1001"])
    house.clock.passes(minutes=30)
    await house.look()
    assert house.places.line == ["17.1"]
    assert house.places.told == ["kept"], "it is promised once"


async def test_nothing_is_promised_that_cannot_be_kept_in_hours(house: House) -> None:
    house.world.rules.opens_at = NOW + POLICY.expiry
    assert (await house.calls.keep(CALLER)).refused is Refused.NOT_NOW
    house.world.rules.opens_at = None
    assert (await house.calls.keep(CALLER)).refused is Refused.NOT_NOW


async def test_what_is_too_late_has_expired(house: House) -> None:
    await house.calls.keep(CALLER)
    house.clock.at += POLICY.expiry
    await house.look()
    assert house.places.line == []
    assert house.places.told == ["kept", "expired"]


async def test_a_scheduled_one_enters_with_its_window_and_is_told_of_when_late(
    house: House,
) -> None:
    begins, ends = NOW + timedelta(hours=2), NOW + timedelta(hours=3)
    kept = await house.calls.schedule(
        "service", "13800001111", "zh", begins, ends, "li.na", "C1001", "10000013", "1001"
    )
    assert (kept.due, kept.refused) == (ends, None)
    (promised,) = await house.calls.find()
    assert (promised.id, promised.customer) == (kept.id, "C1001")
    assert promised.facts == {"case": "10000013", "last_agent": "1001"}
    await house.look()
    assert house.places.line == []
    house.clock.at = begins
    await house.look()
    (id_,) = house.places.line
    house.clock.at = ends
    await house.look()
    await house.look()
    alerts = [one for one in house.places.events if isinstance(one, Alerted)]
    assert [one.about for one in alerts] == ["service"]
    assert id_ in alerts[0].story("zh")
    assert house.places.told == ["scheduled", "late"]
    assert await house.calls.cancel(id_, "li.na", "solved")


async def test_a_window_that_is_over_is_no_promise(house: House) -> None:
    hour = timedelta(hours=1)
    for begins, ends in [(NOW + hour, NOW + hour), (NOW - 2 * hour, NOW - hour)]:
        kept = await house.calls.schedule("service", "13800001111", "zh", begins, ends, "li.na")
        assert kept.refused is Refused.NOT_NOW


async def test_an_attempt_that_nobody_knows_of_is_not_made_twice(house: House) -> None:
    await house.calls.keep(CALLER)
    await is_turn(house)
    attempt = await house.phones.becomes(LOST)
    house.phones.there.discard(attempt)
    await house.look()
    (callback,) = await house.calls.find()
    assert callback.state is State.ATTEMPTED, "it may still ring"
    house.clock.passes(seconds=31)
    await house.look()
    (callback,) = await house.calls.find()
    assert (callback.state, callback.note) == (State.KEPT, "lost")
    assert house.places.released == ["1001"]


async def test_an_attempt_that_was_answered_unseen_goes_on(house: House) -> None:
    await house.calls.keep(CALLER)
    await is_turn(house)
    call = await house.phones.becomes(LOST)
    house.clock.passes(minutes=5)
    await house.look()
    assert await house.calls.called(call) is not None, "the customer is on the line"
    await house.calls.wish(call, Wish.NOW)
    assert house.desk.reached(call) is not None


async def test_a_killed_engine_forgets_no_promise_and_rings_nobody_twice(world: World) -> None:
    async with world.engine() as house:
        await house.calls.keep(CALLER)
        await is_turn(house)
        ringing = await house.phones.rings()
    async with world.engine() as house:
        await house.look()
        assert house.places.line == [], "its telephone still rings"
        house.clock.passes(minutes=1)
        await house.look()
        assert house.places.line == [], "the customer has answered"
        house.hangs_up(ringing.id)
        house.clock.at += POLICY.trying.retry
        await house.look()
        assert house.places.line == ["17.1"]
        assert len(house.phones.rung) == 1


async def test_a_customer_who_was_reached_goes_on_with_the_next_engine(world: World) -> None:
    async with world.engine() as house:
        await house.calls.keep(CALLER)
        call = await reached(house)
    async with world.engine() as house:
        found = house.desk.reached(call)
        assert found is not None
        assert found.callback.entered == NOW - timedelta(minutes=4)
        begins = await house.begins(call)
        assert begins is not None
        assert (begins.number, begins.language, begins.session) == ("13800001111", "zh", None)


async def test_a_call_that_came_in_was_not_begun_here(house: House) -> None:
    await house.calls.keep(CALLER)
    for call_id in ("17.1", "1700000000.4", "callback-0123456789abcdef"):
        assert await house.begins(call_id) is None
        assert await house.calls.called(call_id) is None


async def test_a_caller_chooses_one_of_the_next_hours_and_gives_up_the_place(house: House) -> None:
    house.world.rules.opens_at = NOW + timedelta(hours=5)
    first, second = await house.calls.windows("service", 2)
    assert (first.begins, first.ends) == (NOW + timedelta(hours=5), NOW + timedelta(hours=6))
    assert second.begins == first.ends
    kept = await house.calls.keep(replace(CALLER, window=first))
    assert (kept.due, kept.id) == (first.ends, CALLER.call_id)
    assert house.places.line == []
    house.clock.at = first.begins
    await house.look()
    assert house.places.line == [CALLER.call_id]
    assert house.places.told == ["scheduled"]
    late = replace(CALLER, call_id="17.2", number="13800002222", window=first)
    house.clock.at = first.ends
    assert (await house.calls.keep(late)).refused is Refused.NOT_NOW
    assert await house.calls.windows("plain", 2) == ()
