"""`ivr simulate`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from ivr import pins
from ivr.cli.simulate import simulate

FLOW = """\
flow: shop
numbers: ["100"]
languages: [en]
start: menu
steps:
  menu:
    menu: {prompt: main-menu, choices: {1: one, 10: ten, 2: leave}}
    on: {no_input: end, invalid: end}
  one: {say: [you-chose, {number: 1}], next: end}
  ten: {say: [you-chose, {number: 150}], next: end}
  leave: {record: {into: message}, on: {done: end, no_input: menu}}
  end: {hangup: completed}
"""
CALLER = """\
caller: chooses one
calls: "100"
script:
  - hears: main-menu
  - presses: "10"
  - hears: you-chose
expects:
  ends: completed
  heard: [main-menu, you-chose]
"""
TEXTS = "main-menu: Press one or ten.\nyou-chose: You chose\n"

app = typer.Typer()
app.command()(simulate)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "shop.yaml").write_text(FLOW)
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "en.yaml").write_text(TEXTS)
    (tmp_path / "caller.yaml").write_text(CALLER)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    return tmp_path


def run(*arguments: str, keys: str = "") -> Result:
    return CliRunner().invoke(app, list(arguments), input=keys)


def test_a_script_that_passes(here: Path) -> None:
    result = run("flows", "--script", "caller.yaml")
    assert result.exit_code == 0, result.output
    lines = [line.split(maxsplit=3)[2:] for line in result.output.splitlines()[1:-1]]
    assert lines == [
        ["step", "shop.menu: menu"],
        ["heard", "main-menu: Press one or ten."],
        ["pressed", "10"],
        ["step", "shop.ten: say"],
        ["heard", "you-chose: You chose"],
        ["heard", "s-100 s-50: one hundred fifty"],
        ["step", "shop.end: hangup"],
        ["ended", "completed"],
    ]
    assert result.output.splitlines()[-1] == "as expected"


def test_a_script_that_fails_says_why(here: Path) -> None:
    text = CALLER.replace("completed", "caller").replace("- hears: you-chose", "- hears: goodbye")
    (here / "caller.yaml").write_text(text)
    result = run("flows", "--script", "caller.yaml")
    assert result.exit_code == 1
    assert "FAILED: the prompt `goodbye` was never heard" in result.output
    assert "FAILED: the call ended by `completed`, not by `caller`" in result.output


def test_json(here: Path) -> None:
    result = run("shop", "--script", "caller.yaml", "--json")
    assert result.exit_code == 0
    told = json.loads(result.output)
    assert told["passed"]
    assert told["heard"][:2] == ["main-menu", "you-chose"]
    assert told["transcript"][0] == {"ms": 0, "kind": "step", "what": "shop.menu", "text": "menu"}


def test_a_person_presses_keys(here: Path) -> None:
    result = run("flows", keys="\n7\n1\n\n")
    assert result.exit_code == 0, result.output
    heard = [line.split(maxsplit=3)[3] for line in result.output.splitlines() if " heard " in line]
    texts = [text.split(": ")[0] for text in heard]
    assert texts == [
        "main-menu",
        "no-input",
        "main-menu",
        "invalid-choice",
        "main-menu",
        "you-chose",
        "s-1",
    ]
    assert "keys (5 s)>" in result.output
    assert " step " not in result.output


def test_steps_are_shown_when_asked_for(here: Path) -> None:
    result = run("flows", "-v", keys="h\n")
    assert result.exit_code == 0
    assert "step     shop.menu: menu" in result.output
    assert "the caller hung up" in result.output


def test_the_end_of_the_input_hangs_up(here: Path) -> None:
    result = run("flows", keys="")
    assert result.exit_code == 0
    assert result.output.splitlines()[-1].endswith("ended    caller")


def test_a_person_leaves_a_message(here: Path) -> None:
    result = run("flows", keys="2\nplease call me#\n")
    assert result.exit_code == 0
    assert "recording" in result.output
    assert result.output.splitlines()[-1].endswith("ended    completed")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["nowhere"], "there is no flow `nowhere`"),
        (["flows", "--script", "none.yaml"], "none.yaml: cannot be read"),
        (["flows", "--number", "999"], "no flow answers '999'"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(
    here: Path, arguments: list[str], problem: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert problem in result.output
    assert "Traceback" not in result.output


def test_bad_flows_are_told_with_their_places(here: Path) -> None:
    (here / "flows" / "shop.yaml").write_text(FLOW.replace("say:", "sya:"))
    result = run("flows")
    assert result.exit_code == 2
    assert "shop.yaml:9:9: IVR208" in result.output


def test_json_is_for_scripts(here: Path) -> None:
    result = run("flows", "--json")
    assert result.exit_code == 2


def test_a_language_that_the_flow_does_not_speak(here: Path) -> None:
    for arguments in (["--language", "fr"], ["-l", "fr", "--script", "caller.yaml"]):
        result = run("flows", *arguments)
        assert result.exit_code == 2
        assert "the flow `shop` speaks en, not fr" in result.stderr


def test_bytes_that_are_no_text_are_no_keys(here: Path) -> None:
    result = CliRunner().invoke(app, ["flows"], input=b"\xff\xfe\n2\nh\n")
    assert result.exit_code == 0
    assert "the caller hung up" in result.stdout


def test_what_a_person_does_is_written_down_and_plays_again(here: Path) -> None:
    recorded = run("flows", "--record", "my-call.yaml", keys="7\n10\n")
    assert recorded.exit_code == 0, recorded.output
    assert "written to my-call.yaml" in recorded.output
    text = (here / "my-call.yaml").read_text()
    assert text.startswith("caller: my call\ncalls: '100'\nscript:\n- hears: main-menu\n")
    assert "- shop.ten" in text
    assert run("flows", "--script", "my-call.yaml").exit_code == 0
    assert run("shop", "--script", "my-call.yaml").exit_code == 0


def test_what_cannot_be_recorded_is_said_before_the_call(here: Path) -> None:
    (here / "there.yaml").write_text("mine")
    for arguments, problem in (
        (["--record", "there.yaml"], "is there already"),
        (["--record", "new.yaml", "--language", "en"], "a script says no language"),
    ):
        result = run("flows", *arguments, keys="1\n")
        assert result.exit_code == 2
        assert problem in result.stderr
    assert (here / "there.yaml").read_text() == "mine"
    unwritable = run("flows", "--record", "there.yaml/new.yaml", keys="1\n")
    assert (unwritable.exit_code, unwritable.stdout) == (2, "")
    assert "there.yaml" in unwritable.stderr


def test_the_first_caller_of_a_folder_is_recorded_into_it(here: Path) -> None:
    assert run("flows", "--record", "flows/callers/first.yaml", keys="h\n").exit_code == 0
    assert (here / "flows/callers/first.yaml").is_file()
