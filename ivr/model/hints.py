"""Did you mean …?"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

SHOWN = 12
"""How many known words a hint lists at most."""


def closest(word: str, known: Iterable[str]) -> str:
    """Return a hint with the known word most like `word`, or else with some of them."""
    words = sorted(set(known))
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    if not words:
        return ""
    return f"known: {', '.join(words[:SHOWN])}{', …' if len(words) > SHOWN else ''}"
