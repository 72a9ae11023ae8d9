"""The guardrail: rarely a false alarm however often one looks, and harm is found."""

from __future__ import annotations

import random
from datetime import timedelta
from fractions import Fraction
from itertools import chain, combinations, zip_longest
from math import comb, isclose, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.centre.guardrail import (
    KEPT,
    MULTIPLES,
    Evidence,
    Guardrail,
    Metric,
    Settings,
    State,
    likelihood_ratio,
)
from ivr.centre.rates import Rate

NONE: frozenset[Metric] = frozenset()
HOUR = timedelta(hours=1)
USUAL = Settings()

harms = st.floats(1.1, 40)
blocks = st.tuples(st.integers(1, 4), st.integers(1, 12)).flatmap(
    lambda sizes: st.tuples(st.just(sizes[0]), st.just(sizes[1]), st.integers(0, sum(sizes)))
)


def guardrail(settings: Settings, *sides: tuple[bool, frozenset[Metric], int]) -> Guardrail:
    """Return a guardrail that has seen so many callers of each side, in turn while both have some."""
    watching = Guardrail(settings)
    callers = [[(canary, bad)] * count for canary, bad, count in sides]
    in_turn = chain.from_iterable(zip_longest(*callers))
    for number, caller in enumerate(one for one in in_turn if one is not None):
        watching.take(f"138{number:08d}", caller[0], 0.5, caller[1])
    return watching


# ------------------------------------------------------------------------------ the formula


def lottery(canary: int, stable: int, bad: int, ratio: Fraction | int) -> dict[int, Fraction]:
    """Return how likely each number of bad calls is on the canary, by counting all draws."""
    chances: dict[int, Fraction] = {}
    for drawn in combinations(range(canary + stable), bad):
        hits = sum(lot < canary for lot in drawn)
        chances[hits] = chances.get(hits, Fraction(0)) + Fraction(ratio) ** hits
    total = sum(chances.values())
    return {hits: chance / total for hits, chance in chances.items()}


@given(blocks, st.integers(2, 40))
def test_a_block_is_weighed_as_if_all_draws_were_counted(
    block: tuple[int, int, int], ratio: int
) -> None:
    canary, stable, bad = block
    with_harm, without = (lottery(canary, stable, bad, one) for one in (ratio, 1))
    for hits in with_harm:
        found = likelihood_ratio(Rate(hits, canary), Rate(bad - hits, stable), ratio)
        assert isclose(found, with_harm[hits] / without[hits], rel_tol=1e-12)


@given(blocks, harms)
def test_without_harm_a_block_is_expected_to_change_nothing(
    block: tuple[int, int, int], harm: float
) -> None:
    """The law behind Ville's inequality."""
    canary, stable, bad = block
    expected = sum(
        float(chance) * likelihood_ratio(Rate(hits, canary), Rate(bad - hits, stable), harm)
        for hits, chance in lottery(canary, stable, bad, 1).items()
    )
    assert isclose(expected, 1)


@given(blocks, st.integers(2, 10), st.integers(1, 4))
def test_with_harm_the_evidence_of_none_is_expected_not_to_grow(
    block: tuple[int, int, int], harm: int, more: int
) -> None:
    """With the odds that are worth stopping for, or with worse."""
    canary, stable, bad = block
    expected = sum(
        float(chance) / likelihood_ratio(Rate(hits, canary), Rate(bad - hits, stable), harm)
        for hits, chance in lottery(canary, stable, bad, harm * more).items()
    )
    assert expected <= 1 + 1e-9


@given(st.floats(0.001, 0.9), st.floats(1, 5))
def test_above_the_floor_the_evidence_of_rarity_is_expected_not_to_grow(
    floor: float, more: float
) -> None:
    rate = min(1.0, floor * more)
    good, bad = (Evidence(Settings(floor=floor)) for _ in range(2))
    good.count(canary=True, bad=False)
    bad.count(canary=True, bad=True)
    # The other half of the mean is 1 until a block is full.
    assert (1 - rate) * (2 * good.of_no_harm - 1) + rate * (2 * bad.of_no_harm - 1) <= 1 + 1e-9


def test_evidence_of_a_few_blocks_in_exact_fractions() -> None:
    """One canary call among four, by hand: k of them bad, of which one is the canary's or none."""
    found = Evidence(USUAL)
    for canary, stable in (((1, 1), (0, 3)), ((1, 1), (1, 3)), ((0, 1), (2, 3))):
        found.weigh(Rate(*canary), Rate(*stable))

    def ratio(r: int) -> Fraction:
        return Fraction(4 * r, r + 3) * Fraction(2 * r, r + 1) * Fraction(2, r + 1)

    assert found.of_harm == pytest.approx(float(sum(map(ratio, (2, 8, 32))) / 3), rel=1e-12)
    assert found.of_no_harm == pytest.approx(float((1 / ratio(2) + 1) / 2), rel=1e-12)


def test_a_block_waits_for_both_sides_and_takes_no_calls_of_another_time() -> None:
    """A fifth: four stable calls to one. Of a hundred that waited, the latest sixteen count."""
    one = Guardrail(Settings(minimum=1))
    for number in range(84):
        one.take(f"early {number}", False, 0.2, frozenset({Metric.ERRORS}))
    for number in range(16):
        one.take(f"late {number}", False, 0.2, NONE)
    one.take("canary", True, 0.2, frozenset({Metric.ERRORS}))
    line = one.report(HOUR).lines[1]
    assert (line.stable.hits, line.stable.count) == (84, 100)
    expected = [likelihood_ratio(Rate(1, 1), Rate(0, 16), 2 * n) for n in MULTIPLES]
    assert line.harm == pytest.approx(sum(expected) / 3)
    one.take("next", True, 0.2, frozenset({Metric.ERRORS}))
    assert one.report(HOUR).lines[1].harm == line.harm
    for number in range(4):
        assert one.report(HOUR).lines[1].harm == line.harm
        one.take(f"with it {number}", False, 0.2, NONE)
    assert one.report(HOUR).lines[1].harm > line.harm


def test_a_block_that_waits_for_stable_calls_keeps_the_latest_of_the_canary() -> None:
    one = Guardrail(Settings(minimum=1))
    for number in range(3 + KEPT):
        one.take(str(number), True, 0.5, NONE if number >= 3 else frozenset({Metric.ERRORS}))
    one.take("stable", False, 0.5, NONE)
    assert one.report(HOUR).lines[1].harm == 1


def test_evidence_never_overflows() -> None:
    found, other = Evidence(USUAL), Evidence(USUAL)
    for _ in range(3_000):
        found.weigh(Rate(1, 1), Rate(0, 1))
        other.weigh(Rate(0, 4), Rate(4_000, 4_000))
    assert found.of_harm > 1e100
    assert other.of_harm < 1e-100
    assert other.of_no_harm > 1e100


# ------------------------------------------------------------------- how often it is wrong


def ever_crosses(bound: float, tosses: int) -> float:
    """Return the probability that the evidence of pairs ever reaches `bound`, without harm: exactly.

    A pair says something when one of its calls went wrong and the other did not. Without harm that
    is a toss of a coin, so a walk over the canary's losses gives the distribution of all canaries
    that have not been stopped yet.
    """
    going, stopped = {0: 1.0}, 0.0
    for count in range(1, tosses + 1):
        after: dict[int, float] = {}
        for lost, probability in going.items():
            after[lost + 1] = after.get(lost + 1, 0.0) + probability / 2
            after[lost] = after.get(lost, 0.0) + probability / 2
        going = {}
        for lost, probability in after.items():
            ratios = [Fraction(2**count * (2 * n) ** lost, (2 * n + 1) ** count) for n in MULTIPLES]
            if sum(ratios) / len(ratios) >= bound:
                stopped += probability
            else:
                going[lost] = probability
    return stopped


PROMISED = USUAL.alpha / len(Metric)


def stops(chance: random.Random, share: int, rate: float, harm: float, blocks: int) -> int | None:
    """Return after how many blocks of 1 : `share` calls a canary is stopped, if within `blocks`."""
    odds = harm * rate / (1 - rate)
    worse = odds / (1 + odds)
    spread = [comb(share, k) * rate**k * (1 - rate) ** (share - k) for k in range(share + 1)]
    found = Evidence(USUAL)
    for count, hits in enumerate(chance.choices(range(share + 1), spread, k=blocks), 1):
        found.weigh(Rate(chance.random() < worse, 1), Rate(hits, share))
        if found.of_harm >= 1 / PROMISED:
            return count
    return None


@pytest.mark.proof
def test_a_false_alarm_in_two_thousand_canaries_looked_at_always() -> None:
    """Of pairs, a fifth of whose calls are bad; the exact probability is known."""
    chance = random.Random(95500)
    alarms = sum(stops(chance, 1, 0.2, 1, 40) is not None for _ in range(2_000))
    assert alarms / 2_000 <= PROMISED
    # So many blocks hold 13 tosses on average, and hardly ever more than 30.
    assert ever_crosses(1 / PROMISED, 20) <= PROMISED
    deviation = (ever_crosses(1 / PROMISED, 30) * 2_000) ** 0.5
    assert alarms <= 2_000 * ever_crosses(1 / PROMISED, 30) + 4 * deviation


def test_false_alarms_are_as_rare_with_one_canary_call_in_twenty() -> None:
    chance = random.Random(95501)
    alarms = sum(stops(chance, 19, 0.2, 1, 40) is not None for _ in range(500))
    assert alarms / 500 <= PROMISED


def test_harm_is_found_and_gross_harm_much_sooner() -> None:
    """Wald's approximation for doubled odds alone: ln(180) / expected gain of a block."""
    chance = random.Random(95502)
    doubled = [stops(chance, 19, 0.2, 2, 1_000) for _ in range(60)]
    assert None not in doubled
    mean = sum(filter(None, doubled)) / len(doubled)
    gain = expected_gain(19, 0.2)
    assert 0.5 < mean / (log(len(MULTIPLES) / PROMISED) / gain) < 1.3
    gross = [stops(chance, 19, 0.2, 30, 1_000) for _ in range(60)]
    assert None not in gross
    assert sum(filter(None, gross)) / len(gross) < mean / 8


def expected_gain(share: int, rate: float) -> float:
    """Return by how much a block with doubled odds raises the log of its likelihood ratio."""
    worse = 2 * rate / (1 + rate)
    gain = 0.0
    for hits in range(share + 1):
        probability = comb(share, hits) * rate**hits * (1 - rate) ** (share - hits)
        for lost, chance in ((1, worse), (0, 1 - worse)):
            likelier = likelihood_ratio(Rate(lost, 1), Rate(hits, share), 2)
            gain += probability * chance * log(likelier)
    return gain


def test_harm_is_rarely_called_harmless() -> None:
    """A canary with twice the odds of a tenth: told harmless in 5 % of cases at most, ever."""
    chance = random.Random(95503)
    wrong = 0
    for _ in range(100):
        found = Evidence(USUAL)
        while not found.settled and found.of_harm < 1 / PROMISED:
            lost, hits = chance.random() < 0.2 / 1.1, sum(chance.random() < 0.1 for _ in range(4))
            found.count(canary=True, bad=lost)
            found.weigh(Rate(lost, 1), Rate(hits, 4))
        wrong += found.settled
    assert wrong / 100 <= USUAL.beta


# ------------------------------------------------------------------------------- verdicts


def test_a_canary_whose_callers_all_zero_out_is_harmful() -> None:
    bad = frozenset({Metric.ZERO_OUT})
    report = guardrail(USUAL, (False, NONE, 10), (True, bad, 10)).report(HOUR)
    assert report.state is State.HARMFUL
    assert report.reason == (
        "zero-out 10 of 10 (100.0 %) on the canary, 0 of 10 (0.0 %) on the stable release: "
        f"evidence {report.lines[0].harm:.0f} : 1, 60 : 1 is enough"
    )
    states = {line.metric: line.state for line in report.lines}
    assert states[Metric.ZERO_OUT] is State.HARMFUL
    assert states[Metric.ERRORS] is State.WATCHING


def test_nothing_is_said_before_the_minimum() -> None:
    bad = frozenset({Metric.ERRORS})
    few, enough = (guardrail(USUAL, (False, NONE, n), (True, bad, n)) for n in (9, 10))
    assert few.report(HOUR).lines[1].harm > few.report(HOUR).lines[1].harm_bound
    assert few.report(HOUR).state is State.WATCHING
    assert enough.report(HOUR).state is State.HARMFUL
    calm = Settings(minimum=1_000)
    good = guardrail(calm, (True, NONE, 999), (False, NONE, 999))
    assert all(line.state is State.HARMLESS for line in good.report(HOUR).lines)
    assert good.report(HOUR).state is State.WATCHING


def test_a_canary_that_does_as_well_becomes_harmless() -> None:
    bad = frozenset({Metric.ABANDONMENT, Metric.ZERO_OUT})
    sides = ((False, NONE, 400), (True, NONE, 400), (False, bad, 100), (True, bad, 60))
    report = guardrail(USUAL, *sides).report(HOUR)
    assert report.state is State.HARMLESS
    assert "safe to promote" in report.reason


def test_metrics_that_are_rare_on_the_canary_do_not_hold_it_up() -> None:
    """With 2 % as the floor: ln 39 / ln(0.99/0.98) is 360.9 good calls."""
    settings = Settings(floor=0.02, beta=0.05)
    assert guardrail(settings, (True, NONE, 360)).report(HOUR).state is State.WATCHING
    assert guardrail(settings, (True, NONE, 361)).report(HOUR).state is State.HARMLESS


def test_evidence_of_no_harm_need_come_only_once() -> None:
    """Ville's inequality is about the highest evidence there ever was."""
    found = Evidence(USUAL)
    for _ in range(400):
        found.count(canary=True, bad=False)
    assert found.settled
    for _ in range(20):
        found.count(canary=True, bad=True)
        found.weigh(Rate(1, 1), Rate(0, 1))
    assert found.of_no_harm < 1
    assert found.settled


def test_of_several_harms_the_first_metric_is_named() -> None:
    sides = (False, NONE, 12), (True, frozenset(Metric), 12)
    assert guardrail(USUAL, *sides).report(HOUR).reason.startswith("zero-out 10 of 10")


def test_what_is_not_decided_in_time_expires() -> None:
    one = guardrail(Settings(hours=2), (True, NONE, 20))
    assert one.report(2 * HOUR - timedelta(seconds=1)).state is State.WATCHING
    assert one.report(2 * HOUR).state is State.EXPIRED
    assert "2 hours" in one.report(2 * HOUR).reason


def test_a_caller_counts_once() -> None:
    one = Guardrail(USUAL)
    for _ in range(100):
        one.take("13800000001", True, 0.5, frozenset({Metric.ERRORS}))
    assert one.report(HOUR).lines[1].canary.count == 1
    assert one.report(HOUR).state is State.WATCHING


def test_a_verdict_of_harm_stays() -> None:
    one = guardrail(USUAL, (False, NONE, 12), (True, frozenset({Metric.ERRORS}), 12))
    assert one.report(HOUR).state is State.HARMFUL
    said = one.report(HOUR)
    for number in range(500):
        one.take(f"later {number}", False, 0.5, frozenset(Metric))
    assert one.report(HOUR) == said


@pytest.mark.parametrize(
    "wrong",
    [
        {"alpha": 0},
        {"beta": 1},
        {"floor": 1.5},
        {"harm": 1},
        {"minimum": 0},
        {"hours": 0},
        {"settle": -1},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"must be|positive"):
        Settings(**wrong)  # type: ignore[arg-type]
