"""Which callers hear a canary: as many as were meant, always the same, and more of them only."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.centre.canary import Canary, Stage, place

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)

salts = st.text(st.characters(codec="ascii"), max_size=20)
numbers = st.text("0123456789", min_size=1, max_size=15)
shares = st.floats(0.001, 0.999)


def canary(salt: str, *shares: float) -> Canary:
    return Canary("v2", salt, tuple(Stage(MONDAY + n * HOUR, one) for n, one in enumerate(shares)))


@given(salts, shares)
@settings(max_examples=25)
def test_the_share_is_what_was_asked_for(salt: str, share: float) -> None:
    """Of 1,000 callers, within five standard deviations: once in 1.7 million by chance."""
    count = 1_000
    one = canary(salt, share)
    taken = sum(one.takes(f"138{n:08d}", "", MONDAY) for n in range(count))
    assert abs(taken - count * share) <= 5 * sqrt(count * share * (1 - share)) + 1


@given(salts, numbers, st.text(max_size=9), st.text(max_size=9), shares)
def test_a_caller_stays_on_their_side(
    salt: str, ani: str, first: str, second: str, share: float
) -> None:
    one = canary(salt, share)
    assert one.takes(ani, first, MONDAY) == one.takes(ani, second, MONDAY + 9 * HOUR)


@given(salts, numbers, st.lists(shares, min_size=2, max_size=5).map(sorted))
def test_raising_the_share_puts_nobody_out(salt: str, ani: str, rising: list[float]) -> None:
    one = canary(salt, *rising)
    sides = [one.takes(ani, "c", MONDAY + n * HOUR) for n in range(len(rising))]
    assert sides == sorted(sides)


def test_a_raise_holds_from_its_moment_on() -> None:
    one = canary("salt", 0.1, 0.4)
    assert [one.share_at(MONDAY + n * HOUR / 2) for n in (0, 1, 2, 3)] == [0.1, 0.1, 0.4, 0.4]
    assert one.share == 0.4


def test_withheld_numbers_are_placed_by_their_calls() -> None:
    one = canary("salt", 0.5)
    sides = {one.takes("", f"1764000000.{n}", MONDAY) for n in range(20)}
    assert sides == {True, False}
    assert one.takes("", "1764000000.1", MONDAY) == one.takes("", "1764000000.1", MONDAY + HOUR)


def test_the_next_canary_takes_others() -> None:
    """Independent draws of a tenth share a hundredth: 100 of 10,000, give or take 50."""
    callers = [f"138{n:08d}" for n in range(10_000)]
    both = sum(place("one", ani, "") < 0.1 > place("two", ani, "") for ani in callers)
    assert 50 < both < 150


def test_nobody_is_taken_before_it_begins() -> None:
    one = canary("salt", 0.999)
    assert one.takes("13800000001", "", MONDAY)
    assert not one.takes("13800000001", "", MONDAY - timedelta(milliseconds=1))
    assert (one.since, one.share_at(MONDAY), one.share) == (MONDAY, 0.999, 0.999)


@pytest.mark.parametrize(
    ("ani", "call_id", "hashed"), [("138", "c", "ani 138"), ("", "c", "call c")]
)
def test_the_place_is_the_first_53_bits_of_sha_256(ani: str, call_id: str, hashed: str) -> None:
    digits = hashlib.sha256(f"salt {hashed}".encode()).hexdigest()
    assert place("salt", ani, call_id) == int(bin(int(digits, 16) + (1 << 256))[3:56], 2) / 2**53
