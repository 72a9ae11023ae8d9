"""Every step type there is, against its cases: no step type without a case file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import ivr.steps
from ivr.model.commands import Command
from ivr.model.outcome import Outcome
from ivr.model.prompt import Prompted
from ivr.model.step import Step, Visit
from ivr.model.story import LANGUAGES
from ivr.steps import StepTypeError, discover, registry
from tests.steps import kit

STEPS = discover()
WAVE = """
from typing import ClassVar
from ivr.model.step import Step

class Wave(Step):
    verb: ClassVar[str] = "wave"
"""
FILES = {path.stem for path in kit.FOLDER.glob("*.yaml")}


def _cases() -> Iterator[Any]:
    for verb in sorted(FILES & set(STEPS)):
        for case in kit.load(verb).cases:
            yield pytest.param(verb, case, id=f"{verb}: {case.case}")


def _refusals() -> Iterator[Any]:
    for verb in sorted(FILES & set(STEPS)):
        for refusal in kit.load(verb).refuses:
            yield pytest.param(verb, refusal, id=f"{verb}: {refusal.because}")


def test_every_step_type_has_a_case_file_and_every_file_a_step_type() -> None:
    assert set(STEPS) == FILES


@pytest.mark.parametrize(("verb", "case"), list(_cases()))
def test_case(verb: str, case: kit.Case) -> None:
    run = kit.run(STEPS[verb], case)
    assert run.ends == case.ends


@pytest.mark.parametrize(("verb", "case"), list(_cases()))
def test_a_step_says_why_it_ended_so(verb: str, case: kit.Case) -> None:
    run = kit.run(STEPS[verb], case)
    if not isinstance(run.ended, Outcome):
        return
    step = kit.read(STEPS[verb], case.body)
    visit = Visit(kit.context(case), run.ended.name, tuple(run.answers))
    said = {language: step.because(visit, language) for language in LANGUAGES}
    assert {language: said[language] for language in case.because} == case.because
    assert all(said.values()) or not any(said.values())


@pytest.mark.parametrize(("verb", "refusal"), list(_refusals()))
def test_refusal(verb: str, refusal: kit.Refusal) -> None:
    with pytest.raises(ValidationError, match=refusal.because):
        STEPS[verb].model_validate(refusal.body)


@pytest.mark.parametrize("verb", sorted(FILES & set(STEPS)))
def test_cases_cover_every_outcome_and_every_way_to_fail(verb: str) -> None:
    kind = STEPS[verb]
    cases = kit.load(verb).cases
    runs = [kit.run(kind, case) for case in cases]
    reached = {run.ended.name for run in runs if isinstance(run.ended, Outcome)}
    assert {*kind.outcomes, *kind.optional} <= reached
    asked = [command for run in runs for command in run.asked if not command.instant]
    answers = [exchange.answer for case in cases for exchange in case.exchange]
    if any(_may_hang_up(command) for command in asked):
        assert kit.HANGS_UP in answers, "no case in which the caller hangs up"
    if any(command.port != "channel" for command in asked):
        assert any(isinstance(one, dict) and "fails" in one for one in answers), "no port fails"
        assert "times_out" in answers, "no port times out"


@pytest.mark.parametrize(("verb", "case"), list(_cases()))
def test_a_step_declares_what_it_says_and_sets(verb: str, case: kit.Case) -> None:
    kind = STEPS[verb]
    step = kit.read(kind, case.body)
    run = kit.run(kind, case)
    declared = {prompt for speech in step.speeches() for prompt in speech.prompts()}
    declared |= {Prompted(prompt) for prompt in case.services.values()}
    assert set(_prompts(run.asked)) <= declared
    if isinstance(run.ended, Outcome):
        assert run.ended.name in {**step.exits(), **kind.optional}
        assigns = step.assigns()
        assert set(run.ended.variables) <= set(assigns)
        assert all(assigns[name] == "secret" for name in run.ended.secrets)
        assert set(_dotted(run.ended.facts)) <= set(step.facts())


@pytest.mark.parametrize("kind", STEPS.values(), ids=STEPS)
def test_a_step_type_is_documented(kind: type[Step]) -> None:
    assert kind.__doc__, "no docstring"
    assert kind.example.strip(), "no example"
    for name, field in kind.model_fields.items():
        assert field.description, f"the field {name} has no description"


def test_two_step_types_cannot_have_one_verb() -> None:
    say = STEPS["say"]

    class Other(Step):
        """Says it as well."""

        verb = "say"

    with pytest.raises(StepTypeError, match="two step types have the verb `say`"):
        registry((say, Other))
    assert registry((say, say)) == {"say": say}


def test_a_file_dropped_into_the_package_is_a_step_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wave.py").write_text(WAVE)
    monkeypatch.setattr(ivr.steps, "__path__", [*ivr.steps.__path__, str(tmp_path)])
    try:
        found = registry(tuple(ivr.steps.own()))
    finally:
        sys.modules.pop("ivr.steps.wave", None)
    assert set(found) == {*STEPS, "wave"}


def test_other_packages_add_step_types_by_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("say", "ivr.steps.say:Say", ivr.steps.ENTRY_POINTS)
    monkeypatch.setattr(ivr.steps, "entry_points", lambda group: [entry])
    assert list(ivr.steps.others()) == [STEPS["say"]]
    wrong = EntryPoint("path", "pathlib:Path", ivr.steps.ENTRY_POINTS)
    monkeypatch.setattr(ivr.steps, "entry_points", lambda group: [wrong])
    with pytest.raises(StepTypeError, match=r"pathlib:Path.*is no step type"):
        list(ivr.steps.others())
    gone = EntryPoint("gone", "no_such_package:Gone", ivr.steps.ENTRY_POINTS)
    monkeypatch.setattr(ivr.steps, "entry_points", lambda group: [gone])
    with pytest.raises(StepTypeError, match="cannot be loaded"):
        list(ivr.steps.others())


def test_another_packages_module_may_fail_in_any_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wave_that_fails.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    entry = EntryPoint("wave", "wave_that_fails:Wave", ivr.steps.ENTRY_POINTS)
    monkeypatch.setattr(ivr.steps, "entry_points", lambda group: [entry])
    with pytest.raises(StepTypeError, match="wave_that_fails:Wave cannot be loaded: division"):
        list(ivr.steps.others())


def _may_hang_up(command: Command[Any, Any]) -> bool:
    return command.port == "channel" and type(command).__name__ != "Hangup"


def _prompts(asked: list[Command[Any, Any]]) -> Iterator[Prompted]:
    for command in asked:
        yield from (p for p in getattr(command, "prompts", ()) if isinstance(p, Prompted))


def _dotted(facts: Any) -> Iterator[str]:
    for name, value in facts.items():
        if isinstance(value, dict):
            yield from (f"{name}.{field}" for field in value)
        else:
            yield name
