"""The recordings a caller may hear, indexed so that a few milliseconds of sound find them.

Every 20 ms of every recording a *window* of 4 ms is put in a table. Whatever part of a recording
is played, one of its windows comes by within 24 ms, and one look-up tells that it is known. Then
all recordings are searched for it, once, since others may share it at places that are not in the
table. Windows that say nothing (silence, faint hiss) are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lab import mulaw

WIDTH = 2
"""Bytes a sample."""
WINDOW = 32
STRIDE = 160
DISTINCT = 8
"""A window with fewer different samples than this is too plain to tell recordings apart."""


@dataclass(frozen=True, eq=False)
class Recording:
    """A recording under all its names, as linear samples."""

    names: tuple[str, ...]
    samples: bytes

    @property
    def length(self) -> int:
        """Length in samples (8,000 a second)."""
        return len(self.samples) // WIDTH


Place = tuple[Recording, int]
"""A recording and a position in it, in samples."""


class Library:
    """All recordings, and where each window occurs in them.

    About 1 ms a minute of recordings to build; the search for a window the first time it is heard
    costs about 1 ms for each 2 minutes of recordings, and nothing from then on.
    """

    def __init__(self, recordings: Iterable[tuple[str, bytes]]) -> None:
        """Index recordings given as (name, µ-law); the same bytes under two names are one."""
        names: dict[bytes, list[str]] = {}
        for name, data in recordings:
            # Minus zero arrives as zero: see `lab.mulaw`.
            names.setdefault(data.replace(b"\x7f", b"\xff"), []).append(name)
        self.recordings = [Recording(tuple(n), mulaw.decode(data)) for data, n in names.items()]
        self._windows = {
            window
            for recording in self.recordings
            for at in range(0, recording.length - WINDOW + 1, STRIDE)
            if not is_plain(window := recording.samples[WIDTH * at : WIDTH * (at + WINDOW)])
        }
        self._places: dict[bytes, list[Place]] = {}

    @classmethod
    def of(cls, *folders: Path) -> Library:
        """Index every `.ulaw` file below these folders, named by its path: `zh/welcome`."""
        return cls(
            (path.relative_to(folder).with_suffix("").as_posix(), path.read_bytes())
            for folder in folders
            for path in sorted(folder.rglob("*.ulaw"))
        )

    def find(self, sound: bytes) -> tuple[int, list[Place]] | None:
        """Return where in `sound` the first known window is, and its places in recordings."""
        windows = self._windows
        size = WIDTH * WINDOW
        for at in range(0, len(sound) - size + 1, WIDTH):
            window = sound[at : at + size]
            if window in windows:
                return at // WIDTH, self._places_of(window)
        return None

    def _places_of(self, window: bytes) -> list[Place]:
        places = self._places.get(window)
        if places is None:
            places = [(r, at) for r in self.recordings for at in _occurrences(window, r.samples)]
            self._places[window] = places
        return places


def _occurrences(window: bytes, samples: bytes) -> Iterator[int]:
    at = samples.find(window)
    while at >= 0:
        if at % WIDTH == 0:
            yield at // WIDTH
        at = samples.find(window, at + 1)


def is_plain(sound: bytes) -> bool:
    """Tell whether a sound has too few different samples to mean anything: silence, faint hiss."""
    return len(set(memoryview(sound).cast("h"))) < DISTINCT
