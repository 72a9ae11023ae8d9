"""Engines that die in the middle of calls, and calls that are taken off them."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from lab.engine import Engine
from lab.site import Lab
from lab.telephone import PhoneCall, Telephone
from tests.live.kit import bank, watching

WITHIN = 1.0

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(60)]


async def at_the_account(phone: Telephone, ani: str = "13800001111") -> PhoneCall:
    """Call, and get to where the account is asked for."""
    call = await phone.call("95500", ani=ani)
    await call.hears("welcome")
    await call.press("1")
    await call.hears("main-menu")
    await call.press("1")
    await call.hears("enter-account")
    return call


async def test_kill_9_with_no_other_engine_leads_to_the_fallback_within_a_second(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    bank(tmp_path)
    loop = asyncio.get_running_loop()
    async with Engine(lab, tmp_path) as engine:
        call = await at_the_account(phone)
        engine.kill()
        killed = loop.time()
        heard = await call.hears("survivability", within=5)
        assert heard.start - killed <= WITHIN
        await call.hang_up()


async def test_kill_9_is_survived_on_another_node_at_the_same_step(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    """Two nodes share a store; the second takes the call over and asks for the account again."""
    bank(tmp_path)
    loop = asyncio.get_running_loop()
    async with (
        Engine(lab, tmp_path) as first,
        Engine(lab, tmp_path, port=lab.ports.agi_second) as second,
    ):
        call = await at_the_account(phone)
        entered = [line["event"] for line in first.events if line["event"]["type"] == "StepEntered"]
        first.kill()
        killed = loop.time()
        heard = await call.hears("sorry-repeat", within=5)
        assert heard.start - killed <= WITHIN
        resumed = await second.happens("CallResumed")
        assert resumed["event"]["step"] == entered[-1]["step"] == "ask"
        await call.hears("enter-account", within=5)
        await call.press("6222021002#")
        await call.hears("enter-pin")
        await call.press("573916#")
        await call.hears("balance-is")
        await call.hang_up()
        ended = await second.happens("CallEnded")
        assert ended["event"]["reason"] == "caller"


async def test_an_engine_that_is_restarted_at_once_has_its_caller_back_or_safe(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    """The dialplan asks the same node again for a moment. Whoever is first, it is within a second."""
    bank(tmp_path)
    loop = asyncio.get_running_loop()
    async with Engine(lab, tmp_path) as engine:
        call = await at_the_account(phone)
        engine.kill()
        killed = loop.time()
        await engine.gone()
        restarted = asyncio.ensure_future(engine.start())
        waiting = {
            asyncio.ensure_future(call.hears(prompt, within=5))
            for prompt in ("sorry-repeat", "survivability")
        }
        done, left = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        assert min(task.result().start for task in done) - killed <= WITHIN
        await restarted
        await call.hang_up()


async def test_a_redirect_is_no_hang_up(lab: Lab, phone: Telephone, tmp_path: Path) -> None:
    bank(tmp_path)
    async with Engine(lab, tmp_path) as engine, watching(lab) as (ami, watch):
        call = await at_the_account(phone)
        call_id = (await engine.happens("CallStarted"))["call"]
        await watch.redirect(call_id, ami)
        await call.hears("sorry-repeat")
        resumed = await engine.happens("CallResumed")
        assert (resumed["call"], resumed["event"]["step"]) == (call_id, "ask")
        assert not [line for line in engine.events if line["event"]["type"] == "HungUp"]
        await call.hears("enter-account")
        await call.hang_up()
        await engine.happens("HungUp")


async def test_stopping_kindly_lets_the_call_finish_and_takes_no_new_one(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    bank(tmp_path)
    async with Engine(lab, tmp_path, drain_s=30) as engine:
        call = await at_the_account(phone)
        engine.signal(signal.SIGTERM)
        await engine.says("draining")
        late = await phone.call("95500", ani="13900000000")
        await late.hears("survivability")
        await call.press("6222021002#")
        await call.hears("enter-pin")
        await call.press("573916#")
        await call.hears("balance-is")
        await call.hang_up()
        await late.hang_up()
        assert await engine.gone() == 0
