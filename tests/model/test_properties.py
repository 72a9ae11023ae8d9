"""Properties: engine < flow < step."""

from __future__ import annotations

from ivr.model.prompt import BargeIn
from ivr.model.properties import InputRules, Properties


def test_the_innermost_scope_wins_and_the_rest_is_inherited() -> None:
    flow = Properties(timeout_ms=7000, tries=2, bargein=BargeIn.NONE)
    step = Properties(timeout_ms=9000)
    rules = InputRules.of(step.over(flow))
    assert rules.timeout_ms == 9000
    assert rules.no_input_tries == rules.invalid_tries == 2
    assert rules.bargein is BargeIn.NONE
    assert rules.interdigit_ms == 3000  # the engine's


def test_a_kind_of_failure_may_have_its_own_tries() -> None:
    rules = InputRules.of(Properties(tries=3, invalid_tries=1))
    assert (rules.no_input_tries, rules.invalid_tries) == (3, 1)


def test_an_empty_terminator_is_a_choice_not_an_absence() -> None:
    assert InputRules.of(Properties(terminator="")).terminator == ""
