"""`ivr publish`, `releases`, `rollback` and `hours`: what people type, and what they are told."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
from typer import testing
from typer.main import get_command

from ivr import pins
from ivr.adapters.prompts.catalogue import Catalogue, load_catalogue
from ivr.app import gates, simulation
from ivr.app import prompts as app_prompts
from ivr.cli.main import app

ROOT = Path(__file__).parents[2]
COMMAND = get_command(app)
FLOW = """\
flow: main
numbers: ["95500"]
languages: [en, zh]
start: hello
steps:
  hello: {say: welcome, next: bye}
  bye: {hangup: completed}
"""
CALLER = """\
caller: hears the greeting
calls: "95500"
script:
  - hears: welcome
expects: {ends: completed}
"""
SERVICE = 'calendar: service\nzone: Asia/Shanghai\nweek: {mon-sun: ["00:00-24:00"]}\nholidays: []\n'
ASK = "  hello: {hours: service, on: {open: bye, closed: bye, holiday: bye}}\n"


class Desk:
    """A folder where somebody works."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.flows = folder / "flows"
        self.config = folder / "onecall.yaml"
        self.flows.mkdir()
        (self.flows / "callers").mkdir()
        self.write(FLOW)
        (self.flows / "callers" / "greeting.yaml").write_text(CALLER, "utf-8")
        self.config.write_text(f"flows: flows\nprompts: {ROOT / 'prompts'}\nstate: var\n", "utf-8")

    def write(self, text: str, name: str = "main") -> None:
        (self.flows / f"{name}.yaml").write_text(text, "utf-8")

    def change(self, reason: str) -> None:
        """Have the flows end calls with another reason; the caller expects it."""
        self.write(FLOW.replace("completed", reason))
        caller = self.flows / "callers" / "greeting.yaml"
        caller.write_text(CALLER.replace("completed", reason), "utf-8")

    def ivr(self, *words: str, status: int = 0) -> str:
        """Run a command; return what it says."""
        done = self.run(*words)
        assert done.exit_code == status, done.output
        assert "Traceback" not in done.output
        return done.output

    def run(self, *words: str) -> testing.Result:
        return testing.CliRunner().invoke(app, [*words, "-c", str(self.config)])

    def releases(self) -> dict[int, str]:
        """Return what became of each entry."""
        return {one["number"]: one["state"] for one in json.loads(self.ivr("releases", "--json"))}

    def tamper(self, sql: str) -> None:
        with closing(sqlite3.connect(self.folder / "var" / "onecall.sqlite")) as database:
            database.execute("DROP TRIGGER releases_are_not_changed")
            database.execute(sql)
            database.commit()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not tested here is done once, cheaply, or elsewhere (tests/app/test_gates.py)."""
    monkeypatch.setattr(testing, "_get_command", lambda app: COMMAND)
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    monkeypatch.setattr(gates, "GATES", {"check": gates.check, "callers": gates.callers})
    for module in (app_prompts, simulation):
        monkeypatch.setattr(module, "load_catalogue", prompts_read_once)


@cache
def prompts_read_once(folder: Path) -> Catalogue:
    return load_catalogue(folder)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_publish_roll_back_and_list(desk: Desk) -> None:
    assert "release 1" in desk.ivr("publish", "-m", "the first")
    assert "nothing to publish" in desk.ivr("publish", "-m", "again")
    desk.change("done")
    said = desk.ivr("publish", "-m", "another reason", "--as", "Anna")
    assert re.search(r"check +passed", said)
    assert re.search(r"callers +passed +1 of 1", said)
    assert desk.releases() == {1: "", 2: "in force"}
    assert "release 1" in desk.ivr("rollback", "-m", "Anna was wrong")
    assert desk.releases() == {1: "in force", 2: "", 3: ""}
    listed = desk.ivr("releases")
    for part in ("the first", "Anna (", "rollback to 1", "in force", "check"):
        assert part in listed
    assert "release 2" in desk.ivr("rollback", "2", "-m", "no, she was right")
    assert desk.releases()[2] == "in force"


def test_a_canary_is_published_raised_and_in_nobodys_way_by_accident(desk: Desk) -> None:
    desk.ivr("publish", "-m", "the first")
    desk.change("done")
    assert "release 2" in (said := desk.ivr("publish", "-m", "try", "--canary", "5%"))
    assert "canary 5 % of callers" in said
    assert "entry 3: canary raised to 20 %" in desk.ivr("publish", "-m", "more", "--canary", "20%")
    desk.change("other")
    for words in (("publish",), ("publish", "--canary", "5%"), ("rollback",)):
        assert "canary 2 is running" in desk.ivr(*words, "-m", "x", status=2)
    assert desk.releases() == {1: "in force", 2: "canary 20 %", 3: ""}
    assert "release 4" in desk.ivr("publish", "-m", "urgent", "--force")
    assert "ended by: publish" in desk.ivr("canary", "status", status=1)


def test_what_cannot_be_tried(desk: Desk) -> None:
    assert "nothing is in force" in desk.ivr("publish", "-m", "x", "--canary", "5%", status=2)
    desk.ivr("publish", "-m", "the first")
    desk.change("done")
    for words, told in (
        (("--canary", "5"), "write one like 5%"),
        (("--canary", "5%", "--at", "2099-01-01T00:00"), "leave out --at"),
        (("--auto-promote",), "add --canary"),
    ):
        assert told in desk.ivr("publish", "-m", "x", *words, status=2)
    desk.write(FLOW.replace("95500", "95501"))
    assert "answer 95500 no more" in desk.ivr("publish", "-m", "x", "--canary", "5%", status=2)
    assert desk.releases() == {1: "in force"}


def test_what_cannot_be_gone_back_to(desk: Desk) -> None:
    assert "nothing is published" in desk.ivr("rollback", "-m", "x", status=2)
    desk.ivr("publish", "-m", "the first")
    assert "no release before" in desk.ivr("rollback", "-m", "x", status=2)
    assert "in force already" in desk.ivr("rollback", "1", "-m", "x", status=2)
    assert "there is no entry 7" in desk.ivr("rollback", "7", "-m", "x", status=2)


def test_a_gate_refuses_and_tells_all_it_found(desk: Desk) -> None:
    desk.ivr("publish", "-m", "the first")
    desk.write(FLOW.replace("completed", "done").replace("say: welcome", "say: goodbye"))
    said = desk.ivr("publish", "-m", "x", status=1)
    assert "greeting.yaml: the prompt `welcome` was never heard" in said
    assert "refused by callers: what" in said
    assert desk.releases() == {1: "in force"}


def test_force_is_recorded_with_what_it_overrode(desk: Desk) -> None:
    desk.write(FLOW.replace("say: welcome", "say: goodbye"))
    desk.ivr("publish", "-m", "they can wait", "--force", "--as", "Anna")
    [entry] = json.loads(desk.ivr("releases", "--json"))
    assert entry["forced"]
    assert entry["who"].startswith("Anna (")
    [refusal] = [gate for gate in entry["gates"] if not gate["passed"]]
    assert refusal["name"] == "callers"
    assert "was never heard" in refusal["findings"][0]
    assert "forced over callers" in desk.ivr("releases")


def test_what_check_finds_can_be_forced_but_not_what_is_no_flow(desk: Desk) -> None:
    desk.write(FLOW.replace("say: welcome", "say: nowhere-recorded"))
    said = desk.ivr("publish", "-m", "x", status=1)
    assert "main.yaml:6:" in said
    assert "not tried" in said
    assert "refused by check: what" in said
    desk.ivr("publish", "-m", "x", "--force")
    desk.write("flow: [")
    assert "main.yaml:" in desk.ivr("publish", "-m", "x", "--force", status=1)
    assert desk.releases() == {1: "in force"}


def test_a_release_for_later_and_its_end(desk: Desk) -> None:
    desk.ivr("publish", "-m", "the first")
    desk.change("done")
    said = desk.ivr("publish", "-m", "new year", "--at", "2099-01-01T06:00")
    assert "2099-01-01 06:00" in said
    assert desk.releases() == {1: "in force", 2: "scheduled"}
    desk.ivr("publish", "--cancel", "2", "-m", "not this year")
    assert desk.releases() == {1: "in force", 2: "", 3: ""}
    assert "none is to come" in desk.ivr("publish", "--cancel", "2", "-m", "x", status=2)


@pytest.mark.parametrize(
    ("when", "what"),
    [("2020-01-01T06:00", "is over"), ("tomorrow", "is no time"), ("2099-13-01", "is no time")],
)
def test_a_time_that_cannot_be_meant(desk: Desk, when: str, what: str) -> None:
    assert what in desk.ivr("publish", "-m", "x", "--at", when, status=2)


def test_a_reason_must_be_given(desk: Desk) -> None:
    desk.ivr("publish", status=2)
    assert "says nothing" in desk.ivr("publish", "-m", " ", status=2)


def test_json_for_programs(desk: Desk) -> None:
    told = json.loads(desk.run("publish", "-m", "x", "--json").stdout)
    assert (told["release"], told["refused"], told["forced"]) == (1, False, False)
    assert [gate["passed"] for gate in told["gates"]] == [True] * len(told["gates"])


def test_a_sound_ledger_is_verified(desk: Desk) -> None:
    desk.ivr("publish", "-m", "the first")
    assert "1 entries, each as it was written" in desk.ivr("releases", "--verify")


def test_a_ledger_without_entries_is_nothing_to_list(desk: Desk) -> None:
    """A refused publish makes the store."""
    desk.write(FLOW.replace("say: welcome", "say: nowhere-recorded"))
    desk.ivr("publish", "-m", "x", status=1)
    for words in ((), ("--json",), ("--verify",)):
        assert "nothing is published yet" in desk.ivr("releases", *words, status=2)


def test_the_last_entries_are_listed(desk: Desk) -> None:
    desk.ivr("publish", "-m", "the first")
    desk.change("done")
    desk.ivr("publish", "-m", "the second")
    numbers = {
        last: [one["number"] for one in json.loads(desk.ivr("releases", "--json", "-n", last))]
        for last in ("0", "1", "9")
    }
    assert numbers == {"0": [1, 2], "1": [2], "9": [1, 2]}
    desk.ivr("releases", "-n", "-1", status=2)


def test_a_changed_entry_is_told_and_nobody_acts_on_it(desk: Desk) -> None:
    desk.ivr("publish", "-m", "the first")
    desk.change("done")
    desk.ivr("publish", "-m", "the second")
    desk.tamper("UPDATE releases SET body = CAST(replace(body, 'first', 'worst') AS BLOB)")
    said = desk.ivr("releases", "--verify", status=1)
    assert "entry 1: was changed" in said
    assert "restore the store" in said
    assert "entry 1: was changed" in desk.ivr("rollback", "-m", "x", status=2)


@pytest.mark.parametrize("cut", [False, True], ids=["other flows", "cut off"])
def test_damaged_flows_are_told_and_not_gone_back_to(desk: Desk, cut: bool) -> None:
    desk.ivr("publish", "-m", "the first")
    desk.change("done")
    desk.ivr("publish", "-m", "the second")
    damaged = "substr(files, 1, 99)" if cut else "CAST(replace(files, 'done', 'gone') AS BLOB)"
    desk.tamper(f"UPDATE flow_versions SET files = {damaged} WHERE instr(files, 'done')")
    assert "entry 2: the flows" in desk.ivr("releases", "--verify", status=1)
    desk.ivr("rollback", "-m", "x")
    assert "are damaged" in desk.ivr("rollback", "2", "-m", "x", status=2)
    assert desk.releases() == {1: "in force", 2: "", 3: ""}


def test_publishing_again_mends_damaged_flows(desk: Desk) -> None:
    desk.ivr("publish", "-m", "the first")
    desk.tamper("UPDATE flow_versions SET files = CAST(replace(files, 'bye', 'by') AS BLOB)")
    assert "release 2" in desk.ivr("publish", "-m", "whole again")
    desk.ivr("releases", "--verify")


def test_closed_early_by_one_command(desk: Desk) -> None:
    desk.write(SERVICE, "service")
    desk.write(FLOW.replace("  hello: {say: welcome, next: bye}\n", ASK))
    (desk.flows / "callers" / "greeting.yaml").unlink()
    desk.ivr("publish", "-m", "the first")
    said = desk.ivr("hours", "close", "service", "-m", "typhoon")
    assert "service is closed, opens" in said
    day = "2099-12-31"
    desk.ivr("hours", "set", "service", day, "09:00-12:00", "13:00-15:00", "-m", "stock-taking")
    desk.ivr("hours", "close", "service", "--date", day, "--at", "14:00", "-m", "earlier")
    assert "09:00-12:00, 13:00-14:00" in desk.ivr("hours", "show")
    late = ("hours", "close", "service", "--date", day, "--at", "14:00", "-m", "again")
    assert "no hours after 14:00" in desk.ivr(*late, status=2)
    [shown] = json.loads(desk.ivr("hours", "show", "service", "--json"))
    assert shown["status"] == "closed"
    desk.ivr("hours", "clear", "service", day, "-m", "no")
    assert day not in desk.ivr("hours", "show")
    file = desk.folder / "typhoon.yaml"
    file.write_text("overrides: {service: {2099-01-02: holiday, 2020-01-01: closed}}", "utf-8")
    said = desk.ivr("hours", "apply", str(file), "-m", "typhoon")
    assert re.search(r"2099-01-02 +holiday", said)
    assert re.search(r"2020-01-01 +closed +past", said)
    assert "typhoon" in desk.ivr("releases")
    assert "6 entries" in desk.ivr("releases", "--verify")


def test_a_calendar_that_is_gone_is_not_overridden_any_more(desk: Desk) -> None:
    desk.write(SERVICE, "service")
    desk.write(FLOW.replace("  hello: {say: welcome, next: bye}\n", ASK))
    (desk.flows / "callers" / "greeting.yaml").unlink()
    desk.ivr("publish", "-m", "the first")
    desk.ivr("hours", "set", "service", "2099-01-01", "closed", "-m", "x")
    (desk.flows / "service.yaml").unlink()
    desk.write(FLOW)
    desk.ivr("publish", "-m", "no calendar")
    gone = desk.ivr("hours", "clear", "service", "2099-01-01", "-m", "x", status=2)
    assert "no calendar `service`: it has none" in gone
    assert desk.releases() == {1: "", 2: "", 3: "in force"}
    assert "has no calendar" in desk.ivr("hours", "show")
    assert desk.run("hours", "show", "--json").stdout == "[]\n"


def test_hours_that_cannot_be_changed_so(desk: Desk) -> None:
    assert "nothing is published" in desk.ivr("hours", "show", status=2)
    desk.write(SERVICE, "service")
    desk.write(FLOW.replace("  hello: {say: welcome, next: bye}\n", ASK))
    (desk.flows / "callers" / "greeting.yaml").unlink()
    desk.ivr("publish", "-m", "the first")
    for words, what in {
        ("close", "srvice"): "did you mean `service`?",
        ("close", "service", "--at", "3pm"): "is no time of day",
        ("close", "service", "--at", "15:00+05"): "is no time of day",
        ("close", "service", "--date", "2099-01-01"): "--at 15:00",
        ("close", "service", "--date", "2020-01-01", "--at", "15:00"): "is over",
        ("set", "service", "2099-01-01", "9-12"): "are no hours",
        ("set", "service", "01.01.", "closed"): "not a date",
        ("set", "service", "2020-01-01", "closed"): "2020-01-01 is over",
        ("clear", "service", "2099-01-01"): "not overridden",
        ("apply", "none.yaml"): "cannot be read",
    }.items():
        assert what in desk.ivr("hours", *words, "-m", "x", status=2)
    assert desk.releases() == {1: "in force"}
