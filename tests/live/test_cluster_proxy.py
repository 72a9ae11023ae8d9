"""Kamailio by itself: whom it lets in, whom Asterisk believes, and that nobody notices its restart."""

from __future__ import annotations

import asyncio

import pytest

from lab.cluster import ASTERISKS, PROXY, Cluster
from lab.sip import ask
from lab.site import AGENTS
from lab.telephone import Telephone
from tests.live.cluster_kit import empty

pytestmark = pytest.mark.asterisk
STRANGER = "127.0.0.99"
FORBIDDEN, UNAUTHORIZED, CHALLENGED, UNKNOWN = 403, 401, 407, 404
SAVED_S = 3.0
"""A registration is in its file by then."""


def test_a_stranger_calls_nobody(site: Cluster) -> None:
    proxy = PROXY, site.ports.sip
    assert ask("INVITE", proxy, "95500", own=STRANGER) == FORBIDDEN
    assert ask("INVITE", proxy, "agent1001", own=STRANGER) == FORBIDDEN
    assert ask("MESSAGE", proxy, "agent1001", own=STRANGER) == 405
    assert site.channels() == set()


def test_an_agents_name_is_proved_wherever_it_comes_from(site: Cluster) -> None:
    proxy = PROXY, site.ports.sip
    assert ask("INVITE", proxy, "*11", sender="agent1001") == CHALLENGED
    assert ask("INVITE", proxy, "*11", sender="agent1001", own=STRANGER) == CHALLENGED
    assert ask("REGISTER", proxy, sender="agent1001", own=STRANGER) == UNAUTHORIZED
    assert ask("REGISTER", proxy, sender="agent9999", own=STRANGER) == FORBIDDEN
    assert site.channels() == set()


def test_asterisk_believes_an_agents_name_from_the_proxy_only(site: Cluster) -> None:
    for address in ASTERISKS.values():
        asterisk = address, site.ports.sip
        for own in (STRANGER, "127.0.0.1"):
            assert ask("INVITE", asterisk, "*11", sender="agent1001", own=own) in (
                FORBIDDEN, UNAUTHORIZED,
            )  # fmt: skip
    assert site.channels() == set()


async def test_a_crash_of_the_proxy_is_not_noticed(site: Cluster, lines: Telephone) -> None:
    """Calls go on, whoever ends them meanwhile, and agents are known at once; no engine is needed for that."""
    await asyncio.sleep(SAVED_S)  # the table is written every other second, and tells nobody
    leaves, stays = [await lines.call("95500") for _ in range(2)]
    await leaves.hears("music")
    site.kamailio.stop()
    await leaves.hang_up()
    await stays.hears("goodbye", whole=True)
    site.kamailio.start()
    assert site.registered() == {*AGENTS}
    await stays.ended()
    await empty(site)
