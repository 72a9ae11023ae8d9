"""The store: everything of OneCall's own that outlives a call or a process."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import msgspec

from ivr.model.events import Event
from ivr.ports.events import Events
from ivr.ports.sessions import Sessions


class StampedEvent(msgspec.Struct, frozen=True):
    """An event of a call, and when it happened (aware)."""

    at: datetime
    call_id: str
    event: Event


class StoreHealth(msgspec.Struct, frozen=True):
    """How writing goes: `problem` is None, or why nothing can be written now.

    `pending` entries wait to be written; `written` and `lost` count since the start.
    """

    problem: str | None = None
    pending: int = 0
    written: int = 0
    lost: int = 0


class Journals(Protocol):
    """Where journals go. `append` returns at once; entries hold no line break."""

    def append(self, call_id: str, entry: bytes) -> None: ...

    async def read(self, call_id: str) -> list[bytes]:
        """Return a call's entries in order. Raises PortError."""


class Store(Protocol):
    """Sessions, events, journals and flow versions. Whatever is awaited raises PortError."""

    @property
    def sessions(self) -> Sessions: ...

    @property
    def events(self) -> Events: ...

    @property
    def journal(self) -> Journals: ...

    async def read_events(self, call_id: str) -> list[StampedEvent]:
        """Return a call's events in order."""

    async def messages(self) -> list[StampedEvent]:
        """Return the MessageRecorded events of all calls, oldest first."""

    async def keep_version(self, version: str, files: Mapping[str, str]) -> None:
        """Keep a published set of flow files, for the calls that began on it."""

    async def version_files(self, version: str) -> dict[str, str] | None:
        """Return the files of a version, or None when it was never kept."""

    async def flush(self, budget_ms: int = 5_000) -> None:
        """Wait until what was taken so far is written. Raises PortTimeout when it is not in time."""

    async def close(self) -> None:
        """Write what is left and end."""

    def health(self) -> StoreHealth:
        """Return how writing goes."""
