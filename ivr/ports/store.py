"""The store: everything of OneCall's own that outlives a call or a process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Protocol

import msgspec

from ivr.model.events import Event
from ivr.ports.events import Events
from ivr.ports.profiles import Profiles
from ivr.ports.releases import Releases
from ivr.ports.sessions import Sessions


class StampedEvent(msgspec.Struct, frozen=True):
    """An event of a call, and when it happened (aware)."""

    at: datetime
    call_id: str
    event: Event


class CallRecord(msgspec.Struct, frozen=True):
    """How a call went, told by its events. `ended` is None and `reason` empty while it goes on.

    What the four flags mean stands in `ivr.centre.outcomes`.
    """

    call_id: str
    started: datetime
    ended: datetime | None
    dnis: str
    ani: str
    flow: str
    version: str
    language: str
    reason: str
    zero_out: bool
    failed: bool
    abandoned: bool
    contained: bool


class CallFilter(msgspec.Struct, frozen=True):
    """Which calls to find; what is not said may be anything.

    Calls that began at `since` or later and before `until` (aware), of `number` (the caller's or the
    one dialled), that ended by `reason`, entered `step` (`flow.step`), ran a `version` (its
    beginning will do), ended in `language`, have the flag `outcome` (zero_out, failed, abandoned,
    contained). `last` is how many at most; 0 for all.
    """

    since: datetime | None = None
    until: datetime | None = None
    number: str = ""
    reason: str = ""
    step: str = ""
    version: str = ""
    language: str = ""
    outcome: str = ""
    last: int = 0


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
    """Sessions, events, journals, flow versions, the ledger of releases, and profiles.

    Whatever is awaited raises PortError.
    """

    @property
    def sessions(self) -> Sessions: ...

    @property
    def events(self) -> Events: ...

    @property
    def journal(self) -> Journals: ...

    @property
    def releases(self) -> Releases: ...

    @property
    def profiles(self) -> Profiles: ...

    async def read_events(self, call_id: str) -> list[StampedEvent]:
        """Return a call's events in order."""

    def events_between(
        self, since: datetime, until: datetime | None = None
    ) -> AsyncIterator[StampedEvent]:
        """Yield the events of all calls in the order of time, from `since` to before `until`."""

    def calls(self, wanted: CallFilter) -> AsyncIterator[CallRecord]:
        """Yield the calls that are wanted, the newest first."""

    async def ended(self, since: datetime, after: int = 0) -> tuple[int, list[CallRecord]]:
        """Return the calls whose end was written after the mark `after`, and the next mark.

        In the order of writing; without a mark, those that ended at `since` (aware) or later. Who
        goes on from the next mark gets every call once, whichever node wrote it and however late.
        """

    async def happened(self, since: datetime, after: int = 0) -> tuple[int, list[StampedEvent]]:
        """Return the events that were written after the mark `after`, some thousand at a time, and the next
        mark.

        In the order of writing; without a mark, what happened at `since` (aware) or later. Who goes on
        from the next mark gets every event once; an unchanged mark says that there is no more yet.
        """

    async def messages(self) -> list[StampedEvent]:
        """Return the MessageRecorded events of all calls, oldest first."""

    async def version_files(self, version: str) -> dict[str, str] | None:
        """Return the files of a version, or None when it was never kept.

        They may be damaged, and are then others, or none: whoever runs them looks at their hash.
        """

    async def flush(self, budget_ms: int = 5_000) -> None:
        """Wait until what was taken so far is written. Raises PortTimeout when it is not in time."""

    async def close(self) -> None:
        """Write what is left and end."""

    def health(self) -> StoreHealth:
        """Return how writing goes."""
