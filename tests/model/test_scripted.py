"""Scripted callers as YAML writes them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ivr.model.scripted import (
    Action,
    Expectations,
    HangsUp,
    Hears,
    Presses,
    Says,
    ScriptedCaller,
    Waits,
)

CALLER: dict[str, Any] = {"caller": "somebody", "calls": "95500"}


def _script(*actions: object) -> tuple[Action, ...]:
    return ScriptedCaller.model_validate({**CALLER, "script": list(actions)}).script


def test_every_action() -> None:
    script = _script(
        {"hears": "welcome"},
        {"hears": "menu", "within": "10s"},
        {"presses": "12#"},
        {"presses": "*", "apart": "300ms"},
        {"waits": "2s"},
        {"says": "call me back", "takes": "3s"},
        "hangs_up",
    )
    assert [(type(action), action.model_dump()) for action in script] == [
        (Hears, {"hears": "welcome", "within": None}),
        (Hears, {"hears": "menu", "within": 10_000}),
        (Presses, {"presses": "12#", "apart": 120}),
        (Presses, {"presses": "*", "apart": 300}),
        (Waits, {"waits": 2000}),
        (Says, {"says": "call me back", "takes": 3000}),
        (HangsUp, {"hangs_up": True}),
    ]


def test_words_take_about_as_long_as_they_look() -> None:
    assert Says(says="yes").ms == 1000
    assert Says(says=" ".join(["word"] * 20)).ms == 5000
    assert Says.model_validate({"says": "yes", "takes": "70ms"}).ms == 70


@pytest.mark.parametrize(
    ("action", "problem"),
    [
        ({"hear": "welcome"}, "an action is one of hears, presses"),
        ("hang_up", "an action is one of hears, presses"),
        ({"presses": 12}, "in quotes"),
        ({"presses": "12a"}, "pattern"),
        ({"presses": "1", "within": "2s"}, "Extra inputs"),
        ({"waits": 2}, "without a unit"),
        ({"hears": "Welcome!"}, "pattern"),
    ],
)
def test_what_is_no_action_says_so(action: object, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        _script(action)


def test_simulated_only() -> None:
    assert not ScriptedCaller.model_validate(CALLER).simulated_only
    for extra in (
        {"at": "2026-11-23T10:00:00"},
        {"faults": {"bank": {"delay": "2s"}}},
        {"people": {"service": {"is": "full"}}},
    ):
        assert ScriptedCaller.model_validate({**CALLER, **extra}).simulated_only


TRAIL = ["main.welcome", "main.menu", "main.welcome", "main.end"]
HEARD = ["welcome", "menu", "goodbye"]


@pytest.mark.parametrize(
    ("expects", "failures"),
    [
        ({}, ()),
        ({"ends": "completed", "trail": TRAIL, "heard": HEARD}, ()),
        ({"trail": ["main.menu", "main.welcome"], "heard": ["welcome", "goodbye"]}, ()),
        ({"ends": "caller"}, ("the call ended by `completed`, not by `caller`",)),
        (
            {"heard": ["goodbye", "welcome"]},
            (
                "the prompt `welcome` was not heard after `goodbye`; "
                "in order: welcome, menu, goodbye",
            ),
        ),
        (
            {"trail": ["main.agent"]},
            (
                "the step `main.agent` was not entered; "
                "in order: main.welcome, main.menu, main.welcome, main.end",
            ),
        ),
        (
            {"not_heard": ["menu", "sorry"], "not_entered": ["main.end"]},
            ("the prompt `menu` was heard", "the step `main.end` was entered"),
        ),
    ],
)
def test_what_is_not_as_expected_is_said_in_words(
    expects: dict[str, Any], failures: tuple[str, ...]
) -> None:
    expectations = Expectations.model_validate(expects)
    assert expectations.failures(ended="completed", trail=TRAIL, heard=HEARD) == failures


def test_a_prompt_expected_twice_must_be_heard_twice() -> None:
    expectations = Expectations.model_validate({"heard": ["menu", "menu"]})
    assert expectations.failures(ended="x", trail=(), heard=HEARD)
    assert not expectations.failures(ended="x", trail=(), heard=["menu", "x", "menu"])


@pytest.mark.parametrize(
    ("wanted", "talked", "failures"),
    [
        (None, ["service"], ()),
        (("service", "loans"), ["service", "loans"], ()),
        ((), ["service"], ("the caller talked with service, not with nobody",)),
        (
            ("service", "loans"),
            ["loans"],
            ("the caller talked with loans, not with service, loans",),
        ),
    ],
)
def test_whom_the_caller_talked_with(
    wanted: tuple[str, ...] | None, talked: list[str], failures: tuple[str, ...]
) -> None:
    expectations = Expectations(talks_with=wanted)
    found = expectations.failures(ended="x", trail=(), heard=(), talked=talked)
    assert found == failures
