"""Flite: a small English synthesiser of Debian's, where the neural voice is not wanted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ivr.adapters.voice.command import program, wav_of
from ivr.model.errors import PortError
from ivr.ports.voice import Sound


class Flite:
    """Flite's `slt` speaker."""

    NAME = "flite"
    RANK = 20
    SPEAKERS: Mapping[str, str] = {"en": "slt"}

    def __init__(self, language: str, home: Path) -> None:
        self._program = program("flite", "apt-get install flite")
        self._speaker = self.SPEAKERS[language]
        self.name = f"flite {self._speaker}"

    def speak(self, text: str) -> Sound:
        """Read a text aloud. Raises PortError."""
        if text.startswith("-"):
            raise PortError("voice", "flite cannot read a text that starts with a dash")
        return wav_of(
            lambda target: [self._program, "-voice", self._speaker, "-t", text, "-o", target]
        )

    def close(self) -> None:
        """Nothing stays open."""


VOICE = Flite
