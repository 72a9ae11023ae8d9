"""A word to all nodes by a real Redis: who follows the ledger is told that it has grown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from ivr.adapters.clock import monotonic_ms
from ivr.adapters.cluster.fence import NoFence
from ivr.app.cluster.leadership import Leadership, Ports
from ivr.app.cluster.reaching import Reach
from ivr.app.cluster.shared import RELEASES, redis_of, tell_all
from ivr.app.config import Config, load_config
from ivr.app.ledger import Ledger
from ivr.ports.cluster import Node
from lab.redis import redis_server
from tests.app.kit import Desk

AGAIN_S = 0.1


def configured(folder: Path, url: str) -> Config:
    """Return the configuration of a node of this Redis."""
    (folder / "redis").write_text(url, "utf-8")
    (folder / "redis").chmod(0o600)
    file = folder / "onecall.yaml"
    file.write_text("cluster: {redis: {url_file: redis}, secret_file: redis}\n", "utf-8")
    return load_config(file)


@asynccontextmanager
async def term(token: int) -> AsyncIterator[Ports]:
    yield {}


async def test_a_node_hears_of_what_another_publishes(tmp_path: Path) -> None:
    with redis_server() as server:
        config = configured(tmp_path, server.url)
        cluster = redis_of(config)
        assert cluster is not None
        leadership = Leadership(
            cluster, NoFence(), Node("e1", ""), term, lambda: monotonic_ms() / 1000
        )
        reach, heard = Reach(cluster, leadership, None), asyncio.Event()
        reach.on_word(RELEASES, heard.set)
        desk = Desk()
        desk.ledger = Ledger(desk.store, desk.clock, lambda: tell_all(config, RELEASES))
        async with reach.looking():
            while not heard.is_set():  # whoever has not begun to listen misses a word
                await desk.publish("another")
                with suppress(TimeoutError):
                    async with asyncio.timeout(AGAIN_S):
                        await heard.wait()
        await cluster.close()


async def test_a_redis_that_is_away_keeps_nobody_from_publishing(tmp_path: Path) -> None:
    config = configured(tmp_path, "redis://127.0.0.1:1/0")
    desk = Desk()
    desk.ledger = Ledger(desk.store, desk.clock, lambda: tell_all(config, RELEASES))
    await desk.publish("first")
    assert (await desk.ledger.state()).number == 1
