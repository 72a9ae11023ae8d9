"""References: one wrong key never makes another customer's order of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.centre.ledger.references import COUNT, is_reference, reference

NUMBERS = st.integers(0, COUNT - 1)


@given(NUMBERS)
def test_every_reference_is_one(number: int) -> None:
    text = reference(number)
    assert is_reference(text)
    assert int(text[:-1]) == 1_000_000 + number


@given(NUMBERS, st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_is_seen(number: int, place: int, by: int) -> None:
    text = reference(number)
    wrong = str((int(text[place]) + by) % 10)
    assert not is_reference(text[:place] + wrong + text[place + 1 :])


@given(NUMBERS, st.integers(0, 6))
def test_two_digits_swapped_are_seen(number: int, place: int) -> None:
    text = reference(number)
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    assert is_reference(swapped) == (swapped == text)


@pytest.mark.parametrize("text", ["", "1234567", "123456789", "1234567x", "１２３４５６７８"])
def test_what_is_no_reference(text: str) -> None:
    assert not is_reference(text)


@pytest.mark.parametrize("number", [-1, COUNT])
def test_there_are_no_others(number: int) -> None:
    with pytest.raises(ValueError, match="there is no reference"):
        reference(number)
