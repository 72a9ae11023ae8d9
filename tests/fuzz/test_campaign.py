"""A short campaign, as `make fuzz` runs long ones, and one that finds something."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest

from fuzz.seeds import ROOT

pytestmark = [pytest.mark.proof, pytest.mark.timeout(120)]

RUNS = 2_000


async def fuzzed(*words: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fuzz", *words),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_a_short_campaign_finds_nothing() -> None:
    status, said = await fuzzed("--runs", str(RUNS), "--json")
    found = json.loads(said)
    assert [one["problem"] for one in found] == [""] * 7
    assert status == 0
