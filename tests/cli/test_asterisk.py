"""`ivr asterisk render | diff | install`, through the shell's words."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr.cli.main import app

NOBODY = 65534
ROOT = Path(__file__).parents[2]
CONFIG = f"""\
flows: flows
prompts: {ROOT / "prompts"}
ami: {{user: engine, secret_file: ami.secret}}
agi: {{port: 4600}}
asterisk: {{name: ast1, folder: etc, trunk: "10.0.0.5:5060", softphones: [mine]}}
destinations: {{desk: Local/8001@transfer}}
"""


FLOW = """\
flow: {name}
numbers: {numbers}
languages: [en]
start: end
steps:
  end: {{hangup: completed}}
"""
AGENTS = "skills: {service: level}\nagents:\n  1001: {name: Li, skills: {service: 80}}\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration, and an Asterisk's that is empty."""
    (tmp_path / "onecall.yaml").write_text(CONFIG, "utf-8")
    (tmp_path / "etc").mkdir()
    flows = tmp_path / "flows"
    flows.mkdir()
    for name, numbers in (("main", '["95500", "95501"]'), ("login", '["*11", "*999"]')):
        (flows / f"{name}.yaml").write_text(FLOW.format(name=name, numbers=numbers), "utf-8")
    (flows / "agents.yaml").write_text(AGENTS, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asterisk(*words: str) -> Result:
    return CliRunner().invoke(app, ["asterisk", *words])


def test_what_is_rendered_is_what_onecall_yaml_and_the_flows_say(here: Path) -> None:
    os.chown(here, NOBODY if os.geteuid() == 0 else os.geteuid(), -1)
    done = asterisk("render", "out")
    assert done.exit_code == 0, done.stderr
    plan = (here / "out/extensions.conf").read_text("utf-8")
    assert re.findall(r"^exten => (95\d+),1,NoOp", plan, re.MULTILINE) == ["95500", "95501"]
    codes = re.findall(r"^exten => (\*?_?\*[X9]+),1,Set\(IVR_DONE", plan, re.MULTILINE)
    assert codes == ["_*XX", "*999"]
    assert "AGI(agi://127.0.0.1:4600/call)" in plan
    assert "exten => 8001,1,Dial(PJSIP/8001@trunk,60)" in plan
    # What only the demo has is not there.
    assert "8003" not in plan
    assert "Busy(" not in plan
    phones = (here / "out/pjsip.conf").read_text("utf-8")
    assert "contact = sip:10.0.0.5:5060" in phones
    assert (
        re.findall(r"^\[(mine|agent1001)\]$", phones, re.MULTILINE)
        == ["mine"] * 3 + ["agent1001"] * 3
    )
    passwords = re.findall(r"^password = (\S+)$", phones, re.MULTILINE)
    assert len(set(passwords)) == len(passwords) == 2
    assert "systemname = ast1" in (here / "out/asterisk.conf").read_text("utf-8")
    secret = (here / "ami.secret").read_text("utf-8").strip()
    # Root installs, and the engine's user must be able to read it.
    assert (here / "ami.secret").stat().st_uid == here.stat().st_uid
    assert f"secret = {secret}" in (here / "out/manager.conf").read_text("utf-8")


def test_what_is_installed_is_compared_and_repaired(here: Path) -> None:
    assert asterisk("install").exit_code == 0
    assert asterisk("diff").exit_code == 0
    manager = here / "etc/manager.conf"
    manager.write_text(manager.read_text("utf-8").replace("read = call,agent,user", "read = call"))
    told = asterisk("diff")
    assert told.exit_code == 1
    assert "- read = call,agent,user" in told.stdout
    (one,) = json.loads(asterisk("diff", "--json").stdout)
    assert (one["file"], one["section"], one["key"]) == ("manager.conf", "engine", "read")
    dry = asterisk("install", "--dry-run")
    assert dry.exit_code == 0
    assert "would be written: manager.conf" in dry.stdout
    assert asterisk("diff").exit_code == 1
    done = asterisk("install")
    assert done.exit_code == 0
    assert "then: asterisk -rx 'manager reload'" in done.stdout
    (aside,) = (here / "etc").glob("before-onecall-*")
    assert "read = call\n" in (aside / "manager.conf").read_text("utf-8")
    assert asterisk("diff").exit_code == 0
    assert "nothing is to be written" in asterisk("install").stdout


def test_sections_of_others_are_not_lost_unsaid(here: Path) -> None:
    mine = here / "etc/queues.conf"
    mine.write_text("[sales]\nstrategy = ringall\n", "utf-8")
    done = asterisk("install")
    assert done.exit_code == 1
    assert "queues.conf: [sales] is not OneCall's" in done.stderr
    assert [file.name for file in (here / "etc").iterdir()] == ["queues.conf"]
    assert "sales" in mine.read_text("utf-8")
    assert asterisk("install", "--replace").exit_code == 0
    assert "sales" not in mine.read_text("utf-8")


def test_a_comparison_makes_no_password(here: Path) -> None:
    assert asterisk("diff").exit_code == 1
    assert not (here / "ami.secret").exists()


@pytest.mark.parametrize(
    ("words", "config", "told"),
    [
        (["diff"], CONFIG.replace("folder: etc", "folder: none"), "none: no such folder"),
        (["render", "out"], CONFIG.replace("ami:", "#"), "write `ami: {secret_file: FILE}`"),
        (["render", "onecall.yaml"], CONFIG, "cannot be made a folder"),
        (["diff"], CONFIG.replace("flows: flows", "flows: none"), "none"),
        (["diff"], CONFIG.replace("ast1", "a;b"), "onecall.yaml:5:18"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    here: Path, words: list[str], config: str, told: str
) -> None:
    (here / "onecall.yaml").write_text(config, "utf-8")
    done = asterisk(*words)
    assert done.exit_code == 2, done.stdout
    assert told in done.stderr
    assert "Traceback" not in done.stderr
