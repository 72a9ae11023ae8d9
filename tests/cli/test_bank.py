"""`ivr bank`, run as people run it."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from ivr.adapters.bank.demo import ACCOUNTS
from ivr.cli.bank import app


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.stdout, result.stderr


def test_seed_twice_then_show(tmp_path: Path) -> None:
    database = str(tmp_path / "var" / "bank.sqlite")
    assert "7 accounts added" in run("seed", "-d", database)[1]
    assert "0 accounts added" in run("seed", "-d", database)[1]
    code, shown, _ = run("show", "--json", "-d", database)
    assert code == 0
    rows = json.loads(shown)["accounts"]
    assert [(row["account"], row["pin"], row["balance"]) for row in rows] == [
        (one.number, one.pin, str(one.balance)) for one in ACCOUNTS
    ]
    assert "12345678.90 CNY" in run("show", "-d", database)[1]
    assert "nothing was counted" in run("unlock", ACCOUNTS[0].number, "-d", database)[1]


def test_faults_are_one_line(tmp_path: Path) -> None:
    spoiled = tmp_path / "bank.sqlite"
    spoiled.write_text("words " * 1000)
    for arguments in (("seed",), ("show",), ("unlock", "1")):
        code, _, said = run(*arguments, "-d", str(spoiled))
        assert (code, said.count("\n")) == (1, 1)
        assert "is not a database" in said
    code, _, said = run("show", "-d", str(tmp_path / "none.sqlite"))
    assert code == 1
    assert "run `ivr bank seed` first" in said
