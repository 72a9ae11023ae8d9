"""Classifying: who is asked first, and what is a complaint."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from ivr.centre.voc.classifying import classify, complains, corrections, lessons
from ivr.centre.voc.values import How, Source, Voice
from ivr.ports.voc import Acts, Corrected, Entry, Guess, Lesson, Replied
from tests.centre.voc.kit import TAXONOMY, ZONE, voice

AT = datetime(2026, 10, 1, tzinfo=ZONE)


def said(**fields: object) -> Voice:
    return Voice("x:1", Source.CASE, 0, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("heard", "theme"),
    [
        (said(text="the ANNUAL FEE was charged"), "cards.fees"),
        (said(text="又扣了年费"), "cards.fees"),
        (said(text="rude"), ""),
        (said(text="rude", queue="cards"), "people.manner"),
        (said(disposition="complaint", queue="cards"), "cards.lost"),
        (said(disposition="complaint", queue="loans"), ""),
        (said(disposition="complaint", queue="cards", text="年费"), "cards.fees"),
        (said(question="after-agent.satisfied", answer="1"), "people.manner"),
        (said(question="after-agent.satisfied", answer="2"), ""),
        (said(question="self-service.satisfied", answer="1"), ""),
    ],
)
def test_the_first_rule_that_fits_holds(heard: Voice, theme: str) -> None:
    (found,) = classify(TAXONOMY, [heard], {}, None)
    assert (found.theme, found.how) == (theme, How.RULE if theme else How.NOTHING)


def guessing(*guesses: Guess) -> tuple[list[str], object]:
    asked: list[str] = []

    def guess(texts: Sequence[str]) -> Sequence[Guess]:
        asked.extend(texts)
        return guesses

    return asked, guess


def test_the_classifier_is_asked_only_where_no_rule_fits_and_there_are_words() -> None:
    voices = [said(text="年费"), msg("a", ""), msg("b", "the app is slow"), msg("c", "no idea")]
    asked, guess = guessing(Guess("people.manner", 0.61), Guess("cards.lost", 0.59))
    found = classify(TAXONOMY, voices, {}, guess)  # type: ignore[arg-type]
    assert asked == ["the app is slow", "no idea"]
    assert [(one.theme, one.how) for one in found] == [
        ("cards.fees", How.RULE),
        ("", How.NOTHING),
        ("people.manner", How.CLASSIFIER),
        ("", How.NOTHING),
    ]


def test_a_theme_that_is_gone_is_no_guess() -> None:
    _, guess = guessing(Guess("gone.theme", 0.99))
    (found,) = classify(TAXONOMY, [said(text="x")], {}, guess)  # type: ignore[arg-type]
    assert found.how is How.NOTHING


def msg(name: str, text: str) -> Voice:
    return Voice(f"case:{name}", Source.CASE, 0, text=text)


def test_a_person_is_right_before_any_rule_and_the_last_one_before_others() -> None:
    acts: list[Acts] = [
        Corrected("x:1", "cards.lost"),
        Replied("2026-09/102/cards.fees", "done"),
        Corrected("x:1", "people.manner"),
    ]
    entries = [Entry(number, AT, "li", act) for number, act in enumerate(acts, 1)]
    (found,) = classify(TAXONOMY, [said(text="年费")], corrections(entries), None)
    assert (found.theme, found.how) == ("people.manner", How.CORRECTED)


def test_a_correction_to_a_theme_that_is_gone_leaves_it_to_the_rules() -> None:
    gone = {"x:1": Corrected("x:1", "cards.gone")}
    (found,) = classify(TAXONOMY, [said(text="年费")], gone, None)
    assert (found.theme, found.how) == ("cards.fees", How.RULE)


def test_lessons_have_words_and_a_theme_that_there_still_is() -> None:
    acts = {
        "b": Corrected("b", "cards.fees", "fee"),
        "a": Corrected("a", "cards.lost", "lost"),
        "c": Corrected("c", "cards.fees"),
        "d": Corrected("d", "cards.gone", "gone"),
    }
    assert lessons(acts, TAXONOMY) == [Lesson("lost", "cards.lost"), Lesson("fee", "cards.fees")]


def test_any_line_makes_a_complaint() -> None:
    assert complains(TAXONOMY, said(case="complaint"))
    assert complains(TAXONOMY, said(disposition="complaint"))
    assert not complains(TAXONOMY, said(case="suggestion", disposition="solved"))
    assert not complains(TAXONOMY, voice(1).voice)
