"""`ivr openapi`, run as people run it."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from ivr.cli.main import app


def test_the_document_is_printed_or_written(tmp_path: Path) -> None:
    printed = CliRunner().invoke(app, ["openapi"])
    assert printed.exit_code == 0
    assert "/v1/bank/post" in json.loads(printed.stdout)["paths"]
    file = tmp_path / "api" / "openapi.json"
    assert CliRunner().invoke(app, ["openapi", "--out", str(file)]).exit_code == 0
    assert file.read_text("utf-8") == printed.stdout


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    refused = CliRunner().invoke(app, ["openapi", "--out", str(tmp_path)])
    assert refused.exit_code == 2
    assert "cannot be written: Is a directory" in refused.stderr
