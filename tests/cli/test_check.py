"""`ivr check` and `ivr schema`, run as people run them."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
import typer
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

import ivr.steps
from ivr.cli.check import check
from ivr.cli.reference import reference
from ivr.cli.schema import schema

app = typer.Typer()
app.command()(check)
app.command()(schema)
app.command()(reference)

FLOW = """\
flow: main
numbers: ["95500"]
languages: [zh, en]
start: hello
steps:
  hello: {say: welcome, next: end}
  end: {hangup: done}
"""


@pytest.fixture
def flows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of flows, to be checked from its own parent with the repository's prompts."""
    folder = tmp_path / "flows"
    folder.mkdir()
    prompts = Path(__file__).parents[2] / "prompts"
    (tmp_path / "onecall.yaml").write_text(f"prompts: {prompts}\n", "utf-8")
    (folder / "main.yaml").write_text(FLOW, "utf-8")
    monkeypatch.chdir(tmp_path)
    return folder


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.stdout, result.stderr


def test_nothing_wrong(flows: Path) -> None:
    code, shown, _ = run("check")
    assert code == 0
    assert shown.startswith("1 flow, 0 calendars, version ")
    assert shown.endswith(": no problems\n")


def test_what_is_wrong_where_and_what_to_write_instead(flows: Path) -> None:
    (flows / "main.yaml").write_text(FLOW.replace("end}", "edn}").replace("welcome", "wlcome"))
    code, shown, _ = run("check", "flows")
    assert code == 1
    lines = shown.splitlines()
    assert lines[0] == "flows/main.yaml:6:16: error IVR311 there is no prompt `wlcome` in en"
    assert lines[1].startswith("    did you mean `welcome`?")
    assert "flows/main.yaml:6:30: error IVR301 there is no step `edn` in this flow" in lines
    assert "    did you mean `end`?" in lines
    assert lines[-2].endswith("3 errors, 0 warnings")
    assert lines[-1] == "more about a code: ivr check --explain IVR311"


def test_warnings_fail_only_when_asked_to(flows: Path) -> None:
    (flows / "main.yaml").write_text(FLOW + "  lost: {hangup: done}\n")
    assert run("check")[0] == 0
    assert "warning IVR304" in run("check")[1]
    assert run("check", "--strict")[0] == 1


def test_for_programs(flows: Path) -> None:
    (flows / "main.yaml").write_text(FLOW.replace("hangup: done", "hangpu: done"))
    code, shown, _ = run("check", "--format", "json")
    assert code == 1
    assert json.loads(shown) == {
        "version": None,
        "errors": 1,
        "warnings": 0,
        "problems": [
            {
                "code": "IVR208",
                "severity": "error",
                "file": "flows/main.yaml",
                "line": 7,
                "column": 9,
                "message": "there is no step type `hangpu`",
                "hint": "did you mean `hangup`?",
            }
        ],
    }


def test_one_file_of_a_folder(flows: Path) -> None:
    (flows / "other.yaml").write_text("flow: [", "utf-8")
    assert run("check", "flows/main.yaml")[0] == 0
    assert run("check", "flows/other.yaml")[0] == 1
    assert run("check")[0] == 1


def test_no_such_folder(flows: Path) -> None:
    code, _, said = run("check", "flwos")
    assert code == 2
    assert "ivr check: flwos: there is no such folder or file" in said


def test_a_file_that_is_no_flow_file(flows: Path) -> None:
    (flows / "notes.txt").write_text("hello", "utf-8")
    code, _, said = run("check", "flows/notes.txt")
    assert code == 2
    assert "flows/notes.txt: a flow file is named NAME.yaml" in said


def test_a_folder_without_flows(tmp_path: Path, flows: Path) -> None:
    (tmp_path / "empty").mkdir()
    code, shown, _ = run("check", "empty")
    assert code == 1
    assert shown.startswith("empty:1:1: error IVR213")


def test_one_file_deep_in_the_folder_is_checked_with_the_others(flows: Path) -> None:
    (flows / "deep").mkdir()
    deep = FLOW.replace("flow: main", "flow: deep").replace('numbers: ["95500"]\n', "")
    deep = deep.replace("{hangup: done}", "{goto: {flow: main}}")
    (flows / "deep" / "deep.yaml").write_text(deep, "utf-8")
    code, shown, _ = run("check", "flows/deep/deep.yaml")
    assert code == 0
    assert "2 flows" in shown
    assert "flows/deep/deep.yaml:1:1: warning IVR403" in shown
    (flows / "deep" / "deep.yaml").write_text(deep.replace("main}", "mian}"), "utf-8")
    assert run("check", "flows/deep/deep.yaml")[0] == 1
    assert run("check", "flows/main.yaml")[0] == 0


def test_a_step_type_that_cannot_be_loaded(flows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("wave", "no_such_package:Wave", ivr.steps.ENTRY_POINTS)
    monkeypatch.setattr(ivr.steps, "entry_points", lambda group: [entry])
    ivr.steps.discover.cache_clear()
    try:
        for command in ("check", "schema", "reference"):
            code, _, said = run(command)
            assert code == (1 if command == "reference" else 2)
            assert f"ivr {command}: the step type no_such_package:Wave cannot be loaded" in said
    finally:
        ivr.steps.discover.cache_clear()


def test_the_reference_is_written_and_what_is_stale_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "steps"
    assert run("reference", str(folder))[0] == 0
    stale = folder / "wave.md"
    stale.write_text((folder / "say.md").read_text("utf-8"), "utf-8")
    (folder / "notes.md").write_text("somebody's own", "utf-8")
    assert run("reference", str(folder))[0] == 0
    assert not stale.exists()
    assert (folder / "notes.md").exists()
    (tmp_path / "file").write_text("", "utf-8")
    code, _, said = run("reference", str(tmp_path / "file"))
    assert code == 1
    assert "ivr reference: " in said


def test_a_bad_configuration(flows: Path) -> None:
    Path("onecall.yaml").write_text("zone: Nowhere\n", "utf-8")
    code, _, said = run("check")
    assert code == 2
    assert "onecall.yaml:1:7: no such time zone" in said


def test_without_prompts_the_rest_is_checked(flows: Path) -> None:
    Path("onecall.yaml").write_text("prompts: nowhere\n", "utf-8")
    code, _, said = run("check")
    assert code == 0
    assert "prompts are not checked" in said


def test_the_schema_is_printed_or_written(tmp_path: Path) -> None:
    code, shown, _ = run("schema")
    assert code == 0
    file = tmp_path / "flow.schema.json"
    assert run("schema", "--out", str(file))[0] == 0
    assert json.loads(file.read_text("utf-8")) == json.loads(shown)
    code, _, said = run("schema", "--out", str(tmp_path / "no" / "x.json"))
    assert code == 2
    assert "cannot be written" in said


TEXT = {"type": "string", "minLength": 1}
SAID = {"type": "object", "required": ["text"], "properties": {"text": TEXT, "markdown": TEXT}}


def exactly(**properties: Any) -> dict[str, Any]:
    """Return the schema of an object with all of these keys and no other."""
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


def rows(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": schema}


RULE = exactly(
    id={"pattern": r"^IVR\d{3}$"},
    name=TEXT,
    shortDescription=SAID,
    help={**SAID, "required": ["text", "markdown"]},
)
RESULT = exactly(
    ruleId={"pattern": r"^IVR\d{3}$"},
    ruleIndex={"type": "integer", "minimum": 0},
    level={"enum": ["none", "note", "warning", "error"]},
    message=SAID,
    locations=rows(
        exactly(
            physicalLocation=exactly(
                artifactLocation=exactly(uri=TEXT, uriBaseId={"const": "%SRCROOT%"}),
                region=exactly(
                    startLine={"type": "integer", "minimum": 1},
                    startColumn={"type": "integer", "minimum": 1},
                ),
            )
        )
    ),
)
RUN = exactly(
    tool=exactly(driver=exactly(name=TEXT, version=TEXT, rules=rows(RULE))),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results=rows(RESULT),
)
LOG = {"$schema": {"pattern": r"sarif-2\.1\.0\.json$"}, "version": {"const": "2.1.0"}}
SARIF = exactly(**LOG, runs=rows(RUN))
"""What SARIF 2.1.0 demands of a log, as far as it is used here."""


def test_for_code_hosts_and_editors(flows: Path) -> None:
    (flows / "main.yaml").write_text(FLOW.replace("end}", "edn}") + "  lost: {hangup: done}\n")
    (flows / "更多.yaml").write_text("flow: [", "utf-8")
    code, shown, _ = run("check", "--format", "sarif")
    assert code == 1
    log = json.loads(shown)
    Draft202012Validator(SARIF).validate(log)
    run_, rules = log["runs"][0], log["runs"][0]["tool"]["driver"]["rules"]
    found = [
        (one["ruleId"], one["level"], one["locations"][0]["physicalLocation"])
        for one in run_["results"]
    ]
    assert [(rule, level) for rule, level, _ in found] == [
        ("IVR301", "error"),
        ("IVR101", "error"),
    ]
    assert found[0][2]["artifactLocation"]["uri"] == "flows/main.yaml"
    assert found[0][2]["region"] == {"startLine": 6, "startColumn": 31}
    assert found[1][2]["artifactLocation"]["uri"] == "flows/%E6%9B%B4%E5%A4%9A.yaml"
    assert "did you mean `end`?" in run_["results"][0]["message"]["text"]
    for result in run_["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert "Right:" in next(rule for rule in rules if rule["id"] == "IVR301")["help"]["markdown"]


def test_sarif_of_nothing_wrong_and_of_files_elsewhere(
    tmp_path: Path, flows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert json.loads(run("check", "-f", "sarif")[1])["runs"][0]["results"] == []
    (tmp_path / "here").mkdir()
    (flows / "main.yaml").write_text(FLOW.replace("end}", "edn}"), "utf-8")
    monkeypatch.chdir(tmp_path / "here")
    shown = run("check", str(flows), "-f", "sarif")[1]
    place = json.loads(shown)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": (flows / "main.yaml").as_uri()}


def test_a_code_is_explained() -> None:
    page = Path(__file__).parents[2] / "docs" / "errors" / "IVR303.md"
    assert run("check", "--explain", "ivr303")[:2] == (0, page.read_text("utf-8"))
    code, _, said = run("check", "--explain", "IVR999")
    assert code == 2
    assert "ivr check: there is no code IVR999; " in said
