"""Callers come through Kamailio to two Asterisks, and engines answer both: what is killed is passed by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.cluster import ASTERISKS, Cluster
from lab.phone_call import PhoneCall
from lab.telephone import Telephone
from tests.live.cluster_kit import WITHIN_S, engines, gets_calls, greeted

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(240)]
PASSED_BY_S = 4.0
"""A new call reaches the other Asterisk within this time after one was killed: at first Kamailio still tries the
dead one."""
RESUMED_S = 1.0


async def test_callers_are_spread_and_pass_by_a_dead_asterisk(
    site: Cluster,
    lines: Telephone,
    tmp_path: Path,
    record_testsuite_property: Callable[[str, object], None],
) -> None:
    loop = asyncio.get_running_loop()
    async with engines(site, tmp_path):
        first = [await greeted(site, lines) for _ in range(4)]
        assert sorted(name for name, _ in first) == ["ast1", "ast1", "ast2", "ast2"]
        site.exchanges[0].kill()
        slowest = 0.0
        for _ in range(4):
            began = loop.time()
            name, call = await greeted(site, lines)
            assert name == "ast2"
            assert call.answered_at is not None
            slowest = max(slowest, call.answered_at - began)
            await call.hang_up()
        record_testsuite_property("answer after an Asterisk was killed, s", round(slowest, 2))
        assert slowest <= PASSED_BY_S
        for call in (call for name, call in first if name == "ast2"):
            await call.press("1")
            await call.hears("main-menu")
        await gets_calls(site, "ast1", False)
        site.exchanges[0].start()
        await gets_calls(site, "ast1", True)
        assert {(await greeted(site, lines))[0] for _ in range(2)} == {*ASTERISKS}


async def at_the_account(lines: Telephone, ani: str) -> PhoneCall:
    """Call, and get to where the account is asked for."""
    call = await lines.call("95500", ani=ani)
    for prompt, key in (("welcome", "1"), ("main-menu", "1")):
        await call.hears(prompt, within=WITHIN_S)
        await call.press(key)
    await call.hears("enter-account", within=WITHIN_S)
    return call


async def test_calls_of_a_killed_engine_go_on_at_the_other(
    site: Cluster,
    lines: Telephone,
    tmp_path: Path,
    record_testsuite_property: Callable[[str, object], None],
) -> None:
    loop = asyncio.get_running_loop()
    async with engines(site, tmp_path) as nodes:
        calls = {
            f"1390000000{one}": await at_the_account(lines, f"1390000000{one}") for one in range(4)
        }
        lost = [line for line in nodes[0].events if line["event"]["type"] == "CallStarted"]
        assert len(lost) == 2
        nodes[0].kill()
        killed = loop.time()
        slowest = 0.0
        for line in lost:
            heard = await calls[line["event"]["ani"]].hears("sorry-repeat")
            slowest = max(slowest, heard.start - killed)
            resumed = await nodes[1].happens("CallResumed", step="ask")
            assert resumed["call"] in {one["call"] for one in lost}
        record_testsuite_property("heard again after an engine was killed, s", round(slowest, 2))
        assert slowest <= RESUMED_S
        # All at once: who is asked and waits for the others is asked again meanwhile.
        await asyncio.gather(*map(hears_the_balance, calls.values()))
        heard_it = [
            call
            for call in calls.values()
            if any(one.is_called("sorry-repeat") for one in call.heard)
        ]
        assert len(heard_it) == len(lost)


async def hears_the_balance(call: PhoneCall) -> None:
    await call.press("6222021002#")
    await call.hears("enter-pin", within=WITHIN_S)
    await call.press("573916#")
    await call.hears("balance-is", within=WITHIN_S)
    await call.hang_up()
