"""How far a caller has come alone with the machine, in words: never what was keyed."""

from __future__ import annotations

import msgspec

from ivr.centre.ledger.references import is_reference
from ivr.desk.wording import words
from ivr.ports.floor import CallerView

ERRAND = "errand"
"""The state of a caller who is alone with the machine."""
BULLET = "•"


class Progress(msgspec.Struct, frozen=True):
    """What they do, or how it ended, and how many keys of a secret they have pressed so far; the order by
    its reference, once there is one."""

    text: str
    count: int = 0
    order: str = ""


def progress(caller: CallerView | None, language: str) -> Progress | None:
    """Return how far a caller has come, None without an errand.

    The floor tells it as `pin •••`, what is asked for and a bullet for each key, and in the end as
    `posted 40316182`: how it ended, and a reference or a reason.
    """
    if caller is None or (not caller.progress and caller.state != ERRAND):
        return None
    what, _, more = caller.progress.partition(" ")
    said = words(language)
    if ended := said.get(f"ending-{what}"):
        return (
            Progress(ended, order=more)
            if is_reference(more)
            else Progress(f"{ended} {more}".strip())
        )
    return Progress(said.get(f"doing-{what}", said["doing-errand"]), more.count(BULLET))
