"""The Redis of several nodes, as the configuration has it, and a word to all of them by it."""

from __future__ import annotations

from contextlib import suppress

from ivr.app.config import Config, ConfigError, read_secret
from ivr.model.errors import PortError
from ivr.ports.cluster import Cluster

RELEASES = "releases"
"""The signal that the ledger of releases has grown."""


def redis_of(config: Config) -> Cluster | None:
    """Connect to the Redis of several nodes; None: this one is alone. Raises ConfigError."""
    redis = config.cluster.redis
    if redis is None:
        return None
    from ivr.adapters.cluster.redis import RedisCluster  # an engine alone starts without it

    try:
        return RedisCluster(read_secret(redis.url_file))
    except ValueError as error:
        raise ConfigError(f"{redis.url_file}: no URL of a Redis: redis://HOST:6379/0") from error


async def tell_all(config: Config, topic: str) -> None:
    """Tell all nodes, so that they look at once; whoever is not told looks by itself, as ever."""
    with suppress(ConfigError, PortError):
        cluster = redis_of(config)
        if cluster is not None:
            try:
                await cluster.tell(topic, "")
            finally:
                await cluster.close()
