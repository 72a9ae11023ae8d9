"""How patient callers are, from waits of which many are cut short by an answer."""

from __future__ import annotations

import random
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.centre.patience import Patience, Waited, exponential, kaplan_meier

BY_HAND = kaplan_meier(
    [
        # still there, gave up: 6, 1 → 5/6; 4, 2 → 5/6 · 1/2; 1, 1 → 0. The answered leave silently.
        Waited(10, True),
        Waited(12, False),
        Waited(20, True),
        Waited(20, True),
        Waited(20, False),
        Waited(30, True),
    ]
)


def test_by_hand() -> None:
    assert list(BY_HAND.times) == [10, 20, 30]
    assert list(BY_HAND.surviving) == pytest.approx([5 / 6, 5 / 12, 0])
    assert (BY_HAND.callers, BY_HAND.gave_up) == (6, 4)
    assert BY_HAND.mean_s == pytest.approx((10 + 12 + 60 + 30) / 4)


@pytest.mark.parametrize(
    ("wait", "share"), [(0, 1), (9.9, 1), (10, 5 / 6), (19, 5 / 6), (20, 5 / 12), (99, 0)]
)
def test_survival(wait: float, share: float) -> None:
    assert BY_HAND.survival(wait) == pytest.approx(share)


@pytest.mark.parametrize(
    ("chance", "patience"),
    [(0, 10), (0.16, 10), (0.17, 20), (0.58, 20), (0.59, 30), (0.9999, 30)],
)
def test_a_sample_is_the_survival_turned_round(chance: float, patience: float) -> None:
    assert BY_HAND.sample(chance) == patience


def test_nobody_gave_up() -> None:
    endless = kaplan_meier([Waited(30, False), Waited(0, False)])
    assert (endless.mean_s, endless.sample(0.99), endless.survival(1e9)) == (inf, inf, 1)
    assert kaplan_meier([]) == Patience((), (), 0.0, 0, 0)


def test_beyond_what_was_seen_it_goes_on_exponentially() -> None:
    seen = kaplan_meier([Waited(10, True), Waited(40, False)])
    assert seen.sample(0.4) == 10
    assert seen.sample(0.5) == 10
    assert seen.sample(0.75) == pytest.approx(10 + 50 * 0.6931, abs=0.01)


def test_exponential() -> None:
    assert exponential(120).sample(0.5) == pytest.approx(120 * 0.6931, abs=0.01)
    with pytest.raises(ValueError, match="positive"):
        exponential(0)


@given(st.lists(st.builds(Waited, st.integers(0, 60), st.booleans())), st.floats(0, 0.999))
def test_survival_falls_and_samples_are_never_negative(waits: list[Waited], chance: float) -> None:
    patience = kaplan_meier(waits)
    assert list(patience.surviving) == sorted(patience.surviving, reverse=True)
    assert patience.sample(chance) >= 0


@given(st.lists(st.integers(1, 60), min_size=1))
def test_without_an_answer_it_is_the_plain_share(waits: list[int]) -> None:
    patience = kaplan_meier(Waited(one, True) for one in waits)
    for at in range(61):
        plain = sum(one > at for one in waits) / len(waits)
        assert patience.survival(at) == pytest.approx(plain)


def test_it_finds_the_patience_that_answers_hide() -> None:
    """Callers give up after 60 s in the mean, but are answered after 30 s in the mean."""
    chance = random.Random(1)
    pairs = [(chance.expovariate(1 / 60), chance.expovariate(1 / 30)) for _ in range(5000)]
    patience = kaplan_meier(Waited(min(pair), pair[0] < pair[1]) for pair in pairs)
    assert patience.mean_s == pytest.approx(60, rel=0.05)
    assert patience.survival(60) == pytest.approx(0.368, abs=0.04)
