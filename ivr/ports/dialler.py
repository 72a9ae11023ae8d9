"""The dialler port: calls that the bank begins."""

from __future__ import annotations

import enum
from collections.abc import Awaitable
from typing import Protocol

import msgspec


class Dialled(enum.StrEnum):
    """How a call that the bank began went, as far as the dialler knows."""

    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    REFUSED = "refused"  # the number is on no list of those that may be dialled


class Outgoing(msgspec.Struct, frozen=True):
    """A call to begin: a number (on file or keyed, checked against the allow-list again here), the
    service number whose flow talks with whoever answers, and what that flow may know."""

    id: str
    number: str
    dnis: str
    ring_ms: int = 30_000
    facts: dict[str, str] = {}


class Dialler(Protocol):
    """Begins calls. Every method raises PortError."""

    def dial(self, outgoing: Outgoing) -> Awaitable[Dialled]:
        """Begin a call and return once it is answered, or is not going to be.

        The same `id` is never dialled twice at the same time.
        """
