"""What live tests of several nodes share: who took a call, and engines of one bank."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from lab.cluster import ASTERISKS, NODES, Cluster
from lab.engine import Engine
from lab.phone_call import PhoneCall
from lab.telephone import Telephone

WITHIN_S = 10.0
"""How long anything may take on a busy machine."""


@asynccontextmanager
async def engines(
    site: Cluster, settings: Mapping[str, Any] | None = None
) -> AsyncIterator[list[Engine]]:
    """Run both engines."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(site.engine(node, settings)) for node in NODES]


async def greeted(site: Cluster, phone: Telephone) -> tuple[str, PhoneCall]:
    """Call, and hear the welcome; return which Asterisk took the call."""
    before = site.channels()
    call = await phone.call("95500")
    await call.hears("welcome")
    ((name, _),) = site.channels() - before
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
