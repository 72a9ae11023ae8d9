"""The releases port: the ledger of what was published, as a store keeps it.

What an entry says is known to `ivr.centre.releases`; a store keeps its bytes, in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from ivr.model.errors import OneCallError

FIRST = ""
"""What the first entry names as the hash of the one before it."""


class LedgerMoved(OneCallError):
    """Somebody else wrote to the ledger first: read it again, and see whether it is still right."""


class Sealed(msgspec.Struct, frozen=True):
    """An entry as it is stored: `hash` is the SHA-256 (hex) of `body`, which names the hash before."""

    number: int
    hash: str
    body: bytes


class Kept(msgspec.Struct, frozen=True):
    """A set of flows to be kept whole: its `version` and its files by path."""

    version: str
    files: Mapping[str, str]


class Releases(Protocol):
    """An append-only ledger. Whatever is awaited raises PortError."""

    async def append(self, sealed: Sealed, previous: str, flows: Kept | None = None) -> None:
        """Add an entry after the one with the hash `previous`; durable on return.

        With `flows`, they are kept in the same transaction; damaged files of the same version are
        replaced. Raises LedgerMoved when the last entry has another hash.
        """

    async def since(self, number: int = 0) -> list[Sealed]:
        """Return the entries after a number, in order."""

    async def head(self) -> tuple[int, str]:
        """Return the last entry's number and hash; (0, FIRST) when there is none."""
