"""Callbacks, live: a caller gives up waiting and not the place, and the bank rings them in turn."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.adapters.clock import SystemClock
from ivr.ports.agents import AgentState
from ivr.ports.callbacks import State
from lab.phone_call import NotHeard, PhoneCall
from lab.site import HOTLINE, Lab
from lab.telephone import Telephone
from tests.live.floor_kit import WITHIN, Floor, Seat
from tests.live.kit import ZONE

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]

MAIN = """\
flow: main
numbers: ["95500"]
languages: [en]
start: agent

steps:
  agent:
    queue: {name: service}
    on:
      served: done
      timeout: done
      full: done
      empty: done
      closed: done
      overflow: done
      callback: call-back
  call-back:
    callback: {queue: service, windows: WINDOWS}
    on: {kept: done, refused: agent, cancelled: agent, no_input: agent, unavailable: agent}
  done: {say: goodbye, next: end}
  end: {hangup: completed}
"""
QUEUES = """\
queues:
  service:
    agents: [anyone]
    wrap_up: {time: 0s}
    callbacks: {estimate: 0s, retry: 2s}
"""
CUSTOMER_FIRST = QUEUES.replace("estimate: 0s", "estimate: 0s, mode: customer_first, lead: 30m")
SOON = "1"
"""The key for as soon as possible, where there are hours to choose from."""
CUSTOMER, LATER = "13900007777", "13900008888"


class Hotline(Floor):
    """A hotline that calls customers back."""

    def __init__(
        self,
        lab: Lab,
        telephone: Telephone,
        folder: Path,
        queues: str = QUEUES,
        windows: int = 0,
    ) -> None:
        settings = {"dialler": {"allow": ["1"], "ring": "10s"}}
        super().__init__(lab, telephone, folder, settings)
        copy = folder / "flows"
        (copy / "main.yaml").write_text(MAIN.replace("WINDOWS", str(windows)), "utf-8")
        (copy / "queues.yaml").write_text(queues, "utf-8")

    async def waits(self, count: int) -> None:
        """Wait until so many callers are on the floor."""
        await self.shows(lambda board: len(board.callers) == count)

    async def promises(self, hour: str = "", ani: str = CUSTOMER) -> None:
        """Have a customer choose to be called back, behind somebody else who waits; with the key of an
        `hour`, in that one."""
        call = await self.telephone.call(HOTLINE, ani=ani)
        await call.hears("queue-offer-callback", within=10)
        await call.press("1")
        await call.hears("callback-number-choice", within=10)
        await call.press("1")
        if hour:
            await call.hears("callback-when", within=10)
            await call.press(hour)
        soon = hour in ("", SOON)
        await call.hears("callback-kept" if soon else "callback-scheduled", within=10)
        await call.hang_up()

    async def talk(self, agent: PhoneCall, customer: PhoneCall) -> None:
        """Have both speak, until they hear each other: nobody hears what is said before they are joined."""
        sound = (self.lab.sounds / "agent.ulaw").read_bytes()
        for speaks, hears in ((agent, customer), (customer, agent)):
            async with asyncio.timeout(WITHIN):
                while True:
                    speaks.speak(sound)
                    with suppress(NotHeard):
                        await hears.hears("agent", within=2)
                        break


async def test_a_callback_is_served_in_turn_and_both_talk(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    customer = phone.desk(CUSTOMER)
    async with Hotline(lab, phone, tmp_path) as hotline:
        seat = Seat(hotline, "1001")
        await seat.at_work()
        first = await hotline.calls()
        await seat.takes()
        second = await hotline.calls()
        await hotline.waits(2)
        await hotline.promises()
        (kept,) = await hotline.far.callbacks.find()
        assert (kept.number, kept.state) == (CUSTOMER, State.KEPT)
        third = await hotline.calls()
        await hotline.waits(3)

        await first.hang_up()  # the agent is free: the second caller was there first
        await seat.takes()
        assert customer.calls == []
        await second.hang_up()

        ringing = await customer.rings(
            within=5
        )  # and now it is the callback's turn, not the third's
        assert (await seat.is_(AgentState.RESERVED)).call_id == kept.id
        await customer.pick_up(ringing)
        await ringing.hears("callback-take", within=10)
        await ringing.press("1")
        leg = await seat.takes(within=10)
        await leg.hears("whisper-callback", within=10, whole=True)
        await seat.is_(AgentState.TALKING)
        await hotline.talk(leg, ringing)
        assert await hotline.far.callbacks.find() == ()
        (told,) = await hotline.far.callbacks.find(past=True)
        assert (told.state, told.attempts) == (State.BRIDGED, 1)
        await leg.hang_up()
        await ringing.hears("goodbye", within=10)
        await seat.is_(AgentState.RINGING)
        await third.hang_up()
        await hotline.empty(within=10)


async def test_a_callback_outlives_the_engine_and_who_rings_again_has_the_place(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    customer = phone.desk(CUSTOMER)
    async with Hotline(lab, phone, tmp_path) as hotline:
        seat = Seat(hotline, "1001")
        await seat.at_work()
        first = await hotline.calls()
        busy = await seat.takes()
        second = await hotline.calls()
        await hotline.waits(2)
        await hotline.promises()
        hotline.engine.kill()
        await hotline.engine.gone()
        await hotline.engine.start()
        (kept,) = await hotline.far.callbacks.find()
        assert kept.state is State.KEPT
        again = await phone.call(HOTLINE, ani=CUSTOMER)
        board = await hotline.shows(
            lambda board: any(one.ani == CUSTOMER for one in board.callers), within=10
        )
        back = next(one for one in board.callers if one.ani == CUSTOMER)
        assert back.since == kept.entered
        assert await hotline.far.callbacks.find() == ()
        for call in (again, second, busy, first):
            await call.hang_up()
        await hotline.empty(within=10)
        assert customer.calls == [], "nobody was rung who rang again"


async def test_customers_are_rung_first_and_within_the_hour_that_was_promised(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    """Rung before their turn, they wait in their old place; who was promised an hour is rung in it."""
    customer, other = phone.desk(CUSTOMER), phone.desk(LATER)
    async with Hotline(lab, phone, tmp_path, CUSTOMER_FIRST, windows=2) as hotline:
        seat = Seat(hotline, "1001")
        await seat.at_work()
        first = await hotline.calls()
        await seat.takes()
        second = await hotline.calls()
        await hotline.waits(2)

        await hotline.promises(hour="2", ani=LATER)
        (hour,) = await hotline.far.callbacks.find()
        assert hour.window_from is not None
        assert hour.window_from > SystemClock(ZONE).now(), "it is an hour that has not begun"
        await hotline.waits(2)

        called = asyncio.create_task(customer.rings(within=WITHIN))
        await hotline.promises(hour=SOON)
        ringing = await called
        (promised,) = (one for one in await hotline.far.callbacks.find() if one.number == CUSTOMER)
        await seat.is_(AgentState.TALKING)  # nobody is kept: the customer waits, not the agent
        await customer.pick_up(ringing)
        await ringing.hears("callback-take", within=WITHIN)
        await ringing.press("1")
        board = await hotline.shows(lambda board: len(board.callers) == 3)
        back = next(one for one in board.callers if one.ani == CUSTOMER)
        assert back.since == promised.entered
        await first.hang_up()
        await seat.takes()
        await second.hang_up()
        leg = await seat.takes()
        await seat.is_(AgentState.TALKING)
        await hotline.talk(leg, ringing)
        await leg.hang_up()
        await ringing.hears("goodbye", within=WITHIN)

        now = SystemClock(ZONE).now()
        window = (now, now + timedelta(hours=1))
        assert other.calls == [], "whose hour has not come"
        await hotline.far.callbacks.cancel(hour.id, "li.na", "another time")
        await hotline.far.callbacks.schedule("service", LATER, "en", *window, "li.na")
        late = await other.rings(within=WITHIN)
        await other.pick_up(late)
        await late.hears("callback-take", within=WITHIN)
        await late.press("1")
        leg = await seat.takes()
        await seat.is_(AgentState.TALKING)
        await hotline.talk(leg, late)
        await leg.hang_up()
        await late.hears("goodbye", within=WITHIN)
        await hotline.empty(within=WITHIN)
        told = await hotline.far.callbacks.find(past=True)
        assert sorted(one.state for one in told) == ["bridged", "bridged", "cancelled"]
