"""The dialler port: calls that the bank begins."""

from __future__ import annotations

import enum
from collections.abc import Awaitable
from datetime import datetime
from typing import Protocol

import msgspec


class Dialled(enum.StrEnum):
    """How a call that the bank began went, as far as the dialler knows."""

    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    REFUSED = "refused"  # the number is on no list of those that may be dialled
    LIVE = "live"  # not dialled: another call of the bank's to this number is live
    TOO_MANY = "too_many"  # not dialled: the number was rung too often within a day


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


class Ringing(msgspec.Struct, frozen=True):
    """A call `id` to a telephone, begun `at`; `number` is the telephone's, however it was written.
    Until `until` it may be on its way although Asterisk has no channel for it."""

    id: str
    number: str
    at: datetime
    until: datetime


class Ringings(Protocol):
    """Which telephones the bank rings: on the disk before a method returns, and the same for all
    engines. Every method raises PortError."""

    def take(self, ringing: Ringing, since: datetime, most: int) -> Awaitable[Dialled | None]:
        """Take a telephone for a call; LIVE or TOO_MANY (`most` times since `since`): it may not be
        rung, and nothing is written."""

    def over(self, id: str) -> Awaitable[None]:
        """Let a telephone go: its call is over. Nothing is done for a call that is not known."""

    def live(self) -> Awaitable[tuple[Ringing, ...]]:
        """Return the calls that are not known to be over."""

    def rung(self, number: str, since: datetime) -> Awaitable[int]:
        """Return how often a telephone was rung since then."""
