"""`ivr doctor`: what is found, where, and how it ends."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from ivr.cli.main import app
from tests.adapters.preflight.kit import clean


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clean configuration."""
    return clean(tmp_path_factory.mktemp("clean"))


@pytest.fixture
def folder(configuration: Path, tmp_path: Path) -> Path:
    """One of an Asterisk that does not run, to be spoilt."""
    return shutil.copytree(configuration, tmp_path / "etc")


def doctor(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["doctor", *arguments])


def test_nothing_is_found_in_a_clean_configuration(folder: Path, tmp_path: Path) -> None:
    config = tmp_path / "onecall.yaml"
    config.write_text(yaml.safe_dump({"window": {"asterisk_conf": str(folder)}}), "utf-8")
    done = doctor("--pci", "-c", str(config))
    assert done.exit_code == 0
    assert "nothing found" in done.stdout
    assert "only files were looked at" in done.stderr


def test_what_is_found_is_told_with_its_place_and_remedy(folder: Path) -> None:
    logger = folder / "logger.conf"
    logger.write_text(logger.read_text("utf-8") + "keys = dtmf\n", "utf-8")
    line = len(logger.read_text("utf-8").splitlines())
    done = doctor("--pci", "--asterisk-conf", str(folder))
    assert done.exit_code == 1
    assert "PCI211" in done.stdout
    assert "logger reload" in done.stdout.replace("\n", " ").replace("  ", " ")
    told = doctor("--pci", "--asterisk-conf", str(folder), "--json")
    assert told.exit_code == 1
    (found,) = json.loads(told.stdout)
    assert found["code"] == "PCI211"
    assert found["where"] == f"{logger}:{line}"
    assert found["fix"]


def test_an_asterisk_that_cannot_be_asked_is_a_finding(folder: Path) -> None:
    done = doctor("--pci", "--asterisk-conf", str(folder), "--asterisk", "/no/such/asterisk")
    assert done.exit_code == 1
    assert "PCI004" in done.stdout
    assert "only files" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--pci"], "--asterisk-conf"),
        (["--pci", "--asterisk-conf", "/no/such/folder"], "/no/such/folder"),
    ],
)
def test_without_anything_to_look_at_it_says_what_to_do(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = doctor(*arguments)
    assert done.exit_code == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_the_whole_system_is_looked_at_and_each_finding_has_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prompts").mkdir()
    (tmp_path / "onecall.yaml").write_text("floor: {port: 1}\nagi: {port: 1}\n", "utf-8")
    done = doctor()
    assert done.exit_code == 1
    assert "✗ engines, from Asterisk's view: 0 of 1 answer: 127.0.0.1:1" in done.stdout
    assert "✓ databases: 0 of 13 are made, in SQLite" in done.stdout
    assert "systemctl start onecall-engine" in done.stdout
    told = json.loads(doctor("--json").stdout)
    assert len(told) == 10
    codes = {finding["code"] for one in told for finding in one["findings"]}
    assert {"DOC402", "DOC701"} <= codes


def test_a_command_that_is_none_is_refused(folder: Path) -> None:
    done = doctor("--pci", "--asterisk-conf", str(folder), "--asterisk", "asterisk 'x")
    assert done.exit_code == 2
    assert "no command" in done.stderr
