"""A voice that is quick and real: a tone whose length and pitch follow the text."""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

from ivr.model.errors import PortError
from ivr.ports.voice import Sound


def tone(hertz: float, ms: int, rate: int, level: float = 0.3) -> bytes:
    """Return 16-bit samples of a tone."""
    step = 2 * math.pi * hertz / rate
    count = ms * rate // 1000
    return struct.pack(
        f"<{count}h", *(int(32767 * level * math.sin(step * n)) for n in range(count))
    )


class ToneVoice:
    """Reads every text as a tone between two stretches of silence."""

    def __init__(self, name: str = "tone", refuse: str = "", stop_at: str = "") -> None:
        self.name = name
        self.refuse = refuse
        self.stop_at = stop_at
        self.said: list[str] = []
        self.closed = False

    def speak(self, text: str) -> Sound:
        """Read a text; refuse or break off where the test wants it."""
        if text == self.stop_at:
            raise KeyboardInterrupt
        if text == self.refuse:
            raise PortError("voice", "cannot read that")
        self.said.append(text)
        quiet = bytes(2 * 16 * 250)
        return Sound(16_000, quiet + tone(300 + len(text), 200 + 10 * len(text), 16_000) + quiet)

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True


def write_wav(path: Path, pcm: bytes, rate: int, *, channels: int = 1, width: int = 2) -> None:
    """Write a wav file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(pcm)
