"""The first words of what is heard, for pictures and tables."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from ivr.model.expressions import Expression
from ivr.model.prompt import Prompted
from ivr.model.speech import PickItem, Speech, SpokenItem
from ivr.ports.prompts import Prompts

COLUMNS = 34
"""How much of a prompt's text is shown; a Chinese character takes two."""


def heard(speeches: Iterable[Speech], prompts: Prompts, language: str) -> str:
    """Return the first words of the first of `speeches`; computed values as ‹what they are›."""
    first = next(iter(speeches), None)
    return shortened(" ".join(_texts(first, prompts, language))) if first is not None else ""


def _texts(speech: Speech, prompts: Prompts, language: str) -> Iterator[str]:
    for item in speech.root:
        if isinstance(item, SpokenItem | PickItem):
            value = item.pick if isinstance(item, PickItem) else item.value
            computed = isinstance(value, Expression)
            yield f"‹{str(value)[2:-2].strip() if computed else value}›"
            continue
        prompt = Prompted(item) if isinstance(item, str) else Prompted(item.prompt, item.language)
        yield from (recording.text for recording in prompts.render([prompt], language))


def shortened(text: str, columns: int = COLUMNS) -> str:
    """Return the beginning of a text that fits into so many columns, with … where it goes on."""
    taken = 0
    for place, character in enumerate(text):
        taken += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if taken > columns:
            return text[: max(place - 1, 0)].rstrip() + "…"
    return text
