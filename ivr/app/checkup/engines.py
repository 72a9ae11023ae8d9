"""The way from Asterisk to the engine: the dialplan that is installed names it, and it answers there."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import suppress

import httpx

from ivr.adapters.asterisk.writing import installed
from ivr.app.asterisk import looked_at
from ivr.app.checkup import Finding, Site
from ivr.app.config import Config

SUBJECT = "engines, from Asterisk's view"
CONNECT_S = 2.0
_NODE = re.compile(r"AGI\(agi://([A-Za-z0-9.-]+:[0-9]+)/")


async def look(site: Site) -> tuple[str, tuple[Finding, ...]]:
    """Connect to each engine that the dialplan names, as Asterisk would, and ask this one how it is."""
    config = site.config
    found, named = list[Finding](), list[str]()
    for _, folder, _ in looked_at(config):
        plan = installed(folder).get("extensions.conf") if folder.is_dir() else None
        if plan is not None:
            nodes = _NODE.findall(plan)
            found += _named(config, nodes, str(folder / "extensions.conf"))
            named += nodes
    own = f"{config.agi.host}:{config.agi.port}"
    asked = tuple(dict.fromkeys(named)) or (own,)
    answers = await asyncio.gather(*(_connects(one) for one in asked))
    silent = [one for one, why in zip(asked, answers, strict=True) if why]
    found += [_silent(one, why) for one, why in zip(asked, answers, strict=True) if why]
    if not await _healthy(config) and own not in silent:
        found.append(_unhealthy(config))
    return f"{len(asked) - len(silent)} of {len(asked)} answer: {', '.join(asked)}", tuple(found)


def _named(config: Config, nodes: list[str], where: str) -> Iterator[Finding]:
    wanted = config.asterisk.nodes or (f"{config.agi.host}:{config.agi.port}",)
    if lacking := [one for one in wanted if one not in nodes]:
        yield Finding(
            "DOC401",
            f"the dialplan does not name {', '.join(lacking)}",
            where,
            "no call comes to this engine",
            "ivr asterisk install, then asterisk -rx 'dialplan reload'",
        )


async def _connects(node: str) -> str:
    """Return why nobody answers there, or nothing."""
    host, _, port = node.rpartition(":")
    try:
        async with asyncio.timeout(CONNECT_S):
            _, writer = await asyncio.open_connection(host, int(port))
    except TimeoutError:
        return f"no answer in {CONNECT_S:g} s"
    except OSError as error:
        return error.strerror or str(error)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return ""


def _silent(node: str, why: str) -> Finding:
    return Finding(
        "DOC402",
        f"no engine takes calls there: {why}",
        node,
        "its calls go to the next engine, or to the plain queue with an apology",
        "systemctl start onecall-engine (or `ivr serve`); its log says why it ended",
    )


async def _healthy(config: Config) -> bool:
    url = f"http://{config.floor.host}:{config.floor.port}/ready"
    try:
        async with httpx.AsyncClient(timeout=CONNECT_S, trust_env=False) as client:
            return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _unhealthy(config: Config) -> Finding:
    return Finding(
        "DOC403",
        "this engine is not ready",
        f"http://{config.floor.host}:{config.floor.port}/ready",
        "load balancers give it no calls, or nobody can ask it",
        "ivr status says why",
    )
