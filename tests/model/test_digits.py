"""Gathering keys: every way an entry can end, and laws that hold for all of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.model.digits import KEYS, Choices, Digits, Gather, Grammar, Status

ACCOUNT = Digits(4, 6)


def play(grammar: Grammar, keys: str) -> tuple[Status, str]:
    """Press keys; a `.` is a timer that expires."""
    gather = Gather(grammar)
    for key in keys:
        status = gather.expire() if key == "." else gather.press(key)
        if status is not None:
            return status, gather.entry
    raise AssertionError("the entry is not over")


@pytest.mark.parametrize(
    ("grammar", "keys", "status", "entry"),
    [
        (ACCOUNT, "123456", Status.COMPLETE_LEN, "123456"),
        (ACCOUNT, "1234#", Status.COMPLETE_TERM, "1234"),
        (ACCOUNT, "1234.", Status.COMPLETE_TIMEOUT, "1234"),
        (ACCOUNT, "12.", Status.TIMEOUT_PARTIAL, "12"),
        (ACCOUNT, "12#", Status.NO_MATCH, "12"),
        (ACCOUNT, "#", Status.EMPTY_TERM, ""),
        (ACCOUNT, ".", Status.TIMEOUT_EMPTY, ""),
        (ACCOUNT, "12*", Status.CANCELLED, "12"),
        (ACCOUNT, "*", Status.CANCELLED, ""),
        (Digits(4, 6, cleared=True), "*", Status.BACK, ""),
        (Digits(4, 6, cleared=True), "1*", Status.CANCELLED, "1"),
        (Digits(4, 6, terminator=""), "12#", Status.NO_MATCH, "12#"),
        (Choices(("1", "2")), "1", Status.COMPLETE_LEN, "1"),
        (Choices(("1", "2")), "3", Status.NO_MATCH, "3"),
        (Choices(("1", "10")), "10", Status.COMPLETE_LEN, "10"),
        (Choices(("1", "10")), "1.", Status.COMPLETE_TIMEOUT, "1"),
        (Choices(("1", "10")), "12", Status.NO_MATCH, "12"),
        (Choices(("1", "10"), "#"), "1#", Status.COMPLETE_TERM, "1"),
        (Choices(("1", "10")), "1#", Status.NO_MATCH, "1#"),
        (Choices(("1", "1#"), "#"), "1#", Status.COMPLETE_LEN, "1#"),
        (Choices(("10", "2"), "#"), "1#", Status.NO_MATCH, "1"),
        (Choices(("1", "10"), "#"), "#", Status.NO_MATCH, "#"),
        (Choices(("10",)), "1.", Status.TIMEOUT_PARTIAL, "1"),
        (Choices(("*", "#")), "#", Status.COMPLETE_LEN, "#"),
    ],
)
def test_how_entries_end(grammar: Grammar, keys: str, status: Status, entry: str) -> None:
    assert play(grammar, keys) == (status, entry)


def test_only_a_key_that_begins_something_may_cut_a_prompt() -> None:
    menu = Gather(Choices(("1", "20"), "#"))
    assert [key for key in KEYS if menu.begins(key)] == ["1", "2"]
    entry = Gather(ACCOUNT)
    assert [key for key in KEYS if entry.begins(key)] == list(KEYS)


grammars = st.one_of(
    st.sets(st.text(KEYS, min_size=1, max_size=3), min_size=1, max_size=8).map(
        lambda keys: Choices(tuple(sorted(keys)))
    ),
    st.tuples(st.integers(1, 6), st.integers(0, 6)).map(lambda n: Digits(n[0], n[0] + n[1])),
)


@given(grammars, st.text(KEYS, max_size=20))
def test_a_complete_entry_is_valid_and_a_valid_one_can_be_keyed(
    grammar: Grammar, keys: str
) -> None:
    gather = Gather(grammar)
    status = None
    for key in keys:
        status = gather.press(key)
        if status is not None:
            break
    status = status or gather.expire()
    assert status.complete == (
        grammar.is_valid(gather.entry) and status not in (Status.CANCELLED, Status.BACK)
    )


@given(grammars, st.text(KEYS, max_size=20))
def test_no_entry_is_longer_than_its_grammar_allows_by_more_than_the_wrong_key(
    grammar: Grammar, keys: str
) -> None:
    assert isinstance(grammar, Digits | Choices)
    longest = grammar.most if isinstance(grammar, Digits) else max(map(len, grammar.keys))
    gather = Gather(grammar)
    for key in keys:
        if gather.press(key) is not None:
            break
    assert len(gather.entry) <= longest + 1
