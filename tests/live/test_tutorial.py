"""docs/tutorial.md, as a newcomer follows it: its files, its commands, its call."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from ivr.app.demo import seed
from ivr.cli.main import app
from lab.engine import Engine
from lab.site import Lab
from lab.telephone import Telephone

ROOT = Path(__file__).parents[2]
TUTORIAL = (ROOT / "docs/tutorial.md").read_text("utf-8")
FILES = ("flows/main.yaml", "onecall.yaml", "flows/callers/hours.yaml")

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(90)]


@pytest.fixture
def mybank(tmp_path: Path) -> Path:
    """The folder that the tutorial has its reader make."""
    folder = tmp_path / "mybank"
    (folder / "flows/callers").mkdir(parents=True)
    (tmp_path / "prompts").symlink_to(ROOT / "prompts")
    blocks = re.findall(r"```yaml\n(.*?)```", TUTORIAL, re.DOTALL)
    for name, block in zip(FILES, blocks, strict=True):
        (folder / name).write_text(block, "utf-8")
    return folder


async def test_its_commands_do_and_its_call_hears_what_it_says(
    mybank: Path, lab: Lab, phone: Telephone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(mybank)
    commands = re.findall(r"^ivr (\w+.*?)(?:\s+#.*)?$", TUTORIAL, re.MULTILINE)
    # What talks with its reader, and what runs for as long as the hotline does, is not run here.
    tried = [one for one in commands if not one.startswith(("simulate", "serve", "calls", "why"))]
    assert [one.split()[0] for one in tried] == ["check", "prove", "bank", "test", "publish"]
    for command in tried:
        words = [one.strip('"') for one in re.findall(r'"[^"]*"|\S+', command)]
        done = await asyncio.to_thread(CliRunner().invoke, app, words)
        assert done.exit_code == 0, (command, done.output)
    said = yaml.safe_load((mybank / "onecall.yaml").read_text("utf-8"))
    assert set(said) == {"flows", "prompts", "ami", "bank", "knowledge"}
    state = mybank / "state"
    state.mkdir()
    seed(state / "bank.sqlite")
    async with Engine(lab, state, {"flows": str(mybank / "flows")}):
        call = await phone.call("95500")
        await call.hears("en/enter-branch", whole=True)
        await call.press("101")
        for heard in re.findall(r"^en/(\S+) ", TUTORIAL, re.MULTILINE)[2:]:
            await call.hears(heard, within=10)
        await call.hang_up()
