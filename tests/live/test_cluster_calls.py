"""Callers come through Kamailio to two Asterisks, and engines answer both: what is killed is passed by."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from lab.cluster import ASTERISKS, Cluster
from lab.installation import REPOSITORY
from lab.library import Library
from lab.phone_call import PhoneCall
from lab.telephone import Telephone
from tests.live.cluster_kit import running
from tests.live.kit import bank

pytestmark = pytest.mark.asterisk
PASSED_BY_S = 4.0
"""A new call reaches the other Asterisk within this time after one was killed: at first Kamailio still tries the
dead one."""
BACK_S = 6.0


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A running cluster."""
    with running(tmp_path_factory.mktemp("cluster")) as site:
        yield site


@pytest_asyncio.fixture
async def phone(site: Cluster) -> AsyncIterator[Telephone]:
    """Telephones of callers and agents."""
    library = Library.of(site.prompts, site.sounds, REPOSITORY / "prompts")
    async with Telephone(site, library) as telephone:
        yield telephone


async def greeted(site: Cluster, phone: Telephone) -> tuple[str, PhoneCall]:
    """Call, and hear the welcome; return which Asterisk took the call."""
    before = site.channels()
    call = await phone.call("95500")
    await call.hears("welcome")
    ((name, _),) = site.channels() - before
    return name, call


async def gets_calls(site: Cluster, name: str, wanted: bool, within: float = BACK_S) -> None:
    """Wait until Kamailio sends an Asterisk calls, or none."""
    uri = f"sip:{ASTERISKS[name]}:{site.ports.sip}"
    async with asyncio.timeout(within):
        while (await asyncio.to_thread(site.kamailio.asterisks))[uri].startswith("A") != wanted:  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(0.05)


async def test_callers_are_spread_and_pass_by_a_dead_asterisk(
    site: Cluster,
    phone: Telephone,
    tmp_path: Path,
    record_testsuite_property: Callable[[str, object], None],
) -> None:
    bank(tmp_path)
    loop = asyncio.get_running_loop()
    async with site.engine("e1", tmp_path), site.engine("e2", tmp_path):
        first = [await greeted(site, phone) for _ in range(4)]
        assert sorted(name for name, _ in first) == ["ast1", "ast1", "ast2", "ast2"]
        site.exchanges[0].kill()
        slowest = 0.0
        for _ in range(4):
            began = loop.time()
            name, call = await greeted(site, phone)
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
        assert {(await greeted(site, phone))[0] for _ in range(2)} == {*ASTERISKS}
