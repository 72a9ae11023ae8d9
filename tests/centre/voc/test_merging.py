"""Merging: what is one matter, whatever order it is read in."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from ivr.centre.voc.alike import alike, buckets, shingles
from ivr.centre.voc.merging import merge
from ivr.centre.voc.values import Classified, Matter
from ivr.model.taxonomy import Merging
from tests.centre.voc.kit import voice

RULES = Merging(days=7)
LONG = "I was charged the annual fee of the card twice in September"
COPY = "I was charged the annual fee of the card twice in september!"


def ids(matters: list[Matter]) -> list[list[int]]:
    return [[int(one.voice.id[-4:]) for one in matter.said] for matter in matters]


def test_the_same_customer_and_theme_within_seven_days_is_one_matter() -> None:
    said = [voice(hour, "cards.fees", who="C1") for hour in (0, 24 * 7, 24 * 14 + 1)]
    assert ids(merge(said, RULES)) == [[0, 168], [337]]


def test_other_customers_themes_and_unknown_ones_are_other_matters() -> None:
    said = [
        voice(1, "cards.fees", who="C1"),
        voice(2, "cards.fees", who="C2"),
        voice(3, "cards.lost", who="C1"),
        voice(4, "cards.fees"),
        voice(5, "cards.fees"),
        voice(6, "", who="C1"),
        voice(7, "", who="C1"),
    ]
    assert ids(merge(said, RULES)) == [[1], [2], [3], [4], [5], [6], [7]]


def test_nearly_equal_texts_are_one_matter_but_not_of_two_customers() -> None:
    said = [
        voice(1, "cards.fees", who="C1", text=LONG),
        voice(2, "cards.fees", text=COPY),
        voice(3, "cards.fees", who="C2", text="lost my card at the airport on Sunday morning"),
        voice(4, "cards.fees", who="C3", text="lost my card at the airport on Sunday morning"),
        voice(5, "cards.lost", text=LONG),
        voice(24 * 9, "cards.fees", text=LONG),
        voice(24 * 9 + 1, "cards.fees", text="fee"),
        voice(24 * 9 + 2, "cards.fees", text="fee"),
    ]
    assert ids(merge(said, RULES)) == [[1, 2], [3], [4], [5], [216], [217], [218]]


def test_a_key_pressed_is_about_what_was_said_in_its_call() -> None:
    said = [
        voice(1, "people.manner", call="a"),
        voice(2, call="a", complaint=True),
        voice(3, "cards.fees", call="a", complaint=True),
        voice(4, call="b"),
        voice(5, call="b"),
        voice(6, call="c", text="words of their own, long enough to be told apart"),
        voice(7, "cards.fees", call="c"),
    ]
    found = merge(said, RULES)
    assert ids(found) == [[1], [2, 3], [4, 5], [6], [7]]
    assert found[1].theme == "cards.fees"
    assert found[1].complaint


WORDS = st.sampled_from([LONG, COPY, LONG[:40], "", "the counter took an hour and nobody said why"])
SAID = st.lists(
    st.builds(
        voice,
        st.integers(0, 600),
        st.sampled_from(["cards.fees", "cards.lost", ""]),
        who=st.sampled_from(["", "C1", "C2"]),
        call=st.sampled_from(["", "a", "b"]),
        text=WORDS,
    ),
    max_size=14,
    unique_by=lambda one: one.voice.id,
)


@given(SAID, st.randoms(use_true_random=False))
def test_order_does_not_matter_and_nothing_is_lost(
    said: list[Classified], chance: random.Random
) -> None:
    found = merge(said, RULES)
    shuffled = list(said)
    chance.shuffle(shuffled)
    assert merge(shuffled, RULES) == found
    assert sorted(one.voice.id for matter in found for one in matter.said) == sorted(
        one.voice.id for one in said
    )
    for matter in found:
        assert len({one.theme for one in matter.said} - {""}) <= 1


@given(st.text(max_size=60), st.text(max_size=60))
def test_alike_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    share = alike(shingles(one), shingles(other))
    assert 0 <= share <= 1
    assert share == alike(shingles(other), shingles(one))
    assert alike(shingles(one), shingles(one)) == 1


def test_what_is_between_letters_does_not_count_in_either_language() -> None:
    assert shingles("信用卡，年费 ！") == shingles("信用卡年费")
    assert shingles("Annual-Fee") == shingles("annual fee")


def test_texts_of_four_fifths_in_common_are_candidates() -> None:
    draw = random.Random(5)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    missed = 0
    for _ in range(60):
        text = "".join(draw.choices(letters, k=80))
        copy = text[:75] + "".join(draw.choices(letters, k=5))
        sets = {0: shingles(text), 1: shingles(copy)}
        assert alike(*sets.values()) > 0.8
        missed += [0, 1] not in [list(group) for group in buckets(sets)]
    assert missed == 0
