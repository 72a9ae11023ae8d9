"""Callbacks behind the port: what supervisors change, where they are kept, how their calls begin."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import Protocol

import msgspec

from ivr.model.session import Session
from ivr.ports.callbacks import Callback, Kept


class CallbackBook(Protocol):
    """Callbacks as supervisors see and change them. Every method raises PortError."""

    def find(self, past: bool = False) -> Awaitable[tuple[Callback, ...]]:
        """Return those that are open, in the order of their places; with `past`, those of the last
        days too that are over."""

    def cancel(self, id: str, by: str, reason: str) -> Awaitable[bool]:
        """Call nobody; False: it is over, or there is none."""

    def schedule(
        self,
        queue: str,
        number: str,
        language: str,
        begins: datetime,
        ends: datetime,
        by: str,
        customer: str = "",
        about: str = "",
        agent: str = "",
    ) -> Awaitable[Kept]:
        """Promise a call within a window: to a `customer`, if it is known which, `about` a case. The
        `agent` calls if the queue goes by whom the customer talked with, and they are free then."""


class Beginning(msgspec.Struct, frozen=True):
    """How the session begins of a call that the bank has begun: with the `number` that was called, in
    a `language`, and in the middle of another call (`session`) where it goes on with that."""

    number: str
    language: str
    session: Session | None = None


class CallbackStore(Protocol):
    """Where promised calls are kept: on the disk before a method returns. Every method raises
    PortError."""

    def put(self, callback: Callback) -> Awaitable[None]:
        """Write a callback down as it is now."""

    def put_with(self, callback: Callback, session: Session) -> Awaitable[None]:
        """Write a callback down with the call that it goes on with."""

    def claim(self, callback: Callback) -> Awaitable[bool]:
        """Write down that an attempt begins, before it does; False: somebody else was first."""

    def open_ones(self) -> Awaitable[tuple[Callback, ...]]:
        """Return the callbacks that are not over, in the order of their places."""

    def since(self, at: datetime) -> Awaitable[tuple[Callback, ...]]:
        """Return all that were open then, in the order of their places."""

    def of_attempt(self, attempt: str) -> Awaitable[Callback | None]:
        """Return the callback whose latest attempt this is."""

    def session(self, callback: str) -> Awaitable[Session | None]:
        """Return the call that a callback goes on with."""
