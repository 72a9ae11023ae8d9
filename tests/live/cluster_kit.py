"""What live tests of several nodes share: two engines and their one floor, and who took a call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Self

from ivr.adapters.clock import SystemClock
from ivr.adapters.staff.demo import seed
from ivr.app.config import load_config
from ivr.app.floor.client import Far, floor_client
from ivr.app.staff import staff_of
from lab.cluster import ASTERISKS, NODES, Cluster
from lab.engine import Engine
from lab.phone_call import PhoneCall
from lab.site import AGENTS
from lab.telephone import Telephone
from tests.live.floor_kit import Floor
from tests.live.kit import ZONE, bank

WITHIN_S = 15.0
"""How long anything may take on a busy machine."""


@asynccontextmanager
async def engines(
    site: Cluster, folder: Path, settings: Mapping[str, Any] | None = None
) -> AsyncIterator[list[Engine]]:
    """Run both engines, with an empty database and a bank."""
    site.begin(folder)
    bank(site.bank)
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(site.engine(node, settings)) for node in NODES]


class Nodes(Floor):
    """Two running engines and their one floor: `far` asks the node that is told by `ask`."""

    def __init__(
        self,
        site: Cluster,
        lines: Telephone,
        folder: Path,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.site = site
        self.lab = site
        self.telephone = lines
        self._settings = {
            "flows": str(self._flows(folder)),
            "agents": {"endpoints": AGENTS, "branches": {"101": "Local/8001@transfer"}},
            **(settings or {}),
        }
        self._folder = folder
        self._opened = AsyncExitStack()
        self._fars: list[Far] = []

    async def __aenter__(self) -> Self:
        try:
            self.engines = await self._opened.enter_async_context(
                engines(self.site, self._folder, self._settings)
            )
            configs = [load_config(one.folder / f"onecall-{one.port}.yaml") for one in self.engines]
            async with staff_of(configs[0], SystemClock(ZONE)) as staff:
                await seed(staff)
            for config in configs:
                client = floor_client(config)
                self._fars.append(await self._opened.enter_async_context(client))
        except BaseException:
            await self._opened.aclose()
            raise
        self.ask(0)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._opened.aclose()

    def ask(self, number: int) -> None:
        """Have everything that a test asks of the floor go to this node from now on."""
        self.engine = self.engines[number]
        self.far = self._fars[number]

    async def leader(self) -> int:
        """Wait until a node leads; return which."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                for number, one in enumerate(self.engines):
                    said = [
                        line
                        for line in one.log.read_text("utf-8").splitlines()
                        if " leads " in line
                    ]
                    if one.running and said and "no more" not in said[-1]:
                        return number
                await asyncio.sleep(0.05)  # a log tells nobody that it has grown

    async def empty(self, within: float = WITHIN_S) -> None:
        await self.shows(lambda board: not board.callers, within)
        await empty(self.site)


async def greeted(
    site: Cluster, lines: Telephone, ani: str = "13800001111"
) -> tuple[str, PhoneCall]:
    """Call, and hear the welcome; return which Asterisk took the call."""
    name, call = await placed(site, lines, ani)
    await call.hears("welcome")
    return name, call


async def placed(site: Cluster, lines: Telephone, ani: str) -> tuple[str, PhoneCall]:
    """Call; return which Asterisk took the call."""
    before = site.channels()
    call = await lines.call("95500", ani=ani)
    ((name, _),) = await asyncio.to_thread(site.channels) - before
    return name, call


async def gets_calls(site: Cluster, name: str, wanted: bool) -> None:
    """Wait until Kamailio sends an Asterisk calls, or none."""
    uri = f"sip:{ASTERISKS[name]}:{site.ports.sip}"
    async with asyncio.timeout(WITHIN_S):
        while (await asyncio.to_thread(site.kamailio.asterisks))[uri].startswith("A") != wanted:  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(0.05)


async def empty(site: Cluster) -> None:
    """Wait until no Asterisk has a channel."""
    async with asyncio.timeout(WITHIN_S):
        while await asyncio.to_thread(site.channels):  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(0.05)
