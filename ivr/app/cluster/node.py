"""This node of the cluster, as the configuration has it: alone, or one of several."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from ivr.adapters.clock import monotonic_ms
from ivr.adapters.cluster.fence import FILE, DatabaseFence, NoFence
from ivr.adapters.cluster.memory import MemoryCluster
from ivr.app.cluster.leadership import Leadership, Term
from ivr.app.cluster.reaching import Reach
from ivr.app.cluster.shared import redis_of
from ivr.app.config import Config, ConfigError, read_secret
from ivr.app.floor.serving import token_file
from ivr.app.places import made, server
from ivr.model.secret import Secret
from ivr.ports.cluster import Cluster, Fence, Node


def alone(config: Config) -> bool:
    """Whether there is one engine only."""
    return config.cluster.redis is None


@asynccontextmanager
async def node_of(config: Config, term: Term) -> AsyncIterator[Reach]:
    """Open what a node has of the others, not leading and not looking yet. Raises ConfigError, PortError."""
    said = config.cluster
    address = said.address or f"http://{config.floor.host}:{config.floor.port}"
    node = Node(said.node, address)
    async with AsyncExitStack() as stack:
        cluster, fence = await _shared(config, stack)
        leadership = Leadership(cluster, fence, node, term, _now)
        token = None if alone(config) else Secret(read_secret(token_file(config)))
        yield Reach(cluster, leadership, token)


async def _shared(config: Config, stack: AsyncExitStack) -> tuple[Cluster, Fence]:
    """Open what nodes share."""
    cluster = redis_of(config)
    if cluster is None:
        return MemoryCluster(_now, math.inf), NoFence()
    stack.push_async_callback(cluster.close)
    if server(config) is None:
        raise ConfigError("cluster.redis: several nodes need one PostgreSQL: see `database`")
    fence = await DatabaseFence.open(made(config, FILE))
    stack.push_async_callback(fence.close)
    return cluster, fence


def _now() -> float:
    return monotonic_ms() / 1000
