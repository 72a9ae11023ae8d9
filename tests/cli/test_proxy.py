"""`ivr proxy render`, and what `ivr asterisk render` writes behind a proxy, through the shell's words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr.cli.main import app

ROOT = Path(__file__).parents[2]
CONFIG = f"""\
flows: {ROOT / "flows"}
prompts: {ROOT / "prompts"}
ami:
- {{name: ast1, host: 10.0.0.11, user: engine, secret_file: ami.secret}}
- {{name: ast2, host: 10.0.0.12, user: engine, secret_file: ami.secret}}
agents: {{endpoints: [agent1001, agent1002]}}
asterisk:
  nodes: ["10.0.0.21:4573", "10.0.0.22:4573"]
  proxy: "10.0.0.10:5060"
  trunk: "10.9.0.1:5061"
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration."""
    (tmp_path / "onecall.yaml").write_text(CONFIG, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ivr(*words: str) -> Result:
    return CliRunner().invoke(app, [*words])


def test_the_proxy_knows_the_asterisks_the_carrier_and_the_agents(here: Path) -> None:
    done = ivr("proxy", "render", "out")
    assert done.exit_code == 0, done.stderr
    asterisks = re.findall(
        r"^1 sip:(\S+) ", (here / "out/dispatcher.list").read_text(), re.MULTILINE
    )
    assert asterisks == ["10.0.0.11:5060", "10.0.0.12:5060"]
    known = re.findall(r"^(\d) (\S+) 32 0", (here / "out/address.list").read_text(), re.MULTILINE)
    assert known == [("1", "10.0.0.11"), ("1", "10.0.0.12"), ("2", "10.9.0.1")]
    main = (here / "out/kamailio.cfg").read_text()
    assert "listen=udp:10.0.0.10:5060" in main
    assert '"@10.9.0.1:5061"' in main
    assert not re.search(r"@[A-Z_]+@", main)
    agents = (here / "out/db/agents").read_text()
    secret = (here / "var/sip/agent1001.secret").read_text().strip()
    assert f"agent1001:0:0:{secret}:0" in agents
    assert agents.count(":0:0:") == 2


def test_behind_a_proxy_agents_have_no_password_at_asterisk_and_the_proxy_is_the_trunk(
    here: Path,
) -> None:
    done = ivr("asterisk", "render", "out", "--name", "ast2")
    assert done.exit_code == 0, done.stderr
    phones = (here / "out/pjsip.conf").read_text()
    assert "contact = sip:agent1001@10.0.0.10:5060" in phones
    assert "contact = sip:10.0.0.10:5060" in phones
    assert phones.count("permit = 10.0.0.10/255.255.255.255") == 2
    assert "password" not in re.sub(";.*", "", phones)
    permit = "127.0.0.1/255.255.255.255,10.0.0.21/255.255.255.255,10.0.0.22/255.255.255.255"
    assert f"permit = {permit}" in (here / "out/manager.conf").read_text()


def test_without_a_proxy_it_is_said_what_to_write(here: Path) -> None:
    (here / "onecall.yaml").write_text(CONFIG.replace("  proxy: ", "  # "), "utf-8")
    done = ivr("proxy", "render", "out")
    assert done.exit_code == 2
    assert "asterisk: {proxy, trunk}" in done.stderr
