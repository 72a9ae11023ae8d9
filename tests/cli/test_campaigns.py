"""`ivr campaigns`, run as people run it, without an engine."""

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

COMMANDS = ("list", "show", "import", "start", "pause", "stop", "contacts", "approve", "consent")
FLOWS = {
    "main.yaml": "flow: main\nlanguages: [zh]\nstart: end\nsteps: {end: {hangup: }}\n",
    "contact.yaml": "calendar: contact\nzone: Asia/Shanghai\nweek: {mon: 09:00-18:00}\nholidays: []\n",
    "campaigns/reminders.yaml": """\
campaign: reminders
kind: reminder
talks: talks
languages: [zh]
hours: contact
pacing: {mode: automatic}
outcomes: {promised: {}}
""",
    "campaigns/deposits.yaml": """\
campaign: deposits
kind: sales
talks: talks
languages: [zh]
hours: contact
product: deposit
pacing: {mode: automatic}
outcomes: {promised: {}}
""",
    "talks.yaml": """\
flow: talks
numbers: ["*65"]
languages: [zh]
start: hello
steps:
  hello:
    campaign_call: {}
    on: {right: end, wrong: end, never: end, dropped: end, no_input: end, nobody: end, unavailable: end}
  end: {hangup: campaign}
""",
}
LIST = """\
number,customer,amount,consent
138 0000 1111,C1001,1234.50,yes
13800001002,C1002,,no
"""


class Site:
    """A state folder with published campaigns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "onecall.yaml"
        self.config.write_text("state: var\nflows: flows\ndialler: {allow: ['1']}\n")
        (folder / "flows" / "campaigns").mkdir(parents=True)
        for name, text in FLOWS.items():
            (folder / "flows" / name).write_text(text)
        asyncio.run(self._publish())

    async def _publish(self) -> None:
        loaded = load(self.folder / "flows")
        async with open_ledger(load_config(self.config), begin=True) as ledger:
            state = await ledger.state()
            act = Publish(loaded.version)
            await ledger.append(act, why="begin", who="test", after=state, flows=loaded)

    def run(self, *arguments: str) -> Result:
        environment = {"ONECALL_CONFIG": str(self.config), "COLUMNS": "200"}
        return CliRunner().invoke(app, ["campaigns", *arguments], env=environment)

    def json(self, *arguments: str) -> Any:
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    def list_of(self, text: str) -> str:
        path = self.folder / "list.csv"
        path.write_text(text, "utf-8")
        return str(path)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_list_is_looked_at_taken_and_taken_once(site: Site) -> None:
    file = site.list_of(LIST)
    looked = site.run("import", "reminders", file, "--dry-run")
    assert (looked.exit_code, "nothing was taken" in looked.stdout) == (0, True)
    assert site.run("contacts", "reminders").stdout == "there are none\n"
    assert "2 added, 0 on the list already" in site.run("import", "reminders", file).stdout
    assert "0 added, 2 on the list already" in site.run("import", "reminders", file).stdout
    found = site.json("contacts", "reminders", "--state", "ready")
    assert {(one["telephone"], one["customer"]) for one in found} == {
        ("13800001111", "C1001"),
        ("13800001002", "C1002"),
    }
    assert {str(one["amount"]) for one in found} == {"['money', 123450, 'CNY']", "None"}
    assert "138 0000 1111" not in site.run("contacts", "reminders").stdout


def test_wrong_lines_are_told_and_the_good_ones_taken_only_where_that_is_said(site: Site) -> None:
    file = site.list_of(LIST + "0086x,C1003,,\n13800001004,C1004,-5,\n")
    result = site.run("import", "reminders", file)
    assert result.exit_code == 1
    assert "nothing was taken" in result.stdout
    assert site.json("contacts", "reminders") == []
    result = site.run("import", "reminders", file, "--partly", "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["good"], told["added"]) == (1, 2, 2)
    assert [one["line"] for one in told["wrong"]] == [4, 5]
    rejected = Path(told["rejected"]).read_text("utf-8")
    assert "0086x" in rejected
    assert "13800001002" not in rejected


def test_a_campaign_runs_pauses_and_stops(site: Site) -> None:
    assert site.json("list")[0]["running"] == "stopped"
    for command, state in (("start", "running"), ("pause", "paused"), ("stop", "stopped")):
        result = site.run(command, "reminders", "--as", "li.na")
        assert (result.exit_code, result.stdout) == (0, f"reminders is {state}\n")
        view = site.json("show", "reminders")
        assert view["running"] == state
        assert view["by"].startswith("li.na (")
    assert "reminders" in site.run("list").stdout


def test_what_is_sold_waits_until_somebody_has_looked(site: Site) -> None:
    site.run("import", "deposits", site.list_of(LIST))
    assert len(site.json("contacts", "deposits", "--state", "review")) == 2
    assert site.run("approve", "deposits").stdout == "2 are called from now on\n"
    again = site.run("approve", "deposits")
    assert (again.exit_code, again.stdout) == (1, "0 are called from now on\n")
    assert len(site.json("contacts", "deposits", "--state", "ready")) == 2


def test_who_wants_no_calls_is_listed_by_one_name_of_their_telephone(site: Site) -> None:
    assert site.run("dnc", "add", "+86 138 0000 1111", "-m", "at the counter").exit_code == 0
    (one,) = site.json("dnc", "list")
    assert (one["telephone"], one["scope"], one["why"]) == ("13800001111", "all", "at the counter")
    assert "13800001111" in site.run("dnc", "list").stdout
    assert site.run("dnc", "remove", "13800001111").exit_code == 0
    assert site.run("dnc", "remove", "13800001111").exit_code == 1
    assert site.run("dnc", "list").stdout == "nobody\n"
    assert site.run("consent", "13800001111").stdout == "13800001111 agrees to be called\n"
    assert "agrees no more" in site.run("consent", "13800001111", "--withdrawn").stdout
    for command in (("dnc", "add", "abc"), ("consent", "12a")):
        result = site.run(*command)
        assert result.exit_code == 1
        assert "is no number" in result.stderr


def test_campaigns_are_those_that_are_published(site: Site) -> None:
    new = FLOWS["campaigns/reminders.yaml"].replace("campaign: reminders", "campaign: newer")
    (site.folder / "flows" / "campaigns" / "newer.yaml").write_text(new)
    result = site.run("start", "newer")
    assert result.exit_code == 2
    assert "there is no campaign `newer` in the published flows" in result.stderr
    assert "there are: deposits, reminders" in result.stderr
    result = site.run("import", "reminders", str(site.folder / "nothing.csv"))
    assert result.exit_code == 2
    assert "name a file that can be read" in result.stderr


@pytest.mark.parametrize("command", [*COMMANDS, "dnc add", "dnc remove", "dnc list"])
def test_help_has_an_example_and_exit_statuses(command: str) -> None:
    told = CliRunner().invoke(app, ["campaigns", *command.split(), "--help"]).stdout
    assert f"Example: ivr campaigns {command}" in told
    assert "Exit status" in told
