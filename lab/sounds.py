"""Small sounds the lab makes itself: music for the queue and the voice of the demo's agent.

They are melodies of plain tones, computed, always the same to the byte: recognisable by ear and
by `lab.ear`, and nobody's copyright.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from lab.mulaw import encode

RATE = 8000
LEVEL = 6000
AGENT = [(659, 180), (523, 180), (784, 360)]
MUSIC = [(262, 400), (330, 400), (392, 400), (523, 800), (392, 400), (330, 400), (294, 800)] * 3
"""Notes as (Hz, ms)."""


def melody(notes: Sequence[tuple[int, int]]) -> bytes:
    """Return the notes as µ-law, each faded in and out so that it does not click."""
    samples: list[int] = []
    for hertz, ms in notes:
        count = RATE * ms // 1000
        for n in range(count):
            fade = min(1.0, n / 80, (count - n) / 400)
            samples.append(round(LEVEL * fade * math.sin(2 * math.pi * hertz * n / RATE)))
    return encode(samples)


def write(folder: Path) -> None:
    """Write `agent.ulaw` and `music/music.ulaw` into `folder`, unless they are there."""
    for path, notes in ((folder / "agent.ulaw", AGENT), (folder / "music/music.ulaw", MUSIC)):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_bytes(melody(notes))
