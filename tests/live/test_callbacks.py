"""Callbacks, live: a caller gives up waiting and not the place, and the bank rings them in turn."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.ports.agents import AgentState
from ivr.ports.callbacks import State
from lab.phone_call import PhoneCall
from lab.site import HOTLINE, Lab
from lab.telephone import Telephone
from tests.live.floor_kit import Floor, Seat

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(90)]

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
    callback: service
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
CUSTOMER = "13900007777"


class Hotline(Floor):
    """A hotline that calls customers back."""

    def __init__(self, lab: Lab, telephone: Telephone, folder: Path) -> None:
        settings = {"dialler": {"allow": ["1"], "ring": "10s"}}
        super().__init__(lab, telephone, folder, settings)

    @staticmethod
    def _flows(folder: Path) -> Path:
        copy = Floor._flows(folder)
        (copy / "main.yaml").write_text(MAIN, "utf-8")
        (copy / "queues.yaml").write_text(QUEUES, "utf-8")
        return copy

    async def waits(self, count: int) -> None:
        """Wait until so many callers are on the floor."""
        await self.shows(lambda board: len(board.callers) == count)

    async def promises(self) -> None:
        """Have a customer choose to be called back, behind somebody else who waits."""
        call = await self.telephone.call(HOTLINE, ani=CUSTOMER)
        await call.hears("queue-offer-callback", within=10)
        await call.press("1")
        await call.hears("callback-number-choice", within=10)
        await call.press("1")
        await call.hears("callback-kept", within=10)
        await call.hang_up()

    async def talk(self, agent: PhoneCall, customer: PhoneCall) -> None:
        """Have both speak, and hear each other."""
        sound = (self.lab.sounds / "agent.ulaw").read_bytes()
        agent.speak(sound)
        await customer.hears("agent", within=10)
        customer.speak(sound)
        await agent.hears("agent", within=10)


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
