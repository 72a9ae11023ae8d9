"""What listening costs a caller: how long something is heard."""

from __future__ import annotations

from collections.abc import Iterable

from ivr.model.prompt import Audible
from ivr.ports.prompts import Prompts


def heard_ms(prompts: Prompts, items: Iterable[Audible], language: str) -> int:
    """Return how long `items` are heard in a language, in milliseconds, played without a gap.

    Raises PortError when not even an apology could be played.
    """
    return sum(recording.ms for recording in prompts.render(items, language))
