"""The guardrail: rarely a false alarm however often one looks, and harm is found."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from math import exp, isclose, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.centre.guardrail import MULTIPLES, Evidence, Guardrail, Metric, Settings, State

NONE: frozenset[Metric] = frozenset()
HOUR = timedelta(hours=1)
SHARE = 0.05
USUAL = Settings()

shares = st.floats(0.01, 0.9)
harms = st.floats(1.1, 10)


def evidence(
    calls: Iterator[tuple[bool, bool]] | list[tuple[bool, bool]],
    share: float = SHARE,
    settings: Settings = USUAL,
) -> Evidence:
    """Return what calls (on the canary?, bad?) say."""
    found = Evidence(settings)
    for canary, bad in calls:
        found.take(canary, share, bad)
    return found


def guardrail(settings: Settings, *sides: tuple[bool, frozenset[Metric], int]) -> Guardrail:
    """Return a guardrail that has seen so many callers of each side, dealt evenly."""
    watching = Guardrail(settings)
    number = 0
    for canary, bad, count in sides:
        for _ in range(count):
            watching.take(f"138{number:08d}", canary, 0.5, bad)
            number += 1
    return watching


# ------------------------------------------------------------------------------ the formula


def test_evidence_is_the_likelihood_ratio_in_exact_fractions() -> None:
    """Three bad calls of the canary and four stable ones, share 1/20, harm 2, 8 and 32."""
    share = Fraction(1, 20)
    found = evidence([(True, True)] * 3 + [(False, True)] * 4 + [(True, False), (False, False)])

    def ratio(r: int) -> Fraction:
        odds = Fraction(19, 20) + share * r
        return (r / odds) ** 3 * (1 / odds) ** 4

    assert found.of_harm == pytest.approx(float(sum(map(ratio, (2, 8, 32))) / 3), rel=1e-12)
    rare = Fraction(1, 2) ** 3 * Fraction(99, 98)
    assert found.of_no_harm == pytest.approx(float((1 / ratio(2) + rare) / 2), rel=1e-12)


@given(shares, harms)
def test_without_harm_the_next_call_is_expected_to_change_nothing(
    share: float, harm: float
) -> None:
    """The law behind Ville's inequality: a bad call is the canary's with probability `share`."""
    settings = Settings(harm=harm)
    one, other = (evidence([(side, True)], share, settings).of_harm for side in (True, False))
    assert isclose(share * one + (1 - share) * other, 1)


@given(shares, harms, st.floats(1, 5))
def test_with_harm_the_evidence_of_none_is_expected_not_to_grow(
    share: float, harm: float, more: float
) -> None:
    """A canary `harm` times as bad or worse, and at the floor or above, whichever is asked."""
    settings = Settings(harm=harm)
    ratio = harm * more
    hit = share * ratio / (1 - share + share * ratio)
    odds = 1 - share + share * harm
    assert hit * odds / harm + (1 - hit) * odds <= 1 + 1e-9
    floor, worse = settings.floor, min(1.0, settings.floor * more)
    assert worse / 2 + (1 - worse) * (1 - floor / 2) / (1 - floor) <= 1 + 1e-9
    rare = 2 * evidence([(True, False)], share, settings).of_no_harm - 1
    assert isclose(rare, (1 - floor / 2) / (1 - floor))


def test_the_same_calls_in_another_order_say_the_same() -> None:
    calls = [(True, True)] * 5 + [(False, True)] * 30 + [(True, False)] * 40
    mixed = random.Random(1).sample(calls, len(calls))
    assert isclose(evidence(calls).of_harm, evidence(mixed).of_harm)
    assert isclose(evidence(calls).of_no_harm, evidence(mixed).of_no_harm)


def test_evidence_never_overflows() -> None:
    one = evidence([(True, True)] * 5_000)
    assert one.of_harm > 1e100
    other = evidence([(False, True)] * 100_000)
    assert other.of_harm < 1e-100
    assert other.of_no_harm > 1e100


# ------------------------------------------------------------------- how often it is wrong


def ever_crosses(share: float, bound: float, tosses: int) -> float:
    """Return the probability that the evidence ever reaches `bound`, without harm: exactly.

    Evidence depends only on how many of the bad calls were the canary's, so a walk over that number
    gives the distribution of all canaries that have not been stopped yet.
    """
    log_odds = [log(1 - share + share * 2 * multiple) for multiple in MULTIPLES]
    going, stopped = {0: 1.0}, 0.0
    for count in range(1, tosses + 1):
        after: dict[int, float] = {}
        for hits, probability in going.items():
            after[hits + 1] = after.get(hits + 1, 0.0) + probability * share
            after[hits] = after.get(hits, 0.0) + probability * (1 - share)
        going = {}
        for hits, probability in after.items():
            logs = (
                hits * log(2 * multiple) - count * odds
                for multiple, odds in zip(MULTIPLES, log_odds, strict=True)
            )
            if sum(map(exp, logs)) / len(MULTIPLES) >= bound:
                stopped += probability
            else:
                going[hits] = probability
    return stopped


@pytest.mark.parametrize("share", [0.01, 0.05, 0.5])
def test_a_false_alarm_is_as_rare_as_promised_however_often_one_looks(share: float) -> None:
    exact = ever_crosses(share, len(Metric) / USUAL.alpha, 250)
    assert 0 < exact <= USUAL.alpha / len(Metric)


def first_stop(chance: random.Random, share: float, ratio: float, most: int) -> int | None:
    """Return after how many bad calls a canary is stopped, if within `most`."""
    hit = share * ratio / (1 - share + share * ratio)
    found = Evidence(USUAL)
    bound = len(Metric) / USUAL.alpha
    for count in range(1, most + 1):
        found.take(chance.random() < hit, share, True)
        if found.of_harm >= bound:
            return count
    return None


def test_two_thousand_canaries_without_harm_and_as_many_looks_as_calls() -> None:
    chance = random.Random(95500)
    stops = sum(first_stop(chance, SHARE, 1, 100) is not None for _ in range(2_000))
    exact = ever_crosses(SHARE, len(Metric) / USUAL.alpha, 100)
    deviation = (exact * (1 - exact) * 2_000) ** 0.5
    assert abs(stops - 2_000 * exact) <= 4 * deviation
    assert stops / 2_000 <= USUAL.alpha / len(Metric)


def test_a_doubled_rate_is_found_and_a_tenfold_one_much_sooner() -> None:
    """Wald's approximation for harm alone: ln 180 / (expected gain a bad call) is 302 bad calls."""
    chance = random.Random(95501)
    doubled = [first_stop(chance, SHARE, 2, 2_000) for _ in range(60)]
    assert None not in doubled
    mean = sum(filter(None, doubled)) / len(doubled)
    hit = SHARE * 2 / (1 + SHARE)
    gain = hit * log(2 / (1 + SHARE)) - (1 - hit) * log(1 + SHARE)
    assert 0.5 < mean / (log(len(Metric) * len(MULTIPLES) / USUAL.alpha) / gain) < 1.3
    tenfold = [first_stop(chance, SHARE, 10, 2_000) for _ in range(200)]
    assert None not in tenfold
    assert sum(filter(None, tenfold)) / len(tenfold) < mean / 10


def test_harm_is_rarely_called_harmless() -> None:
    """A canary that doubles a rate of a tenth: told harmless in 5 % of cases at most, ever."""
    chance = random.Random(95502)
    wrong = 0
    for _ in range(400):
        found = Evidence(USUAL)
        for _ in range(600):
            canary = chance.random() < 0.2
            found.take(canary, 0.2, chance.random() < (0.2 if canary else 0.1))
            if found.settled or found.of_harm >= 60:
                wrong += found.settled
                break
    assert wrong / 400 <= USUAL.beta


# ------------------------------------------------------------------------------- verdicts


def test_a_canary_whose_callers_all_zero_out_is_harmful() -> None:
    bad = frozenset({Metric.ZERO_OUT})
    report = guardrail(USUAL, (False, NONE, 8), (True, bad, 10)).report(HOUR)
    assert report.state is State.HARMFUL
    assert report.reason == (
        "zero-out 10 of 10 (100.0 %) on the canary, 0 of 8 (0.0 %) on the stable release: "
        f"evidence {report.lines[0].harm:.0f} : 1, 60 : 1 is enough"
    )
    states = {line.metric: line.state for line in report.lines}
    assert states[Metric.ZERO_OUT] is State.HARMFUL
    assert states[Metric.ERRORS] is State.WATCHING


def test_nothing_is_said_before_the_minimum() -> None:
    bad = frozenset({Metric.ERRORS})
    assert guardrail(USUAL, (True, bad, 9)).report(HOUR).state is State.WATCHING
    assert guardrail(USUAL, (True, bad, 10)).report(HOUR).state is State.HARMFUL
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
    found = evidence([(True, False)] * 400)
    assert found.settled
    for _ in range(20):
        found.take(canary=True, share=SHARE, bad=True)
    assert found.of_no_harm < 1
    assert found.settled


def test_of_several_harms_the_first_metric_is_named() -> None:
    everything = guardrail(USUAL, (True, frozenset(Metric), 12)).report(HOUR)
    assert everything.reason.startswith("zero-out 10 of 10")


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
    one = guardrail(USUAL, (True, frozenset({Metric.ERRORS}), 12))
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
