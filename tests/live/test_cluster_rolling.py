"""Engines restarted one after another, and flows published on both, with callers on the line: nobody is dropped, and
nobody hears two versions."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from lab.cluster import Cluster
from lab.engine import Engine
from lab.phone_call import PhoneCall
from lab.telephone import Telephone
from tests.live.cluster_kit import WITHIN_S, empty, engines
from tests.live.test_publish import FLOW, NEW, NEW_TOLD, OLD, OLD_TOLD
from tests.queues import add_queues

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(240)]


def written(flows: Path, greeting: str, told: str) -> None:
    """Write flows that greet so, tell on 1, and end."""
    text = FLOW.replace("GREETING", greeting).replace("TOLD, next: menu", f"{told}, next: bye")
    (flows / "main.yaml").write_text(text, "utf-8")
    add_queues(flows)


async def ivr(engine: Engine, *words: str) -> None:
    """Run a command with an engine's configuration."""
    config = engine.folder / f"onecall-{engine.port}.yaml"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ivr", *words, "-c", str(config)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said = (await process.communicate())[0].decode()
    assert process.returncode == 0, said


async def asked(lines: Telephone, prompt: str) -> list[PhoneCall]:
    """Have two people call, one on each Asterisk, and hear what the hotline asks."""
    calls = [await lines.call("95500") for _ in range(2)]
    for call in calls:
        await call.hears(prompt, within=WITHIN_S)
    return calls


async def told(calls: list[PhoneCall], prompt: str) -> None:
    """Press 1 in each, and hear this, to the end of the call."""
    for call in calls:
        await call.press("1")
    for call in calls:
        await call.hears(prompt, within=WITHIN_S)
        await call.ended()


async def rolled(engine: Engine, lines: Telephone) -> None:
    """Restart an engine as docs/nodes.md says: its call ends by itself meanwhile, a new one goes to the other."""
    before = await asked(lines, OLD)
    await ivr(engine, "drain")
    meanwhile = await asked(lines, OLD)
    await told(before, OLD_TOLD)
    engine.signal(signal.SIGTERM)
    await told(meanwhile, OLD_TOLD)
    assert await engine.gone() == 0
    await engine.stop()
    await engine.start()


async def test_a_rolling_restart_and_a_publish_drop_nobody(
    site: Cluster, lines: Telephone, tmp_path: Path
) -> None:
    flows = tmp_path / "flows"
    flows.mkdir()
    written(flows, OLD, OLD_TOLD)
    async with engines(site, tmp_path, {"flows": str(flows)}) as nodes:
        for engine in nodes:
            await rolled(engine, lines)
        old = await asked(lines, OLD)
        written(flows, NEW, NEW_TOLD)
        await ivr(nodes[0], "publish", "-m", "a new question")
        for engine in nodes:
            await engine.says("release 2 (", within=WITHIN_S)
        new = await asked(lines, NEW)
        await told(old, OLD_TOLD)
        await told(new, NEW_TOLD)
        await empty(site)
        ended = [
            line for one in nodes for line in one.events if line["event"]["type"] == "CallEnded"
        ]
        assert {line["event"]["reason"] for line in ended} == {"completed"}
    for call in lines.calls:
        names = {heard.name.rpartition("/")[2] for heard in call.heard}
        assert not names & {"sorry-repeat", "survivability"}
        assert len(names & {OLD, NEW}) == 1
