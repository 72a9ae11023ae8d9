"""The classifier: learns Chinese and English, says honestly how good it is, and is the same each time."""

from __future__ import annotations

import pytest

from ivr.adapters.voc.classifier import CharacterLearning
from ivr.ports.voc import Lesson

pytestmark = [pytest.mark.proof, pytest.mark.timeout(60)]

_SAID = {
    "cards.fees": (
        "年费又扣了",
        "手续费太高",
        "收了两次年费",
        "annual fee again",
        "charged a fee twice",
    ),
    "reaching.waiting": (
        "等了很久没人接",
        "一直占线等不到",
        "排队等半小时",
        "waited for an hour",
        "kept waiting",
    ),
    "people.manner": ("态度恶劣", "说话不耐烦", "服务态度差", "rude agent", "she was rude to me"),
}
_TAILS = ("", "，请处理", "，很生气", " please", "!")
LESSONS = [
    Lesson(text + tail, theme)
    for theme, texts in _SAID.items()
    for text in texts
    for tail in _TAILS
]


def test_what_was_learnt_is_known_in_both_languages_and_what_was_not_is_unsure() -> None:
    model = CharacterLearning().learn(LESSONS)
    assert model is not None
    asked = ["上个月的年费扣多了", "we waited and waited", "那个人态度真差", "zzz 4711"]
    guesses = model.guess(asked)
    assert [one.theme for one in guesses[:3]] == ["cards.fees", "reaching.waiting", "people.manner"]
    assert min(one.confidence for one in guesses[:3]) > 0.6 > guesses[3].confidence
    assert model.guess([]) == []


def test_the_same_lessons_make_the_same_classifier_and_others_another() -> None:
    learning = CharacterLearning()
    one, same = learning.learn(LESSONS), learning.learn(list(LESSONS))
    other = learning.learn(LESSONS[1:])
    assert one is not None
    assert same is not None
    assert other is not None
    assert one.sha256 == same.sha256 != other.sha256
    assert one.guess(["年费"]) == same.guess(["年费"])


def test_accuracy_is_of_lessons_it_has_not_seen() -> None:
    learning = CharacterLearning()
    good = learning.accuracy(LESSONS)
    assert good is not None
    assert good.lessons == len(LESSONS)
    assert good.accuracy > 0.9
    assert set(good.themes) == set(_SAID)
    themes = sorted(_SAID)
    noise = [
        Lesson(f"{number * 7919 % 9973:04d}", themes[number * 31 % 7 % 3]) for number in range(90)
    ]
    bad = learning.accuracy(noise)
    assert bad is not None
    assert bad.accuracy < 0.6


def test_of_too_little_nothing_is_learnt() -> None:
    learning = CharacterLearning()
    few = [
        Lesson("a b c", "cards.fees"),
        Lesson("a b d", "cards.fees"),
        Lesson("x", "people.manner"),
    ]
    assert learning.learn(few) is None
    assert learning.accuracy(few) is None
