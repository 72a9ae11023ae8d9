"""Laws of asking for an entry, whatever the caller keys."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.centre.input import Ended, Entry, Question, gather
from ivr.model.digits import KEYS, Choices, Digits, Gather, Grammar, Status
from ivr.model.properties import MAX_REPEATS, InputRules, Properties
from ivr.model.secret import Secret
from ivr.model.session import Frame, Session
from ivr.model.speech import Speech
from ivr.model.step import Context
from ivr.ports.channel import Collect, Collected, Play, Played

CONTEXT = Context(
    Session("1", "v", "95500", "", "zh", datetime(2026, 11, 23, tzinfo=UTC), (Frame("f", "s"),))
)
SAID = {number: Speech.model_validate(f"said-{number}") for number in (1, 2)}

grammars: st.SearchStrategy[Grammar] = st.one_of(
    st.builds(Choices, st.sampled_from([("1", "2"), ("1", "10"), ("0", "12", "123"), ("#",)])),
    st.builds(Digits, st.integers(1, 3), st.integers(3, 5)),
)
rules = st.builds(
    lambda tries, no_input, invalid, most: InputRules.of(
        Properties(tries=tries, no_input_tries=no_input, invalid_tries=invalid, max_failures=most)
    ),
    st.integers(1, 4),
    st.none() | st.integers(1, 4),
    st.none() | st.integers(1, 4),
    st.integers(1, 6),
)
entries = st.lists(st.text(KEYS, max_size=6), min_size=1, max_size=12)


def _question(grammar: Grammar, *, back: bool, secret: bool) -> Question:
    repeat = "9" if isinstance(grammar, Choices) else ""
    return Question(
        {1: SAID[1]}, grammar, SAID, SAID, repeat, cleared=SAID[2], back=back, secret=secret
    )


def _keyed(command: Collect, keys: str) -> Collected:
    machine = Gather(command.grammar)
    status = next((s for key in keys if (s := machine.press(key)) is not None), None)
    status = status or machine.expire()
    if command.secret:
        return Collected(status, secret=Secret("1" * len(machine.entry)))
    return Collected(status, machine.entry)


def _play(script: Any, keyed: list[str]) -> tuple[Entry, list[Any]]:
    """Answer with `keyed`, over and over; return the entry and what was asked."""
    asked: list[Any] = []
    answer: Any = None
    rounds = 0
    while True:
        try:
            command = script.send(answer)
        except StopIteration as stop:
            return stop.value, asked
        asked.append(command)
        if isinstance(command, Collect):
            answer = _keyed(command, keyed[rounds % len(keyed)])
            rounds += 1
        else:
            answer = Played(interrupted=False) if isinstance(command, Play) else None


@given(grammars, rules, entries, st.booleans(), st.booleans())
def test_asking_ends_within_its_bounds(
    grammar: Grammar, rules: InputRules, keyed: list[str], back: bool, secret: bool
) -> None:
    secret = secret and isinstance(grammar, Digits)
    question = _question(grammar, back=back, secret=secret)
    entry, asked = _play(gather(CONTEXT, question, rules), keyed)
    collects = [command for command in asked if isinstance(command, Collect)]
    assert len(collects) <= rules.max_failures + MAX_REPEATS + 1
    assert entry.failures <= min(rules.max_failures, rules.no_input_tries + rules.invalid_tries - 1)
    if entry.ended is Ended.ENTERED and not secret:
        assert grammar.is_valid(entry.digits)
    if entry.ended is Ended.BACK:
        assert back


@given(grammars, rules, entries)
def test_an_invalid_entry_is_answered_with_a_prompt_that_cannot_be_cut(
    grammar: Grammar, rules: InputRules, keyed: list[str]
) -> None:
    _, asked = _play(gather(CONTEXT, _question(grammar, back=True, secret=False), rules), keyed)
    for command in asked:
        if isinstance(command, Play):
            assert command.flush
            assert command.bargein == "none"


@given(rules, entries)
def test_a_secret_forgets_keys_typed_before_the_first_question_only(
    rules: InputRules, keyed: list[str]
) -> None:
    question = _question(Digits(4, 6), back=True, secret=True)
    _, asked = _play(gather(CONTEXT, question, rules), keyed)
    collects = [command for command in asked if isinstance(command, Collect)]
    assert [command.flush for command in collects] == [True] + [False] * (len(collects) - 1)


def test_secrets_that_are_no_entry_are_wiped() -> None:
    wrong, right = Secret("12"), Secret("123456")
    script = gather(
        CONTEXT, _question(Digits(6, 6), back=False, secret=True), InputRules.of(Properties())
    )
    next(script)
    script.send(Collected(Status.TIMEOUT_PARTIAL, secret=wrong))
    script.send(Played(interrupted=False))
    with pytest.raises(StopIteration) as stopped:
        script.send(Collected(Status.COMPLETE_LEN, secret=right))
    entry: Entry = stopped.value.value
    assert len(wrong) == 0
    assert entry.secret is right
    assert len(right) == 6
