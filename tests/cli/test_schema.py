"""`ivr schema`."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from ivr.cli.main import app


def test_the_schema_is_printed_or_written(tmp_path: Path) -> None:
    file = tmp_path / "flow.schema.json"
    printed = CliRunner().invoke(app, ["schema"])
    written = CliRunner().invoke(app, ["schema", "--out", str(file)])
    assert (printed.exit_code, written.exit_code) == (0, 0)
    schema = json.loads(printed.stdout)
    assert schema == json.loads(file.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["schema", "--out", str(tmp_path / "none" / "x.json")])
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr
