"""The parts of a cluster, each by its name, to be killed as a crash would and started as systemd would."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from lab.asterisk import Asterisk
from lab.cluster import Cluster
from lab.engine import Engine


@dataclass(frozen=True)
class Part:
    """One of them."""

    name: str
    where: str
    """What it is, and its address."""
    kill: Callable[[], Awaitable[None]]
    start: Callable[[], Awaitable[None]]


def parts(site: Cluster, engines: list[Engine]) -> dict[str, Part]:
    """Return the parts of a cluster."""
    ports = site.ports
    found = [
        _part(
            "kamailio", f"SIP {site.entrance}:{ports.sip}", site.kamailio.stop, site.kamailio.start
        ),
        *(_asterisk(one) for one in site.exchanges),
        _part(
            "postgres",
            f"127.0.0.1:{site.postgres.port}",
            lambda: site.postgres.stop("immediate"),
            site.postgres.start,
        ),
        _part("redis", f"127.0.0.1:{site.redis.port}", site.redis.kill, site.redis.start),
        *(_engine(one) for one in engines),
    ]
    return {one.name: one for one in found}


def _asterisk(one: Asterisk) -> Part:
    return _part(one.name, f"Asterisk, files in {one.folder}", one.kill, one.start)


def _engine(one: Engine) -> Part:
    async def kill() -> None:
        one.kill()
        await one.gone()

    return Part(one.folder.name, f"engine, AGI 127.0.0.1:{one.port}, {one.log}", kill, one.start)


def _part(name: str, where: str, kill: Callable[[], object], start: Callable[[], object]) -> Part:
    """Return a part whose ways wait for the machine: they run beside the loop."""

    async def aside(what: Callable[[], object]) -> None:
        await asyncio.to_thread(what)

    return Part(name, where, lambda: aside(kill), lambda: aside(start))
