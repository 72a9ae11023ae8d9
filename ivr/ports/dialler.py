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
    """A call to begin: a number on file, or one that was keyed and read back, and the service number
    whose flow talks with whoever answers.

    `id` is the UNIQUEID of the new channel: by it, and by nothing that a caller could send, the
    session that answers is known.
    """

    id: str
    number: str
    dnis: str
    ring_ms: int = 30_000


class Dialler(Protocol):
    """Begins calls. Every method raises PortError."""

    def allows(self, number: str) -> bool:
        """Whether a number is one of those that may be dialled at all."""

    def dial(self, outgoing: Outgoing) -> Awaitable[Dialled]:
        """Begin a call and return once it is answered, or is not going to be.

        Raises PortError where nobody can know: the telephone may ring, and is never rung again for
        that alone. The same `id` is never dialled twice.
        """

    def live(self) -> Awaitable[frozenset[str]]:
        """Return the UNIQUEIDs of all channels that are up, or being rung."""
