"""Redis, where several nodes share it: it answers, and gives its memory only where nothing is lost by it."""

from __future__ import annotations

from ivr.app.checkup import Finding, Site
from ivr.app.config import read_secret

SUBJECT = "Redis"
WITHIN_S = 2.0


async def look(site: Site) -> tuple[str, tuple[Finding, ...]]:
    """Ask for a sign of life, and which version it is."""
    shared = site.config.cluster.redis
    if shared is None:
        return "not configured: one engine needs none", ()
    # A driver of an extra that one engine does without.
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    client = Redis.from_url(
        read_secret(shared.url_file), socket_timeout=WITHIN_S, socket_connect_timeout=WITHIN_S
    )
    try:
        info = await client.info("server")
    except (RedisError, OSError, ValueError) as error:
        finding = Finding(
            "DOC901",
            f"it does not answer: {error}",
            str(shared.url_file),
            "no node leads: callers wait with music until it is back; calls and money go on",
            "systemctl start redis-server; compare its address and password with the file's",
        )
        return "no answer", (finding,)
    finally:
        await client.aclose()
    return f"version {info['redis_version']}", ()
