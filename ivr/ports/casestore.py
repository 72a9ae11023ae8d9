"""Where cases are kept, behind the book."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import Protocol

import msgspec

from ivr.ports.cases import CaseCounts, CaseFilter, CaseRecord
from ivr.ports.ledger import Head

FIRST = "0" * 64
"""What the first entry of a case follows."""


class SealedAct(msgspec.Struct, frozen=True):
    """An entry as it is kept: the `number`th of a `case`, its bytes, and their SHA-256 (hex)."""

    case: str
    number: int
    hash: str
    body: bytes


class Standing(msgspec.Struct, frozen=True):
    """An entry's place among those of all cases, in the order in which they were written."""

    n: int
    case: str
    hash: str


class CaseStore(Protocol):
    """Keeps entries, which are never changed, and each case as it stands after its last one. What
    returns is on the disk. Every method raises PortError."""

    def add(self, sealed: SealedAct, record: CaseRecord, wake: datetime | None) -> Awaitable[bool]:
        """Keep an entry, and the case after it, both or neither; `wake` is when the case is to be looked
        at by itself. False: the entry does not follow the last one, or the number or the key of a new
        case is taken: read again."""

    def get(self, number: str) -> Awaitable[CaseRecord | None]:
        """Return a case."""

    def of_key(self, key: str) -> Awaitable[CaseRecord | None]:
        """Return the case that was opened with a key."""

    def entries(self, number: str) -> Awaitable[tuple[SealedAct, ...]]:
        """Return the entries of a case, in order."""

    def find(self, wanted: CaseFilter) -> Awaitable[tuple[CaseRecord, ...]]:
        """Return cases: those to be answered first before others, then the oldest."""

    def awake(self, now: datetime, most: int) -> Awaitable[tuple[CaseRecord, ...]]:
        """Return cases whose time to be looked at has come."""

    def counts(self, now: datetime) -> Awaitable[CaseCounts]:
        """Return how many are not closed, and how many of them are late."""

    def written(self) -> Awaitable[int]:
        """Return how many entries there are, of all cases."""

    def head(self) -> Awaitable[Head]:
        """Return how far the entries of all cases go, and the seal of the last: kept apart from them, so
        that a case cannot be taken out as a whole."""

    def standing(self) -> Awaitable[tuple[Standing, ...]]:
        """Return the entries of all cases, in the order in which they were written, from 1."""

    def close(self) -> Awaitable[None]:
        """Close it."""
