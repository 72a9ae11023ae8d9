"""`ivr staff`: people come, are given credentials, and go; nothing secret is typed as an argument."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr import pins
from ivr.app.ledger import who
from ivr.cli.staff import app

PIN = "947318"


@pytest.fixture(autouse=True)
def _cheap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    monkeypatch.chdir(tmp_path)


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, words, input=typed)


def test_somebody_is_added_given_a_pin_and_sent_away() -> None:
    assert run("add", "li.na", "--agent", "1001", "--shown", "李娜").exit_code == 0
    pin = run("pin", "li.na", typed=PIN + "\n")
    assert (pin.exit_code, pin.stdout) == (0, "li.na has a new PIN\n")
    assert run("role", "li.na", "supervisor").exit_code == 0
    assert run("disable", "li.na").exit_code == 0
    (person,) = json.loads(run("list", "--json").stdout)
    assert person == {
        "name": "li.na",
        "role": "supervisor",
        "agent": "1001",
        "shown": "李娜",
        "active": False,
    }
    lines = json.loads(run("audit", "--json").stdout)
    assert {line["who"] for line in lines} == {who()}
    assert [line["what"] for line in lines] == [
        "staff.add",
        "staff.pin",
        "staff.role.supervisor",
        "staff.disable",
    ]
    shown = run("list").stdout + run("audit").stdout
    assert "李娜" in shown
    assert PIN not in shown


def test_a_secret_comes_from_a_file_that_nobody_else_may_read(tmp_path: Path) -> None:
    run("add", "li.na", "--agent", "1001")
    file = tmp_path / "secret"
    file.write_text("several-Random-Words\n")
    file.chmod(0o644)
    refused = run("password", "li.na", "--file", str(file))
    assert (refused.exit_code, "chmod 600" in refused.output) == (2, True)
    file.chmod(0o600)
    assert run("password", "li.na", "--file", str(file)).exit_code == 0


@pytest.mark.parametrize(
    ("words", "typed", "why"),
    [
        (["pin", "nobody"], PIN, "there is no nobody: see `ivr staff list`"),
        (["pin", "li.na"], "123456\n", "not easy to guess"),
        (["add", "li.na", "--agent", "1002"], "", "has this name or agent number already"),
        (["unlock", "nobody"], "", "there is no nobody"),
    ],
)
def test_what_cannot_be_done_says_why(words: list[str], typed: str, why: str) -> None:
    run("add", "li.na", "--agent", "1001")
    refused = run(*words, typed=typed)
    assert (refused.exit_code, why in refused.output) == (2, True), refused.output


def test_the_demo_is_seeded_once() -> None:
    assert run("seed").stdout.startswith("13 added")
    assert run("seed").stdout.startswith("0 added")
    assert run("unlock", "li.na").stdout == "nothing was counted against li.na\n"
