"""Tones in recordings, by Goertzel's algorithm: which are there, and which keys they spell."""

from __future__ import annotations

import math
import wave
from array import array
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

RATE = 8000
ROWS = (697, 770, 852, 941)
COLUMNS = (1209, 1336, 1477, 1633)
KEYS = ("123A", "456B", "789C", "*0#D")
FRAME = 160
"""20 ms: the shortest key there is lasts two of them (ITU-T Q.24)."""
_LEAST = 40.0
"""Amplitude of a tone that counts: 60 dB below the loudest."""
_TWIST = 8.0
"""The louder of a key's two tones over the other, at most."""
_CLEAR = 4.0
"""Each tone over all others of its group."""


def read(file: Path) -> array[int]:
    """Return the samples of a recording: 8 kHz, mono, 16 bit."""
    with wave.open(str(file), "rb") as sound:
        if (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) != (RATE, 1, 2):
            raise ValueError(f"{file}: not 8 kHz, mono, 16 bit")
        return array("h", sound.readframes(sound.getnframes()))


def amplitude(samples: Sequence[int], hertz: float) -> float:
    """Return the amplitude of a tone in samples (Goertzel)."""
    factor = 2 * math.cos(2 * math.pi * hertz / RATE)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + factor * last - before
    power = before * before + last * last - factor * before * last
    return 2 * math.sqrt(max(power, 0.0)) / len(samples)


def strength(file: Path, hertz: float) -> float:
    """Return the amplitude of a tone in the frame of 100 ms of a recording where it is loudest."""
    samples, size = read(file), 5 * FRAME
    frames = range(0, len(samples) - size + 1, size)
    return max((amplitude(samples[at : at + size], hertz) for at in frames), default=0.0)


def key(samples: Sequence[int]) -> str:
    """Return the key that a frame spells, or an empty text."""
    if max(samples) < _LEAST:
        return ""
    row, low = _loudest(samples, ROWS)
    column, high = _loudest(samples, COLUMNS)
    if min(low, high) < _LEAST or max(low, high) > _TWIST * min(low, high):
        return ""
    return KEYS[row][column] if row >= 0 and column >= 0 else ""


def keys(samples: Sequence[int]) -> str:
    """Return the keys that a recording spells, in order. A frame in which one is heard is enough:
    it is a leak that is looked for, not what a telephone would take for a key."""
    frames = (samples[at : at + FRAME] for at in range(0, len(samples) - FRAME + 1, FRAME))
    return "".join(name for name, _ in groupby(key(frame) for frame in frames))


def dial(digits: str, tone_ms: int = 80, pause_ms: int = 60, level: int = 6000) -> list[int]:
    """Return the samples of keys as a telephone without RFC 4733 sends them."""
    samples: list[int] = []
    for digit in digits:
        row = next(number for number, line in enumerate(KEYS) if digit in line)
        low, high = ROWS[row], COLUMNS[KEYS[row].index(digit)]
        samples += [
            round(level * sum(math.sin(2 * math.pi * hertz * n / RATE) for hertz in (low, high)))
            for n in range(RATE * tone_ms // 1000)
        ]
        samples += [0] * (RATE * pause_ms // 1000)
    return samples


def _loudest(samples: Sequence[int], group: Sequence[int]) -> tuple[int, float]:
    """Return which tone of a group is the loudest, -1 where it is not clearly so, and how loud."""
    found = [amplitude(samples, hertz) for hertz in group]
    most = max(found)
    rest = max(one for number, one in enumerate(found) if number != found.index(most))
    return (found.index(most) if most > _CLEAR * rest else -1), most
