"""What is heard in a simulation."""

from __future__ import annotations

from ivr.adapters.sim.prompts import SimPrompts, estimate_ms
from ivr.model.prompt import Prompted, Recording, Spoken
from ivr.model.values import Money

TEXTS = {"en": {"welcome": "Welcome."}, "zh": {"welcome": "您好，欢迎致电。"}}


def test_texts_stand_in_for_recordings() -> None:
    prompts = SimPrompts(TEXTS)
    english, chinese, unknown = prompts.render(
        (Prompted("welcome"), Prompted("welcome", "zh"), Prompted("nobody-wrote-it")), "en"
    )
    assert (english.text, chinese.text, unknown.text) == (
        "Welcome.",
        "您好，欢迎致电。",
        "nobody-wrote-it",
    )
    assert english.ms == estimate_ms("Welcome.")
    assert chinese.ms == 8 * 230


def test_a_recording_wins() -> None:
    recording = Recording("welcome", "Welcome.", "/x/welcome", 777)
    prompts = SimPrompts(TEXTS, lambda name, language: recording if language == "en" else None)
    assert prompts.render((Prompted("welcome"),), "en") == (recording,)
    assert prompts.render((Prompted("welcome"),), "zh")[0].path == ""


def test_values_are_spoken_by_the_say_layer() -> None:
    heard = SimPrompts(TEXTS).render((Spoken("money", Money.of("1234.50")),), "en")
    assert " ".join(recording.text for recording in heard) == (
        "one thousand two hundred thirty-four yuan and fifty fen"
    )
    assert all(recording.id.startswith("s-") for recording in heard)


def test_a_value_that_cannot_be_spoken_is_an_apology_that_says_why() -> None:
    (apology,) = SimPrompts(TEXTS).render((Spoken("date", "tomorrow"),), "en")
    assert apology.id == "sorry-technical"
    assert "[" in apology.text
    assert "tomorrow" not in apology.text


def test_an_estimate_is_never_nothing() -> None:
    assert estimate_ms("") == estimate_ms("a") == 300
    assert estimate_ms("一二三四五") == 5 * 230
