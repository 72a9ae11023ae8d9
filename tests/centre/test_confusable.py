"""Which spoken values sound nearly alike."""

from __future__ import annotations

import pytest

from ivr.centre.confusable import REMEDIES, confusable
from ivr.model.say import languages, segments
from ivr.model.say.sounds import EN, ZH, near_en, near_zh

LANGUAGES = pytest.mark.parametrize("language", languages())


def pairs(language: str, place: str) -> set[frozenset[str]]:
    found = confusable(language)
    return {frozenset({pair.one, pair.other}) for pair in found if place in pair.places}


def each(*words: str) -> set[frozenset[str]]:
    return {frozenset(word.split("/")) for word in words}


def test_mandarin_rhymes_are_found_and_one_is_no_seven_in_digits() -> None:
    assert pairs("zh", "number") == each("一/七", "四/十", "六/九")
    assert pairs("zh", "month") == each("一/七", "四/十", "六/九")
    assert pairs("zh", "digit") == each("六/九")


def test_english_teens_and_tens_are_found() -> None:
    teens = ("thir", "four/for", "fif", "six", "seven", "eigh", "nine")
    tens = [f"{head.split('/')[0]}teen/{head.split('/')[-1]}ty" for head in teens]
    assert pairs("en", "number") == each(*tens, "five/nine")
    assert pairs("en", "scale") == each("million/billion")
    assert pairs("en", "digit") == each("five/nine")
    assert each("thirteenth/thirtieth") <= pairs("en", "day")
    assert each("B/D", "M/N", "F/S") <= pairs("en", "letter")


def test_what_sounds_different_is_not_told() -> None:
    assert not near_en(EN["one"], EN["two"])
    assert not near_en(EN["June"], EN["July"])
    assert not near_en(EN["eleven"], EN["seven"])
    assert not near_zh(ZH["三"], ZH["八"])


@LANGUAGES
def test_examples_are_what_callers_hear_and_something_is_done_about_each(language: str) -> None:
    heard = set(segments(language).values())
    for pair in confusable(language):
        for place, (one, other) in pair.places.items():
            assert {one, other} <= heard
            assert (pair.one in one, pair.other in other) == (True, True)
            assert one.replace(pair.one, pair.other, 1) == other or language == "zh"
            assert REMEDIES[place]
