"""`ivr cases`, run as people run it, without an engine."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ivr.adapters.flowfile.loader import load
from ivr.app.config import load_config
from ivr.app.ledger import open_ledger
from ivr.centre.releases.kinds.publishing import Publish
from ivr.cli.main import app
from tests.app.cases.kit import AGENTS, CASES, FLOW

ACTS = (
    *("list", "show", "open", "note", "assign", "escalate", "extend", "accuse"),
    *("answer", "solve", "close", "reopen", "link"),
)


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

    def open(self, *arguments: str) -> str:
        """Open a complaint; return its number."""
        number: str = self.json("open", "complaint", "-m", "was kept waiting", *arguments)["number"]
        return number


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_case_goes_its_whole_way_through_the_shell(site: Site) -> None:
    number = site.open("--customer", "C1001", "--by", "1001")
    assert "was kept waiting" in site.run().stdout
    for arguments, state in (
        (("note", number, "-m", "rang the branch"), "open, complaints has it"),
        (("assign", number, "1009", "-m", "knows cards"), "open, 1009 has it"),
        (("escalate", number, "-m", "angry"), "open, lead has it"),
        (("extend", number, "-m", "two banks"), "open, lead has it"),
        (("extend", number, "-m", "slow", "--approved-by", "zhou.min"), "open, lead has it"),
        (("accuse", number, "1003"), "open, lead has it"),
        (("link", number, "call", "1764000000.1"), "open, lead has it"),
        (("answer", number, "-m", "told by telephone"), "open, lead has it"),
        (("solve", number, "-m", "paid back"), "solved, lead has it"),
        (("close", number), "closed, lead has it"),
        (("reopen", number, "-m", "taken again"), "open, lead has it"),
    ):
        result = site.run(*arguments, "--by", "1008")
        assert result.exit_code == 0, result.stderr
        assert result.stdout.startswith(f"case {number} is {state}")
    told = site.json("show", number)
    assert [one["act"] for one in told["history"]] == [
        *("opened", "noted", "assigned", "escalated", "made_complex", "extended", "accused"),
        *("linked", "answered", "solved", "closed", "reopened"),
    ]
    assert {one["by"] for one in told["history"]} == {"1001", "1008"}
    shown = site.run("show", number).stdout
    assert "complained about: 1003" in shown
    assert "rang the branch" in shown


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("assign", "NUMBER", "1003"), "an agent complained about has nothing to do with the case"),
        (("solve", "NUMBER", "-m", "nothing", "--by", "1003"), "an agent complained about"),
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


@pytest.mark.parametrize("act", ACTS)
def test_help_has_an_example_and_exit_statuses(act: str) -> None:
    told = CliRunner().invoke(app, ["cases", act, "--help"]).stdout
    assert f"Example: ivr cases {act}" in told
    assert "Exit status" in told
