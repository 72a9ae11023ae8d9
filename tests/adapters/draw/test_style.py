"""Words and colours of pictures."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ivr.adapters.draw.style import (
    HEAT,
    NOBODY,
    WIDEST,
    clean,
    colour,
    figures,
    level,
    scale,
    width,
    words,
)
from ivr.centre.traffic import StepTraffic
from ivr.engine.picture import Arrow, Kind


@given(st.integers(1, 10**9))
def test_the_scale_covers_every_number_of_calls_once(most: int) -> None:
    reached = [int(calls.split("–")[-1]) for _, _, calls in scale(most)]
    assert reached[-1] == most
    assert all(low < high for low, high in pairwise(reached))
    for shade, wide, calls in scale(most):
        low, _, high = calls.partition("–")
        assert {colour(int(low), most), colour(int(high or low), most)} == {shade}
        assert width(int(high or low), most) == wide


@given(st.integers(1, 10**6).flatmap(lambda most: st.tuples(st.just(most), st.integers(1, most))))
def test_busier_ways_are_never_paler_or_narrower(figure: tuple[int, int]) -> None:
    most, calls = figure
    assert 1 <= level(calls, most) <= len(HEAT)
    assert width(calls - 1, most) <= width(calls, most) <= width(most, most) == WIDEST
    assert level(calls - 1, most) <= level(calls, most)


def test_a_way_that_nobody_takes() -> None:
    assert (colour(0, 100), width(0, 100)) == (NOBODY, 1.0)
    assert (colour(0, 0), width(0, 0), scale(0)) == (NOBODY, 1.0, [])


def test_figures_of_a_step() -> None:
    assert figures(StepTraffic()) == "no visits"
    assert figures(StepTraffic(1200, {"1": 1200}, 2_400_000, 1200)) == "1,200 visits · 2.0 s"
    gone = StepTraffic(8, {"hangup": 1}, 12_000, 8, lost=1)
    assert figures(gone) == "8 visits · 25.0% gone · 1.5 s"


def test_words_on_an_arrow() -> None:
    assert words(Arrow("a", "b", labels=("1 one", "2 two"))) == ["1 one · 2 two"]
    assert words(Arrow("a", "b", labels=("1 balance", "no input", "invalid"))) == [
        "1 balance",
        "no input",
        "invalid",
    ]
    assert words(Arrow("a", "b", Kind.CALL, ("done",))) == ["back: done"]
    assert words(Arrow("a", "b", Kind.CALL)) == []
    assert words(Arrow("a", "b", labels=("1",), calls=1234)) == ["1", "1,234"]
    assert words(Arrow("a", "b", labels=("1",), calls=0)) == ["1"]


@given(st.text())
def test_clean_texts_are_one_line_of_printable_characters(text: str) -> None:
    cleaned = clean(text)
    assert cleaned == clean(cleaned)
    assert not set(cleaned) & {"\n", "\r", "\t", "\x00", "\ud800", "\uffff"}
