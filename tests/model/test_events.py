"""Events word themselves, and those of yesterday are read for years."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.model.events import CallStarted, DigitsCollected, Event, PromptPlayed
from ivr.model.story import LANGUAGES, Telling


def telling(language: str = "en", heard: str = "", keys: str = "") -> Telling:
    return Telling(language, lambda prompt: f"<{prompt}>", heard, keys)


@pytest.mark.parametrize("kind", Event.__subclasses__(), ids=lambda kind: kind.__name__)
def test_whatever_an_event_holds_it_has_words_for_it(kind: type[Event]) -> None:
    @given(st.builds(kind))
    @settings(max_examples=10)
    def worded(event: Event) -> None:
        assert all(event.story(telling(language)) for language in LANGUAGES)

    worded()


def test_what_was_heard_and_keyed_is_told_as_far_as_it_is_known() -> None:
    event = DigitsCollected("complete_len", 2, ("menu", "money"))
    assert event.story(telling()) == "heard: <menu> <money>\npressed: ••"
    assert event.story(telling(heard="Press.", keys="10")) == "heard: Press.\npressed: 10"
    assert event.story(telling("zh")) == "听到：<menu> <money>\n按键：••"


def test_silence_and_a_cut_prompt_are_told() -> None:
    silent = DigitsCollected("timeout_empty", 0, ("menu",))
    assert silent.story(telling()) == "heard: <menu>\npressed: nothing"
    assert PromptPlayed(("hello",), True).story(telling()).endswith("(cut short by a key)")


def test_a_start_without_a_language_is_still_read() -> None:
    written = b'{"type":"CallStarted","dnis":"95500","ani":"","version":"v","flow":"main"}'
    event = msgspec.json.decode(written, type=CallStarted)
    assert event == CallStarted("95500", "", "v", "main", "")
    assert event.story(telling()) == "a withheld number called 95500: the flow main of version v"
