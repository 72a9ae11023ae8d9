"""Running all scripted callers of a folder of flows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr import pins
from ivr.adapters.flowfile import load
from ivr.adapters.sim.callers import CallerFileError
from ivr.app.callers import callers_of, run_callers
from ivr.app.config import Config
from ivr.cli.main import app

SHOP = """\
flow: shop
numbers: ["100"]
languages: [en]
start: menu
steps:
  menu:
    menu: {prompt: main-menu, choices: {1: one, 2: two}}
    on: {no_input: end, invalid: end}
  one: {say: chosen, next: end}
  two: {say: chosen, next: end}
  end: {hangup: completed}
"""
ONE = """\
caller: chooses one
calls: "100"
script: [{hears: main-menu}, {presses: "1"}, {hears: chosen}]
expects: {ends: completed, trail: [shop.menu, shop.one]}
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of flows with one caller, who reaches three of four steps."""
    folder = tmp_path / "flows"
    callers_of(folder).mkdir(parents=True)
    (folder / "shop.yaml").write_text(SHOP)
    (callers_of(folder) / "one.yaml").write_text(ONE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    return folder


def add(shop: Path, name: str, text: str) -> None:
    (callers_of(shop) / f"{name}.yaml").write_text(text)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["test", "flows", *arguments])


async def test_what_callers_come_through_is_covered(shop: Path) -> None:
    told: list[tuple[int, int]] = []
    add(shop, "three", ONE.replace('"1"', '"3"'))
    report = await run_callers(
        load(shop), callers_of(shop), Config().resolved(shop.parent), lambda *at: told.append(at)
    )
    assert told == [(1, 2), (2, 2)]
    one, three = report.results
    assert (one.caller, one.failures) == ("chooses one", ())
    assert not report.passed
    assert "`shop.one` was not entered" in three.failures[1]
    covered = report.coverage
    assert (covered.steps_reached, covered.steps) == (3, 4)
    # menu: 1, 2, no_input, invalid; one and two: done.
    assert (covered.edges_reached, covered.edges) == (3, 6)
    assert [(str(one.place), one.step, one.outcome) for one in covered.unreached] == [
        ("shop.yaml:7:49", "menu", "2"),
        ("shop.yaml:8:25", "menu", "invalid"),
        ("shop.yaml:10:3", "two", ""),
    ]


async def test_a_caller_whom_no_flow_answers_fails_and_the_others_go_on(shop: Path) -> None:
    add(shop, "a-stranger", ONE.replace('"100"', '"999"'))
    report = await run_callers(load(shop), callers_of(shop), Config().resolved(shop.parent))
    assert [result.failures for result in report.results] == [("no flow answers '999'",), ()]


async def test_a_file_that_is_no_caller_is_told(shop: Path) -> None:
    add(shop, "bad", "caller: calls nobody\n")
    with pytest.raises(CallerFileError, match=r"bad\.yaml"):
        await run_callers(load(shop), callers_of(shop), Config().resolved(shop.parent))


async def test_where_there_are_no_callers_nothing_is_covered(shop: Path) -> None:
    report = await run_callers(load(shop), shop / "nobody", Config().resolved(shop.parent))
    assert report.passed
    assert (report.results, report.coverage.percent) == ((), 0)


def test_the_command_says_what_passed_and_what_is_missed(shop: Path) -> None:
    result = run("--coverage")
    assert result.exit_code == 0, result.output
    assert "passed  one: chooses one" in result.output
    assert "flows/shop.yaml:10:3: no caller reaches the step shop.two" in result.output
    assert "flows/shop.yaml:7:49: no caller takes the edge shop.menu: 2 → two" in result.output
    assert "they reached 3 of 4 steps (75.0 %), 2 of 6 edges" in result.output


def test_too_little_coverage_fails(shop: Path) -> None:
    result = run("--min-coverage", "76")
    assert result.exit_code == 1
    assert "75.0 % of the steps are reached, less than 76 %" in result.stderr
    assert run("--min-coverage", "75").exit_code == 0


def test_a_failure_is_told_in_plain_words(shop: Path) -> None:
    add(shop, "two", ONE.replace("shop.one]", "shop.two]"))
    result = run()
    assert result.exit_code == 1
    assert "FAILED  two" in result.output
    assert "the step `shop.two` was not entered after `shop.menu`" in result.output
    assert "2 callers, 1 failed" in result.output


def test_json_is_for_programs(shop: Path) -> None:
    told = json.loads(run("--json").stdout)
    assert told["passed"]
    assert told["callers"][0]["caller"] == "chooses one"
    assert told["coverage"]["percent"] == 75.0
    assert told["coverage"]["unreached"][-1]["step"] == "two"


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        ({"shop.yaml": SHOP.replace("say:", "sya:")}, "IVR208"),
        ({"callers/one.yaml": "caller: x"}, "one.yaml"),
        ({"callers/one.yaml": None}, "there are no scripted callers"),
    ],
)
def test_what_cannot_be_used_has_exit_status_2(
    shop: Path, broken: dict[str, str | None], problem: str
) -> None:
    for name, text in broken.items():
        (shop / name).unlink()
        if text is not None:
            (shop / name).write_text(text)
    result = run()
    assert result.exit_code == 2
    assert problem in result.stderr
