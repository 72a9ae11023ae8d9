"""`ivr desk`: what it says when it cannot start."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from ivr.cli.main import app


def test_before_the_first_release_it_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "onecall.yaml"
    file.write_text("desk: {port: 0}\n", "utf-8")
    found = CliRunner().invoke(app, ["desk", "-c", str(file)])
    assert found.exit_code == 2
    assert "ivr publish" in found.output


def test_a_setting_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "onecall.yaml"
    file.write_text("desk: {prot: 4580}\n", "utf-8")
    found = CliRunner().invoke(app, ["desk", "-c", str(file)])
    assert found.exit_code == 2
    assert f"{file}:1:8: `prot` is unknown here" in found.output
