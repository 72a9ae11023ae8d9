"""What a caller heard: one stretch of sound, as the ear tells it."""

from __future__ import annotations

from dataclasses import dataclass

RATE = 8000
FRAME = 160
"""Samples in 20 ms. Less than that says nothing, and the last bit of a recording that does not
fill a frame stays in the sender until it has something to put behind it."""
UNKNOWN = "?"
"""The name of sound that is no recording."""


@dataclass
class Heard:
    """One stretch of sound.

    `names` holds more than one name when recordings are identical or could not be told apart;
    `("?",)` is sound that is no recording. `offset`, `length` and `total` are in samples, `start`
    and `end` in seconds of the event loop's clock. `done` is false while it is still playing.
    """

    names: tuple[str, ...]
    offset: int
    length: int
    total: int
    start: float
    end: float
    certain: bool = True
    done: bool = False
    continued: bool = False
    """Whether there was a short pause in it."""

    @property
    def name(self) -> str:
        """The first of the names."""
        return self.names[0]

    @property
    def to_end(self) -> bool:
        """Whether it was heard to its end (but for less than a frame)."""
        return self.total > 0 and self.offset + self.length > self.total - FRAME

    @property
    def whole(self) -> bool:
        """Whether it was heard from beginning to end (but for less than a frame at either).

        A beginning of silence may be counted to what was cut short just before.
        """
        return self.offset < FRAME and self.to_end

    def is_called(self, name: str) -> bool:
        """Tell whether this is `name`: an id, in any language, or `language/id`."""
        return any(own == name or own.endswith("/" + name) for own in self.names)

    def __str__(self) -> str:
        part = "" if self.whole else f" [{self.offset / RATE:.2f}+{self.length / RATE:.2f} s]"
        return "|".join(self.names) + part
