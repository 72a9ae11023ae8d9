"""What listening costs a caller: how long something is heard."""

from __future__ import annotations

from collections.abc import Iterable

from ivr.centre.announcing import told
from ivr.model.prompt import Audible, Prompted
from ivr.ports.prompts import Prompts

FIRST_OPTION_MS = 7000
"""Callers who have heard no option after seven seconds press a key at random, or hang up."""


def heard_ms(prompts: Prompts, items: Iterable[Audible], language: str) -> int:
    """Return how long `items` are heard in a language, in milliseconds, played without a gap.

    Raises PortError when not even an apology could be played.
    """
    return sum(recording.ms for recording in prompts.render(items, language))


def first_option_ms(prompts: Prompts, items: Iterable[Audible], language: str) -> int | None:
    """Return when the first option begins to be heard, in milliseconds from the beginning; None
    where none is found. Within a recording, time is taken to pass as its text does.

    Raises PortError when not even an apology could be played.
    """
    passed = 0
    for item in items:
        spoken = item.language or language if isinstance(item, Prompted) else language
        for recording in prompts.render([item], language):
            options = told(recording.text, spoken)
            if options:
                return passed + recording.ms * options[0].at // len(recording.text)
            passed += recording.ms
    return None
