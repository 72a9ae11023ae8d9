"""espeak-ng: the last resort, robotic but everywhere.

Debian's espeak-ng reads Chinese characters as English words ("nin two"), so Mandarin goes through
pypinyin and espeak's own pinyin reader.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path

from ivr.adapters.voice.command import program, wav_of
from ivr.adapters.voice.polyphones import split
from ivr.model.errors import PortError
from ivr.ports.voice import Sound


class Espeak:
    """espeak-ng, in English or (by pinyin) Mandarin."""

    NAME = "espeak"
    RANK = 90
    SPEAKERS: Mapping[str, str] = {"en": "en-us", "zh": "cmn-latn-pinyin"}

    def __init__(self, language: str, home: Path) -> None:
        self._program = program("espeak-ng", "apt-get install espeak-ng")
        self._speaker = self.SPEAKERS[language]
        self._pinyin = language == "zh"
        self.name = f"espeak-ng {self._speaker}"

    def speak(self, text: str) -> Sound:
        """Read a text aloud. Raises PortError."""
        said = pinyin(text) if self._pinyin else text
        return wav_of(
            lambda target: [self._program, "-v", self._speaker, "-s", "150", "-w", target],
            said,
        )

    def close(self) -> None:
        """Nothing stays open."""


def pinyin(text: str) -> str:
    """Spell Chinese text as numbered pinyin. Raises PortError without pypinyin."""
    try:
        pypinyin = importlib.import_module("pypinyin")
    except ImportError as error:
        raise PortError("voice", "pypinyin is needed for Chinese: pip install pypinyin") from error
    syllables: list[str] = []
    for chunk, reading in split(text):
        if reading:
            syllables += reading
        else:
            syllables += pypinyin.lazy_pinyin(chunk, style=pypinyin.Style.TONE3)
    return " ".join(syllables)


VOICE = Espeak
