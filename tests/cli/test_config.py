"""`ivr config` through the shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.cli.main import app


@pytest.fixture
def file(tmp_path: Path) -> Path:
    for name in ("flows", "prompts"):
        (tmp_path / name).mkdir()
    secret = tmp_path / "ami.secret"
    secret.write_text("hush\n")
    secret.chmod(0o600)
    file = tmp_path / "onecall.yaml"
    file.write_text("ami: {secret_file: ami.secret}\nbank: {budget: 90s}\n", "utf-8")
    return file


def run(*words: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["config", *map(str, words)])
    return result.exit_code, result.output


def test_what_holds_and_who_says_so(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONECALL__BANK__LOOK_UP", "2s")
    status, shown = run("show", "bank", "--json", "-c", file)
    held = {one["key"]: (one["value"], one["source"]) for one in json.loads(shown)}
    assert status == 0
    assert held["bank.budget"] == ("90s", f"{file}:2:16")
    assert held["bank.look_up"] == ("2s", "ONECALL__BANK__LOOK_UP")
    assert held["bank.backend"] == ("embedded", "default")


def test_only_what_was_changed(file: Path) -> None:
    _, shown = run("show", "--changed", "--json", "-c", file)
    assert [one["key"] for one in json.loads(shown)] == ["ami.secret_file", "bank.budget"]


def test_a_section_that_is_none(file: Path) -> None:
    status, shown = run("show", "bnk", "-c", file)
    assert status == 2
    assert "there is no section `bnk`" in shown


def test_what_can_be_used(file: Path) -> None:
    assert run("check", "-c", file) == (0, "the configuration can be used\n")


def test_what_it_names_must_be_there(file: Path) -> None:
    (file.parent / "ami.secret").chmod(0o644)
    (file.parent / "prompts").rmdir()
    status, shown = run("check", "-c", file)
    assert status == 1
    assert "chmod 600" in shown
    assert "hush" not in shown
    assert "no such folder" in shown
    status, shown = run("check", "--json", "-c", file)
    assert [one["key"] for one in json.loads(shown)] == ["prompts", "ami.secret_file"]


@pytest.mark.parametrize("command", ["show", "check"])
def test_what_cannot_be(file: Path, command: str) -> None:
    file.write_text("agi: {prt: 1}\n", "utf-8")
    status, shown = run(command, "-c", file)
    assert status == 2
    assert f"{file}:1:7: `prt` is unknown here" in shown


def test_the_page_is_written_or_it_is_said_why_not(tmp_path: Path) -> None:
    assert run("reference", tmp_path / "config.md")[0] == 0
    assert "## `agi`" in (tmp_path / "config.md").read_text("utf-8")
    status, shown = run("reference", tmp_path / "no" / "config.md")
    assert status == 2
    assert "cannot be written" in shown
