"""Publishing while callers are on the line."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from lab.engine import Engine
from lab.site import Lab
from lab.telephone import Telephone
from tests.live.kit import bank, flows

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(60)]


async def test_a_bad_flow_file_never_replaces_a_good_one(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    bank(tmp_path)
    folder = flows(tmp_path)
    async with Engine(lab, tmp_path, {"flows": str(folder)}) as engine:
        main = folder / "main.yaml"
        good = main.read_text("utf-8")
        main.write_text(good.replace("next: menu}", "next: nowhere}"), "utf-8")
        engine.signal(signal.SIGHUP)
        await engine.says("stays in force")
        await engine.says("nowhere")
        call = await phone.call("95500")
        await call.hears("welcome")
        await call.press("1")
        await call.hears("main-menu")
        await call.hang_up()


async def test_a_call_in_progress_stays_on_its_flows(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    """The new set has no Chinese: only the new caller notices."""
    bank(tmp_path)
    folder = flows(tmp_path)
    async with Engine(lab, tmp_path, {"flows": str(folder)}) as engine:
        old = await phone.call("95500", ani="13800000001")
        await old.hears("welcome")
        main = folder / "main.yaml"
        text = main.read_text("utf-8")
        main.write_text(text.replace("start: welcome", "start: in-english"), "utf-8")
        engine.signal(signal.SIGHUP)
        await engine.says("are in force for new calls")
        new = await phone.call("95500", ani="13800000002")
        await new.hears("en/main-menu")
        await old.press("1")
        await old.hears("zh/main-menu")
        versions = {
            line["event"]["version"]
            for line in engine.events
            if line["event"]["type"] == "CallStarted"
        }
        assert len(versions) == 2
        await old.hang_up()
        await new.hang_up()
