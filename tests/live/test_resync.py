"""The floor is what is there: after a loss of the manager interface, and after a restart of Asterisk."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ivr.ports.agents import AgentState
from ivr.ports.floor import Board
from lab.proxy import Wire
from lab.site import AMI_USER, Lab
from lab.telephone import Telephone
from tests.live.floor_kit import WITHIN, Floor, Seat, granted

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]

AGAIN = "connected to Asterisk again"
RESYNC_S = 2.0
BACK_S = 5.0
"""How long the engine may take to be logged in again: attempts are up to two seconds apart."""


def states(board: Board) -> dict[str, AgentState]:
    return {one.agent: one.state for one in board.agents if one.state is not AgentState.OFFLINE}


async def test_what_happened_while_nobody_could_tell(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    """One caller hangs up on hold, one agent does, one pair goes on talking."""
    async with Wire(lab.ports.ami) as wire:
        ami = {
            "host": "127.0.0.1",
            "port": wire.port,
            "user": AMI_USER,
            "secret_file": str(lab.exchange.folder / "var" / "ami.secret"),
        }
        async with Floor(lab, phone, tmp_path, {"ami": ami}) as floor:
            seats = [Seat(floor, agent) for agent in ("1001", "1002", "1003")]
            talks = []
            for seat in seats:
                await seat.at_work()
                caller = await floor.calls()
                talks.append((caller, await seat.takes()))
                await seat.is_(AgentState.TALKING)
            for seat in seats[:2]:
                granted(await floor.far.agents.hold(seat.agent))
            await asyncio.gather(*(leg.hears("music", within=WITHIN) for _, leg in talks[:2]))
            wire.cut()
            await floor.engine.says("the connection to Asterisk is lost")
            await talks[0][0].hang_up()
            await talks[1][1].hang_up()
            wire.mend()
            await floor.engine.says(AGAIN, within=BACK_S)
            await talks[0][1].ended(within=RESYNC_S)
            right = {
                "1001": AgentState.WRAP_UP,
                "1002": AgentState.WRAP_UP,
                "1003": AgentState.TALKING,
            }
            await floor.shows(lambda board: states(board) == right, RESYNC_S)
            (waiting, _) = sorted(
                (await floor.far.floor.board()).callers, key=lambda one: one.agent
            )
            assert waiting.state == "waiting"
            await asyncio.gather(talks[1][0].hang_up(), talks[2][1].hang_up())
            await talks[2][0].ended(within=WITHIN)
            await floor.empty()


async def test_an_asterisk_that_is_started_again(
    patient_lab: Lab, patient_phone: Telephone, tmp_path: Path
) -> None:
    """Who talked, talks no more; who was ready, still is."""
    async with Floor(patient_lab, patient_phone, tmp_path) as floor:
        talking, ready = Seat(floor, "1001"), Seat(floor, "1002")
        await talking.at_work()
        caller = await floor.calls()
        await talking.takes()
        await talking.is_(AgentState.TALKING)
        await ready.at_work()
        await asyncio.to_thread(patient_lab.exchange.stop)
        await caller.ended(within=20)
        # In this thread: it dies with the one that started it, and others of the loop end with the test.
        patient_lab.exchange.start()
        await floor.engine.says(AGAIN, within=BACK_S)
        right = {"1001": AgentState.WRAP_UP, "1002": AgentState.READY}
        board = await floor.shows(lambda board: states(board) == right, RESYNC_S)
        assert board.callers == ()
        again = await floor.calls()
        leg = await ready.takes()
        await ready.is_(AgentState.TALKING)
        await leg.hang_up()
        await again.ended(within=WITHIN)
