"""Speech: what authors write, and what becomes of it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from ivr.model.errors import EvaluationError
from ivr.model.prompt import Audible, Prompted, Spoken
from ivr.model.speech import Speech
from ivr.model.values import Money, Value

FUND = {"pick": "{{ fund.id }}", "from": {"F001": "growth", "F002": "bonds"}, "else": "a-fund"}
BANK = {"pick": "{{ bank }}", "from": {"102": "icbc"}}


def speech(*items: object) -> Speech:
    return Speech.model_validate(list(items))


@pytest.mark.parametrize(
    ("item", "value", "heard"),
    [
        (FUND, {"id": "F001"}, Prompted("growth")),
        (FUND, {"id": "F002"}, Prompted("bonds")),
        (FUND, {"id": "F003"}, Prompted("a-fund")),
        (FUND, {"id": "519674"}, Spoken("digits", "519674")),
        (FUND, {"id": ""}, Prompted("a-fund")),
        (FUND, {"id": None}, Prompted("a-fund")),
        (FUND, {"id": Money(5)}, Prompted("a-fund")),
        (BANK, "102", Prompted("icbc")),
        (BANK, 102, Prompted("icbc")),
        (BANK, "308", Spoken("digits", "308")),
    ],
)
def test_a_prompt_is_picked_by_a_value(item: object, value: Value, heard: Audible) -> None:
    scope: dict[str, Value] = {"fund": value, "bank": value}
    assert speech(item).audible(scope) == (heard,)


def test_nothing_to_pick_and_nothing_else_is_an_error() -> None:
    with pytest.raises(EvaluationError):
        speech(BANK).audible({"bank": "ICBC"})


def test_what_may_be_another_value_needs_an_else() -> None:
    with pytest.raises(ValidationError, match="may be another one than those"):
        speech({"pick": "{{ fund.id }}", "from": {"F001": "growth"}})
    with pytest.raises(ValidationError, match="at least 1"):
        speech({"pick": "{{ fund.id }}", "from": {}, "else": "x"})


def test_every_prompt_that_may_be_picked_is_told() -> None:
    said = speech("lead", FUND, {"prompt": "hint", "language": "en"})
    ids = [(prompt.id, prompt.language) for prompt in said.prompts()]
    names = ["lead", "growth", "bonds", "a-fund"]
    assert ids == [*((name, None) for name in names), ("hint", "en")]


def test_what_is_heard_whatever_is_computed() -> None:
    said = speech("lead", FUND, {"money": "5.00"}, {"name": "{{ payee }}"}, {"digits": "12"})
    assert [*said.known()] == [Prompted("lead"), Spoken("money", "5.00"), Spoken("digits", "12")]
    assert [kind for kind, _ in said.computed()] == ["pick", "name"]
