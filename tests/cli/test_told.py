"""What commands tell programs that they have done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from ivr.cli.main import app
from ivr.cli.told import told


def run(*words: str) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_what_was_done_is_one_object(tmp_path: Path) -> None:
    bank = tmp_path / "bank.sqlite"
    done = run("bank", "seed", "--database", str(bank), "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {
        "command": "bank seed",
        "given": {"database": str(bank)},
        "said": [f"{bank}: 7 accounts added, 7 demo accounts in all"],
        "status": 0,
    }


def test_a_refusal_is_told_as_ever(tmp_path: Path) -> None:
    words = ("bank", "unlock", "1", "--by", " ", "--reason", "asked")
    for more in ((), ("--json",)):
        done = run(*words, "--database", str(tmp_path / "none.sqlite"), *more)
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr.startswith("say who unlocks it")


@pytest.mark.parametrize(("status", "said"), [(0, []), (1, ["one", "two"])])
def test_its_exit_status_is_the_commands(status: int, said: list[str]) -> None:
    small = typer.Typer()

    @small.command()
    @told
    def count(number: int, names: list[str], aside: str | None = None) -> None:
        for line in said:
            typer.echo(line)
        raise typer.Exit(status)

    done = CliRunner().invoke(small, ["7", "a", "b", "--json"])
    found: dict[str, Any] = json.loads(done.stdout)
    assert done.exit_code == found["status"] == status
    assert (found["given"], found["said"]) == ({"number": 7, "names": ["a", "b"]}, said)
    assert CliRunner().invoke(small, ["7", "a"]).stdout.splitlines() == said
