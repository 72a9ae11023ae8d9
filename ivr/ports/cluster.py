"""The cluster ports: what several engine nodes know of each other.

One node leads: it runs the floor and whatever else only one may do. The lease says which; its token only
ever grows, and the database refuses what is written with a smaller one than it has seen. Nothing here is
needed for money, nor for a call that has begun.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from ivr.model.errors import PortError

PORT = "cluster"


class NotLeading(PortError):
    """The leader was asked of a node that does not lead: nothing has been done."""

    def __init__(self, node: str) -> None:
        super().__init__(PORT, f"node {node} does not lead", retryable=True)


class Fenced(PortError):
    """A write came from a node that leads no more; nothing was written."""

    def __init__(self, token: int) -> None:
        super().__init__(PORT, f"another node leads: token {token} counts no more")


class Node(msgspec.Struct, frozen=True):
    """An engine node: its name, and the URL of its floor port as the others reach it."""

    name: str
    address: str


class Taken(msgspec.Struct, frozen=True):
    """A lease that was taken. `sure`: nobody can still believe that they have it; else whoever had it
    before may, for as long as a lease lasts."""

    token: int
    sure: bool = True


class Leader(msgspec.Struct, frozen=True):
    """Who leads, by which token."""

    node: Node
    token: int


class Lease(Protocol):
    """Who leads. A lease is over `lasts_s` after it was taken or renewed, by the clock of whoever keeps
    it. Every method raises PortError, and then nobody knows whether it was done."""

    @property
    def lasts_s(self) -> float:
        """How long a lease lasts."""

    def take(self, node: Node, above: int) -> Awaitable[Taken | None]:
        """Lead, by a token greater than any before and than `above`; None: somebody leads."""

    def renew(self, token: int) -> Awaitable[bool]:
        """Lead on; False: the lease of this token is over."""

    def release(self, token: int) -> Awaitable[None]:
        """Lead no more; nothing is done for a token whose lease is over."""

    def leader(self) -> Awaitable[Leader | None]:
        """Return who leads; None: nobody does now."""


class Fence(Protocol):
    """The greatest token that a leader has shown to the database. Whatever a leader writes is refused
    there once a greater one was shown. Every method raises PortError."""

    def seen(self) -> Awaitable[int]:
        """Return the greatest token that was ever shown; 0: none."""

    def show(self, token: int) -> Awaitable[float]:
        """Show the token of a lease, before anything is written with it; return for how many seconds
        somebody else may still lead whom only the database has kept. Raises Fenced unless it is greater
        than any before."""

    def keep(self, token: int, lasts_s: float) -> Awaitable[bool]:
        """Lead on for so long although the lease's keeper cannot be asked; False: a greater token was
        shown."""


class Presence(Protocol):
    """Which nodes there are. Every method raises PortError."""

    def beat(self, node: Node) -> Awaitable[None]:
        """Tell that a node is there, for the next seconds."""

    def leave(self, node: Node) -> Awaitable[None]:
        """Tell that a node is gone."""

    def nodes(self) -> Awaitable[tuple[Node, ...]]:
        """Return the nodes that are there, by name."""


class Signals(Protocol):
    """Short words to all nodes at once. One that is lost is no harm: whoever listens looks now and then
    as well."""

    def tell(self, topic: str, word: str) -> Awaitable[None]:
        """Tell all who listen now. Raises PortError."""

    def heard(self, topic: str) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """Listen: everything that is told of a topic from now on, until the connection is lost (then
        it ends with PortError)."""


class Cluster(Lease, Presence, Signals, Protocol):
    """All of it, kept in one place."""

    def close(self) -> Awaitable[None]:
        """Close the connection."""
