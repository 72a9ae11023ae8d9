"""`ivr bank`, run as people run it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr import pins
from ivr.adapters.bank.demo import ACCOUNTS
from ivr.cli.bank import app


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)


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


def test_all_that_is_held_and_the_bills_are_shown(tmp_path: Path) -> None:
    database = str(tmp_path / "bank.sqlite")
    run("seed", "-d", database)
    shown = json.loads(run("show", "--json", "-d", database)[1])
    held = {row["account"]: row["balance"] for row in shown["books"]}
    assert held["L1003"] == "-480000.00 CNY"
    assert held["C1001-F001"] == "10000.00 F001"
    assert {"due", "reference"} <= set(shown["bills"][0])
    assert {row["paid"] for row in shown["bills"]} == {"no"}


def test_a_statement(tmp_path: Path) -> None:
    database = str(tmp_path / "bank.sqlite")
    run("seed", "-d", database)
    code, shown, _ = run("statement", "6222021001", "--json", "-d", database)
    assert code == 0
    found = json.loads(shown)
    assert (found["customer"], found["opening"], found["closing"]) == ("C1001", 0, 1_234_567_890)
    assert [line["operation"] for line in found["lines"]] == ["opening"]
    code, table, _ = run("statement", "6222021001", "-d", database)
    assert code == 0
    assert table.split()[-3:] == ["opening", "12345678.90", "12345678.90"]
    later = run("statement", "6222021001", "--since", "2026-01-02", "--json", "-d", database)[1]
    assert json.loads(later)["lines"] == []
    assert json.loads(later)["opening"] == 1_234_567_890
    early = run("statement", "6222021001", "--until", "2025-12-31", "--json", "-d", database)[1]
    assert json.loads(early)["closing"] == 0


def test_the_books_are_verified(tmp_path: Path) -> None:
    database = tmp_path / "bank.sqlite"
    run("seed", "-d", str(database))
    code, said, _ = run("verify", "-d", str(database))
    assert (code, "the books balance" in said) == (0, True)
    with closing(sqlite3.connect(database)) as changed, changed:
        changed.execute("UPDATE books SET balance = 1 WHERE number = 'fees'")
    code, said, wrong = run("verify", "-d", str(database))
    assert (code, wrong.count("\n")) == (1, 1)
    assert "account fees: it says 1, and its legs come to 0" in wrong
    assert "faults: 1" in said
    listed = run("verify", "--json", "-d", str(database))
    assert (listed[0], len(json.loads(listed[1])["faults"])) == (1, 1)


def test_books_that_cannot_be_read_say_what_to_do(tmp_path: Path) -> None:
    database = str(tmp_path / "bank.sqlite")
    for arguments in (("statement", "1"), ("verify",)):
        code, _, said = run(*arguments, "-d", database)
        assert (code, said.count("\n")) == (2, 1)
        assert "run `ivr bank seed` first" in said
    run("seed", "-d", database)
    assert run("statement", "1", "-d", database)[0] == 2
    code, _, said = run("statement", "6222021001", "--since", "once", "-d", database)
    assert (code, "write 7d" in said) == (2, True)


def test_faults_are_one_line(tmp_path: Path) -> None:
    spoiled = tmp_path / "bank.sqlite"
    spoiled.write_text("words " * 1000)
    for arguments in (
        ("seed",),
        ("show",),
        ("unlock", "1", "--by", "Li Na", "--reason", "seen"),
        ("audit",),
        ("callbacks",),
    ):
        code, _, said = run(*arguments, "-d", str(spoiled))
        assert (code, said.count("\n")) == (1, 1)
        assert "is not a database" in said
    code, _, said = run("show", "-d", str(tmp_path / "none.sqlite"))
    assert code == 1
    assert "run `ivr bank seed` first" in said


def test_a_matter_is_opened_shown_and_closed(tmp_path: Path) -> None:
    database = str(tmp_path / "bank.sqlite")
    run("seed", "-d", database)
    opened = run(
        *("matter", "open", "C1001", "transfer", "--opened", "20h", "--state", "done"),
        *("--amount", "500.00", "--id", "T7", "-d", database),
    )
    assert opened[0] == 0
    assert opened[1].startswith("T7: transfer of C1001, opened 20")
    customers = json.loads(run("show", "--json", "-d", database)[1])["customers"]
    assert customers[0]["open_matters"] == "T7 transfer 20 h"
    assert customers[0]["calls_from"] == "13800001001"
    assert customers[1]["open_matters"] == "M1 transfer 24 h, M2 transfer 120 h"
    assert run("matter", "close", "T7", "-d", database)[0] == 0
    assert run("matter", "close", "T7", "-d", database)[0] == 1


def test_a_matter_that_cannot_be_opened_says_what_to_do(tmp_path: Path) -> None:
    database = str(tmp_path / "bank.sqlite")
    run("seed", "-d", database)
    for arguments, said in (
        (("C9999", "transfer"), "see `ivr bank show`"),
        (("C1001", "Big Transfer"), "write one small word"),
        (("C1001", "transfer", "--opened", "yesterday"), "write 7d, 12h"),
        (("C1001", "transfer", "--amount", "much"), "write it like 500.00"),
        (("C1001", "transfer", "--id", "M1"), "choose another --id"),
    ):
        code, _, error = run("matter", "open", *arguments, "-d", database)
        assert (code, error.count("\n")) == (2, 1)
        assert said in error


def test_who_unlocks_says_who_and_why_and_it_is_written_down(tmp_path: Path) -> None:
    database = str(tmp_path / "bank.sqlite")
    run("seed", "-d", database)
    account = ACCOUNTS[0].number
    code, _, error = run("unlock", account, "--by", " ", "--reason", "seen", "-d", database)
    assert (code, error) == (2, "say who unlocks it, and why: --by NAME --reason TEXT\n")
    assert run("unlock", account, "-d", database)[0] == 2
    unlocked = run("unlock", account, "--by", "Li Na", "--reason", "seen", "-d", database)
    assert unlocked[:2] == (0, "nothing was counted against this account\n")
    (told,) = json.loads(run("audit", "--json", "-d", database)[1])
    assert (told["what"], told["subject"], told["actor"], told["reason"]) == (
        *("unlocked", account),
        *("Li Na", "seen"),
    )
    assert "Li Na" in run("audit", "-d", database)[1]
    assert json.loads(run("callbacks", "--json", "-d", database)[1]) == []
    code, _, error = run("audit", "-d", str(tmp_path / "none.sqlite"))
    assert (code, error.count("\n")) == (1, 1)
