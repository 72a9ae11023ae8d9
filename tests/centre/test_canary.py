"""Which callers hear a canary: as many as were meant, always the same, and more of them only."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ivr.centre.canary import Canary, Stage, place
from ivr.ports.store import CallRecord

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)

salts = st.text(st.characters(codec="ascii"), max_size=20)
numbers = st.text("0123456789", min_size=1, max_size=15)
shares = st.floats(0.001, 0.999)


def canary(salt: str, *shares: float) -> Canary:
    """A trial whose share changes every hour."""
    stages = tuple(Stage(MONDAY + n * HOUR, share) for n, share in enumerate(shares))
    return Canary(7, "v2", salt, stages)


def call(ani: str, version: str, started: datetime = MONDAY) -> CallRecord:
    """A call that is over."""
    return CallRecord(
        call_id="1764000000.1",
        started=started,
        ended=started + HOUR / 20,
        dnis="95500",
        ani=ani,
        flow="main",
        version=version,
        language="zh",
        reason="hangup",
        zero_out=False,
        failed=False,
        abandoned=False,
        contained=True,
    )


@given(salts, shares)
@settings(max_examples=25)
def test_the_share_is_what_was_asked_for(salt: str, share: float) -> None:
    """Of 1,000 callers, within five standard deviations: once in 1.7 million by chance."""
    count = 1_000
    one = canary(salt, share)
    taken = sum(one.takes(f"138{n:08d}", "") for n in range(count))
    assert abs(taken - count * share) <= 5 * sqrt(count * share * (1 - share)) + 1


@given(salts, numbers, st.text(max_size=9), st.text(max_size=9), shares)
def test_a_caller_stays_on_their_side(
    salt: str, ani: str, first: str, second: str, share: float
) -> None:
    one = canary(salt, share)
    assert one.takes(ani, first) == one.takes(ani, second)


@given(salts, numbers, st.lists(shares, min_size=1, max_size=5))
def test_whatever_share_is_asked_for_nobody_is_put_out(
    salt: str, ani: str, asked: list[float]
) -> None:
    one = canary(salt, asked[0])
    sides = [one.takes(ani, "c")]
    for share in asked[1:]:
        one = one.raised(Stage(MONDAY, share))
        sides.append(one.takes(ani, "c"))
    assert sides == sorted(sides)
    assert one.share == max(asked)


def test_a_raise_holds_from_its_moment_on() -> None:
    one = canary("salt", 0.1, 0.4)
    assert [one.share_at(MONDAY + n * HOUR / 2) for n in (-1, 0, 1, 2, 3)] == [
        0,
        0.1,
        0.1,
        0.4,
        0.4,
    ]
    assert (one.since, one.share) == (MONDAY, 0.4)


def test_withheld_numbers_are_placed_by_their_calls() -> None:
    one = canary("salt", 0.5)
    assert {one.takes("", f"1764000000.{n}") for n in range(20)} == {True, False}


def test_the_next_canary_takes_others() -> None:
    """Independent draws of a tenth share a hundredth: 100 of 10,000, give or take 50."""
    callers = [f"138{n:08d}" for n in range(10_000)]
    both = sum(place("one", ani, "") < 0.1 > place("two", ani, "") for ani in callers)
    assert 50 < both < 150


@pytest.mark.parametrize(
    ("ani", "call_id", "hashed"), [("138", "c", "ani 138"), ("", "c", "call c")]
)
def test_the_place_is_the_first_53_bits_of_sha_256(ani: str, call_id: str, hashed: str) -> None:
    digits = hashlib.sha256(f"salt {hashed}".encode()).hexdigest()
    assert place("salt", ani, call_id) == int(bin(int(digits, 16) + (1 << 256))[3:56], 2) / 2**53


def test_calls_that_can_be_compared() -> None:
    one = canary("salt", 0.3, 0.8)
    early, late, never = (
        next(ani for ani in map(str, range(1_000)) if low <= place("salt", ani, "") < high)
        for low, high in ((0, 0.3), (0.3, 0.8), (0.8, 1))
    )
    on_the_canary = [call(early, "v2"), call(late, "v2", MONDAY + HOUR)]
    on_the_stable = [call(late, "v1"), call(never, "v1", MONDAY + HOUR)]
    assert all(one.counts(each, "v1") for each in (*on_the_canary, *on_the_stable))
    assert [one.took(each) for each in (*on_the_canary, *on_the_stable)] == [
        True,
        True,
        False,
        False,
    ]
    others = {
        "began on a node that was late": call(early, "v1"),
        "resumed from before": call(early, "v1", MONDAY - HOUR),
        "before the trial": call(never, "v1", MONDAY - HOUR),
        "of a third version": call(never, "v0"),
        "in progress": replace(call(never, "v1"), ended=None),
    }
    assert not [why for why, each in others.items() if one.counts(each, "v1")]
