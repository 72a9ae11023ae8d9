"""How far a caller has come alone with the machine, in words: never what was keyed."""

from __future__ import annotations

import msgspec

from ivr.desk.wording import words
from ivr.ports.floor import CallerView

BULLET = "•"


class Progress(msgspec.Struct, frozen=True):
    """What they do, and how many keys of a secret they have pressed so far."""

    text: str
    count: int = 0


def progress(caller: CallerView | None, language: str) -> Progress | None:
    """Return how far a caller has come, None without an errand.

    The floor tells it as `pin •••`: what is asked for, and a bullet for each key.
    """
    if caller is None or not caller.progress:
        return None
    what, _, keyed = caller.progress.partition(" ")
    said = words(language)
    return Progress(said.get(f"doing-{what}", said["doing-errand"]), keyed.count(BULLET))
