"""The dictionary of readings: well formed, and every Chinese text is decided by it."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

from ivr.adapters.prompts.texts import load_texts
from ivr.adapters.voice.polyphones import PHRASES, RISKY, SYLLABLE, split, undecided
from ivr.model.say import segments

PROMPTS = Path(__file__).parents[3] / "prompts"


def test_a_phrase_has_one_syllable_a_character() -> None:
    for phrase, spelt in PHRASES.items():
        reading = spelt.split()
        assert len(reading) == len(phrase) >= 2, phrase
        assert all(SYLLABLE.fullmatch(syllable) for syllable in reading), phrase


def test_a_longer_phrase_reads_a_shorter_one_inside_it_the_same() -> None:
    # 银行 in 银行卡 cannot be xíng; where that were right, the exception would be named here.
    for inner, outer in permutations(PHRASES, 2):
        if inner in outer:
            start = outer.index(inner)
            reading = PHRASES[outer].split()[start : start + len(inner)]
            assert reading == PHRASES[inner].split(), (inner, outer)


def test_every_risky_character_is_decided_by_some_phrase_or_never_used() -> None:
    used = {char for phrase in PHRASES for char in phrase}
    texts = [*load_texts(PROMPTS)["zh"].values(), *segments("zh").values()]
    spoken = {char for text in texts for char in text}
    assert RISKY & spoken <= used


def test_every_chinese_text_has_one_reading() -> None:
    for name, text in {**load_texts(PROMPTS)["zh"], **segments("zh")}.items():
        assert undecided(text) == [], f"add a phrase to polyphones.py for {name}"


def test_the_longest_phrase_wins() -> None:
    assert list(split("请在还款日前到银行行长处")) == [
        ("请在", []),
        ("还款日", ["huan2", "kuan3", "ri4"]),
        ("前到", []),
        ("银行", ["yin2", "hang2"]),
        ("行长", ["hang2", "zhang3"]),
        ("处", []),
    ]


def test_nothing_of_a_text_is_lost() -> None:
    for text in segments("zh").values():
        assert "".join(chunk for chunk, _ in split(text)) == text


def test_an_undecided_character_is_shown_with_its_neighbours() -> None:
    assert undecided("他还不行吧") == ["他还不行", "还不行吧"]
