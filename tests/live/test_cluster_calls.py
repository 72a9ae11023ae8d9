"""Callers come through Kamailio to two Asterisks, and engines answer both: what is killed is passed by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from lab.cluster import ASTERISKS, Cluster
from lab.telephone import Telephone
from tests.live.cluster_kit import engines, gets_calls, greeted
from tests.live.kit import bank

pytestmark = pytest.mark.asterisk
PASSED_BY_S = 4.0
"""A new call reaches the other Asterisk within this time after one was killed: at first Kamailio still tries the
dead one."""


async def test_callers_are_spread_and_pass_by_a_dead_asterisk(
    site: Cluster,
    lines: Telephone,
    record_testsuite_property: Callable[[str, object], None],
) -> None:
    bank(site.bank)
    loop = asyncio.get_running_loop()
    async with engines(site):
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
