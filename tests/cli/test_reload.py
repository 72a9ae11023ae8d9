"""`ivr reload`: whom it asks."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.cli import reload
from ivr.cli.main import app


@pytest.mark.parametrize("left", ["", "half a numb", "4194305", "1"])
def test_what_an_engine_left_behind_that_ended_badly_is_no_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: str
) -> None:
    monkeypatch.setattr(reload, "catalogue_of", lambda config: None)
    config = tmp_path / "onecall.yaml"
    config.write_text("state: .\n", "utf-8")
    (tmp_path / "engine-4573.pid").write_text(left, "utf-8")
    done = CliRunner().invoke(app, ["reload", "-c", str(config)])
    assert (done.exit_code, done.exception.__class__) == (1, SystemExit)
    assert "no engine runs" in done.output


def test_an_engine_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(pid: int, number: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(reload, "catalogue_of", lambda config: None)
    monkeypatch.setattr(reload, "running_engines", lambda state: [4711])
    monkeypatch.setattr("os.kill", refused)
    config = tmp_path / "onecall.yaml"
    config.write_text("state: .\n", "utf-8")
    done = CliRunner().invoke(app, ["reload", "-c", str(config)])
    assert done.exit_code == 2
    assert "engine 4711 cannot be asked: Operation not permitted" in done.output
