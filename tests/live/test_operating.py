"""Asterisk's side from OneCall's configuration, and the doctor, on a real Asterisk that answers calls."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ivr.adapters.asterisk.writing import RELOADS
from lab.asterisk import Asterisk
from lab.engine import Engine
from lab.ports import ADDRESS
from lab.site import AGENTS, Lab
from tests.live.kit import bank

pytestmark = pytest.mark.asterisk

NOT_OURS = {"DOC501", "PCI602"}
"""Whether this machine's clock is kept, and where its kernel puts cores."""


async def ivr(*words: str | Path) -> tuple[int, str, str]:
    """Run a command; return its status and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ivr"),
        *map(str, words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


def configuration(lab: Lab, folder: Path, exchange: Asterisk, settings: dict[str, Any]) -> Path:
    """Write an onecall.yaml for an Asterisk of the lab."""
    names = exchange.directories
    passwords = folder / "sip"
    passwords.mkdir()
    for name in (*AGENTS, "softphone"):
        file = passwords / f"{name}.secret"
        file.write_text("lab", "utf-8")
        file.chmod(0o600)
    config = {
        **settings,
        "asterisk": {
            "folder": names["ETC"],
            "nodes": [lab.nodes[0]],
            "sip_address": ADDRESS,
            "sip_port": lab.ports.sip,
            "trunk": f"{ADDRESS}:{lab.ports.phone_sip}",
            "rtp_first": lab.ports.rtp[0],
            "rtp_last": lab.ports.rtp[1],
            "softphones": ["softphone"],
            "passwords": str(passwords),
            "modules": names["MODULES"],
            "data": names["DATA"],
            "var": names["VAR"],
            "spool": names["SPOOL"],
            "run": names["RUN"],
            "log": names["LOG"],
            "music": str(lab.sounds / "music"),
        },
    }
    file = folder / "onecall.yaml"
    file.write_text(yaml.safe_dump(config), "utf-8")
    return file


@pytest.mark.timeout(120)
async def test_what_is_installed_runs_and_the_doctor_finds_what_is_spoilt(
    lab: Lab, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    async with Engine(lab, state, {"bank": {"file": str(bank(state))}}) as engine:
        settings = json.loads((state / f"onecall-{engine.port}.yaml").read_text("utf-8"))
        config = configuration(lab, tmp_path, lab.exchange, settings)
        before = shutil.copytree(lab.exchange.etc, tmp_path / "before")
        try:
            await _installed_and_spoilt(lab, config)
        finally:
            for file in before.iterdir():
                shutil.copy2(file, lab.exchange.etc / file.name)
            await lab.exchange.ask("core reload")


async def _installed_and_spoilt(lab: Lab, config: Path) -> None:
    etc = lab.exchange.etc
    # The lab's demo desks are not OneCall's, and everything else is the same but for passwords.
    status, said, _ = await ivr("asterisk", "diff", "-c", config, "--json")
    assert status == 1
    differing = {one["file"] for one in json.loads(said)}
    assert differing <= {"asterisk.conf", "extensions.conf", "pjsip.conf"}
    status, said, wrong = await ivr("asterisk", "install", "-c", config)
    assert status == 0, wrong
    assert await ivr("asterisk", "diff", "-c", config) == (0, "", "")
    unknown = [one for one in RELOADS.values() if "No such" in await lab.exchange.ask(one)]
    assert unknown == []
    assert "agi://" in await lab.exchange.ask("dialplan show 95500@engine")
    assert await found(config) <= NOT_OURS
    # What was planted one by one in tests/app/checkup, in a running Asterisk.
    manager = etc / "manager.conf"
    text = manager.read_text("utf-8")
    wrong_rights = text.replace("write = call,agent,originate", "write = command,agent")
    assert wrong_rights != text
    manager.write_text(wrong_rights, "utf-8")
    await lab.exchange.ask("manager reload")
    await lab.exchange.ask("module unload app_echo.so")
    expected = {"DOC103", "DOC104", "DOC106", "DOC301", "PCI112"}
    assert await found(config) - NOT_OURS == expected
    manager.write_text(text.replace("secret = ", "secret = x"), "utf-8")
    await lab.exchange.ask("manager reload")
    await lab.exchange.ask("module load app_echo.so")
    assert await found(config) - NOT_OURS == {"DOC102"}


async def found(config: Path) -> set[str]:
    """Return the codes of what the doctor finds."""
    status, said, wrong = await ivr("doctor", "-c", config, "--json")
    assert status in (0, 1), wrong
    return {finding["code"] for one in json.loads(said) for finding in one["findings"]}
