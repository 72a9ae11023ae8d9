"""The prompts port: which recordings are heard for what a flow says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from ivr.model.prompt import Audible, Recording


class Prompts(Protocol):
    """A table of recordings, held in memory."""

    def render(self, items: Iterable[Audible], language: str) -> tuple[Recording, ...]:
        """Return the recordings to play, in order.

        An item without a recording is served by the prompt `sorry-technical` and reported, so that a
        caller never hears silence. Raises PortError when not even that exists.
        """
