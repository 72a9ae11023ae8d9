"""The cases port: what a person must see to, with an owner."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import Protocol

import msgspec


class Case(msgspec.Struct, frozen=True):
    """A case: its number (8 digits), what `kind` it is, whose, and who owns it until it is solved.

    `about` is the id of the order it is about, if any; `facts` are for its owner to read.
    """

    number: str
    kind: str
    customer: str
    owner: str
    opened_at: datetime
    about: str = ""
    facts: dict[str, str] = {}
    closed_at: datetime | None = None


class Cases(Protocol):
    """Cases. Every method raises PortError."""

    def list_open(self) -> Awaitable[tuple[Case, ...]]:
        """Return the cases that are not closed, the oldest first."""
