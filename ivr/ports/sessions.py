"""The sessions port: where calls in progress are kept, so that another node can go on."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import ClassVar, Protocol

from ivr.model.commands import Instant
from ivr.model.session import Session


class Sessions(Protocol):
    """Calls in progress.

    `save` and `close` return at once and are written in order soon after: a caller never waits
    for a disk. What is not written yet when a node is killed resumes one step earlier. A session that
    another node has resumed since is neither written over nor forgotten.
    """

    def save(self, session: Session) -> None:
        """Keep the session for a later `load`."""

    def close(self, session: Session, reason: str) -> None:
        """The call is over: forget the session."""

    def load(self, call_id: str) -> Awaitable[Session | None]:
        """Return the session of a call in progress, or None. Raises PortError."""

    def resumed(self, call_id: str) -> Awaitable[int]:
        """Return how often a call in progress was resumed, on whatever node; 0 for one that is not known.
        Raises PortError."""


class Save(Instant[Sessions, None], frozen=True):
    """Keep the session: a step begins."""

    port: ClassVar[str] = "sessions"
    journalled: ClassVar[bool] = False
    session: Session

    def perform_now(self, port: Sessions) -> None:
        port.save(self.session)
