"""`ivr cases`, run as people run it, without an engine."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ivr.adapters.clock import SystemClock
from ivr.adapters.flowfile.loader import load
from ivr.adapters.staff.register import Register
from ivr.app.config import load_config
from ivr.app.ledger import open_ledger, who
from ivr.app.staff import staff_of
from ivr.centre.releases.kinds.publishing import Publish
from ivr.cli.main import app
from ivr.model.secret import Secret
from ivr.ports.staff import Person, Role
from tests.app.cases.kit import AGENTS, CASES, FLOW

ACTS = (
    *("list", "show", "open", "verify", "note", "assign", "escalate", "extend", "accuse"),
    *("answer", "solve", "close", "reopen", "link"),
)


PROOFS = {"1008": "374092", "1003": "604829", "grace.liu": "demo-Meridian-74"}


class Site:
    """A state folder with published flows."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "onecall.yaml"
        self.config.write_text("state: var\nflows: flows\n")
        flows = folder / "flows"
        flows.mkdir()
        for name, text in (("cases", CASES), ("agents", AGENTS), ("main", FLOW)):
            (flows / f"{name}.yaml").write_text(text)
        asyncio.run(self._publish(flows))
        self.proofs = {name: folder / name for name in PROOFS}
        for name, path in self.proofs.items():
            path.write_text(PROOFS[name])
            path.chmod(0o600)

    def staffed(self) -> Site:
        """Have people who work here, with PINs and passwords."""
        asyncio.run(self._hire())
        return self

    async def _hire(self) -> None:
        config = load_config(self.config)
        async with staff_of(config, SystemClock(config.zone)) as staff:
            register = Register(staff, "test")
            await register.add(Person("zheng.jie", Role.AGENT, "1008"))
            await register.add(Person("chen.jie", Role.AGENT, "1003"))
            await register.add(Person("grace.liu", Role.SUPERVISOR))
            for name, proof in PROOFS.items():
                if name.isdecimal():
                    person = "zheng.jie" if name == "1008" else "chen.jie"
                    await register.pin(person, Secret(proof))
                else:
                    await register.password(name, Secret(proof))

    async def _publish(self, flows: Path) -> None:
        loaded = load(flows)
        async with open_ledger(load_config(self.config), begin=True) as ledger:
            act = Publish(loaded.version)
            state = await ledger.state()
            await ledger.append(act, why="begin", who="test", after=state, flows=loaded)

    def run(self, *arguments: str) -> Result:
        environment = {"ONECALL_CONFIG": str(self.config), "COLUMNS": "200"}
        return CliRunner().invoke(app, ["cases", *arguments], env=environment)

    def json(self, *arguments: str) -> Any:
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    def by(self, name: str) -> tuple[str, ...]:
        """Return the options by which somebody acts, with their proof."""
        return ("--by", name, "--by-file", str(self.proofs[name]))

    def open(self, *arguments: str) -> str:
        """Open a complaint; return its number."""
        number: str = self.json("open", "complaint", "-m", "was kept waiting", *arguments)["number"]
        return number


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_case_goes_its_whole_way_through_the_shell(site: Site) -> None:
    site.staffed()
    number = site.open("--customer", "C1001")
    approved = ("--approved-by", "grace.liu", "--approval-file", str(site.proofs["grace.liu"]))
    assert "was kept waiting" in site.run().stdout
    for arguments, state in (
        (("note", number, "-m", "rang the branch"), "open, complaints has it"),
        (("assign", number, "1009", "-m", "knows cards"), "open, 1009 has it"),
        (("escalate", number, "-m", "angry"), "open, lead has it"),
        (("extend", number, "-m", "two banks"), "open, lead has it"),
        (("extend", number, "-m", "slow", *approved), "open, lead has it"),
        (("accuse", number, "1003"), "open, lead has it"),
        (("link", number, "call", "1764000000.1"), "open, lead has it"),
        (("answer", number, "-m", "told by telephone"), "open, lead has it"),
        (("solve", number, "-m", "paid back"), "solved, lead has it"),
        (("close", number), "closed, lead has it"),
        (("reopen", number, "-m", "taken again"), "open, lead has it"),
    ):
        result = site.run(*arguments, *site.by("1008"))
        assert result.exit_code == 0, result.stderr
        assert result.stdout.startswith(f"case {number} is {state}")
    told = site.json("show", number)
    assert [one["act"] for one in told["history"]] == [
        *("opened", "noted", "assigned", "escalated", "made_complex", "extended", "accused"),
        *("linked", "answered", "solved", "closed", "reopened"),
    ]
    assert {one["by"] for one in told["history"]} == {who(), "1008"}
    assert "grace.liu" in str(told["history"])
    shown = site.run("show", number).stdout
    assert "complained about: 1003" in shown
    assert "rang the branch" in shown


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("assign", "NUMBER", "1003"), "an agent complained about has nothing to do with the case"),
        (("assign", "NUMBER", "nobody"), "no such desk in flows/cases.yaml, and no such agent"),
        (("close", "NUMBER"), "there is no solution yet; write it with `ivr cases solve`"),
        (("reopen", "NUMBER", "-m", "why"), "the case is open already"),
        (("note", "NUMBER", "-m", " "), "there is nothing written"),
        (("note", "00000000", "-m", "x"), "there is no such case"),
        (("show", "00000000"), "there is no such case"),
    ],
)
def test_what_may_not_be_is_said_in_a_line(
    site: Site, arguments: tuple[str, ...], why: str
) -> None:
    number = site.open("--agent", "1003")
    result = site.run(*(number if one == "NUMBER" else one for one in arguments))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("ivr cases: ")
    assert why in result.stderr


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("open", "complant", "-m", "x"), "there are complaint, unknown_order, quiet"),
        (("open", "complaint", "-m", ""), "the message says nothing"),
        (("link", "12345679", "letter", "1"), "is nothing that can be linked"),
    ],
)
def test_what_cannot_be_meant_is_told_with_what_there_is(
    site: Site, arguments: tuple[str, ...], why: str
) -> None:
    result = site.run(*arguments)
    assert result.exit_code == 2
    assert why in result.stderr


def test_a_key_opens_one_case_and_lists_choose(site: Site) -> None:
    first = site.open("--key", "letter:7", "--customer", "C1001")
    assert site.open("--key", "letter:7") == first
    second = site.open("--customer", "C1002")
    assert {one["number"] for one in site.json("list")} == {first, second}
    assert [one["number"] for one in site.json("list", "--customer", "C1002")] == [second]
    assert site.json("list", "--kind", "quiet") == []
    assert site.run("--owner", "lead").stdout == "no open cases\n"


def test_nobody_is_believed_by_their_name_alone(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = site.staffed().open("--agent", "1003")
    note = ("note", number, "-m", "nothing to do with me")
    for by in (("--by", "1008", "--by-file", str(site.proofs["1003"])), ("--by", "1999")):
        result = site.run(*note, *by)
        assert result.exit_code == 2
        assert "is not proven" in result.stderr
    result = site.run(*note, *site.by("1003"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "an agent complained about" in result.stderr
    # Nor do they act as this machine's user, who is known by their login name.
    monkeypatch.setattr("ivr.cli.cases_who.who", lambda: "chen.jie@node1")
    assert "an agent complained about" in site.run(*note).stderr
    monkeypatch.setattr("ivr.cli.cases_who.who", lambda: "zheng.jie@node1")
    assert site.run(*note).exit_code == 0
    assert [one["by"] for one in site.json("show", number)["history"]] == [who(), "1008"]


def test_only_a_supervisor_approves_more_time(site: Site) -> None:
    number = site.staffed().open()
    assert site.run("extend", number, "-m", "two banks").exit_code == 0
    for name in ("1008", "nobody"):
        file = str(site.proofs["1008"])
        more = ("extend", number, "-m", "slow", "--approved-by", name, "--approval-file", file)
        result = site.run(*more)
        assert result.exit_code == 2
        assert "is not proven" in result.stderr


def test_what_was_tampered_with_is_found(site: Site) -> None:
    first, second = site.open(), site.open()
    assert site.run("note", second, "-m", "rang").exit_code == 0
    result = site.run("verify")
    said, head = result.stdout.splitlines()
    assert (result.exit_code, said) == (0, "3 entries of 2 cases: all are genuine")
    assert site.run("verify", "--head", head.split()[3].rstrip(";")).exit_code == 0
    assert "of which the head 1:0" in site.run("verify", "--head", "1:0").stderr
    with closing(sqlite3.connect(site.config.parent / "var" / "cases.sqlite")) as database:
        database.execute(
            "UPDATE cases SET record = CAST(replace(CAST(record AS TEXT), ?, ?) AS BLOB)"
            " WHERE number = ?",
            ('"owner":"complaints"', '"owner":"1009"', first),
        )
        database.execute("DROP TRIGGER entries_are_not_removed")
        database.execute("DELETE FROM entries WHERE case_number = ? AND number = 2", (second,))
        database.commit()
    result = site.run("verify")
    assert result.exit_code == 1
    assert f"case {first}: it is not what its entries come to" in result.stderr
    assert f"case {second}: entry 2 is missing" in result.stderr
    assert "entry 3 of the book is missing" in result.stderr
    assert result.stdout == "2 entries of 2 cases: faults: 3\n"
    assert site.run("verify", "--json").exit_code == 1


@pytest.mark.parametrize("act", ACTS)
def test_help_has_an_example_and_exit_statuses(act: str) -> None:
    told = CliRunner().invoke(app, ["cases", act, "--help"]).stdout
    assert f"Example: ivr cases {act}" in told
    assert "Exit status" in told
