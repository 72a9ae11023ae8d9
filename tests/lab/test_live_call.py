"""A real call: real SIP, RTP and keys, between a scripted caller and a script of a few lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.ear import RATE
from lab.fixtures import write_recording
from lab.library import Library
from lab.site import HOTLINE, Lab
from lab.telephone import Telephone
from tests.lab.agi import Script, engine

pytestmark = pytest.mark.asterisk


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    for name, notes in (("welcome", 4), ("menu", 12), ("bye", 3)):
        write_recording(tmp_path / "zh" / f"{name}.ulaw", name, notes)
    return tmp_path


async def test_prompts_are_heard_whole_and_without_a_gap(lab: Lab, prompts: Path) -> None:
    async def play(script: Script) -> None:
        await script.ask(f'STREAM FILE {prompts}/zh/welcome ""')
        await script.ask(f'STREAM FILE {prompts}/zh/bye ""')
        await script.finish()

    async with engine(lab, play), Telephone(lab, Library.of(prompts)) as phone:
        call = await phone.call(HOTLINE)
        assert await call.ended() == 16
        assert [str(heard) for heard in call.heard] == ["zh/welcome", "zh/bye"]
        welcome, bye = call.heard
        assert bye.start - welcome.end == pytest.approx(0, abs=0.03)
        seconds = len((prompts / "zh/welcome.ulaw").read_bytes()) / RATE
        assert welcome.end - welcome.start == pytest.approx(seconds, abs=0.05)
