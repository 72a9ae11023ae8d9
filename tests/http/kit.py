"""What tests of HTTP share: a small port, what keeps it, and servers of it."""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any, Protocol

import httpx
import msgspec
from starlette.applications import Starlette

from ivr.http.client import HttpPort
from ivr.http.server import Around, Served, application, straight
from ivr.model.errors import PortError, PortTimeout
from ivr.model.secret import Secret
from ivr.model.values import Money, Scalar

TOKEN = Secret("a-token")
PIN = "739146"


class Colour(enum.StrEnum):
    """A colour."""

    RED = "red"


class Parcel(msgspec.Struct, frozen=True):
    """A parcel with everything that ports send in it."""

    name: str
    at: datetime
    price: Money = Money(0)
    colour: Colour = Colour.RED
    about: dict[str, Scalar] = {}
    parts: tuple[Money, ...] = ()
    on: date | None = None


class Post(Protocol):
    """Takes parcels. Every method raises PortError."""

    def send(self, parcel: Parcel, express: bool = False) -> Awaitable[Parcel]:
        """Send a parcel; it comes back as it was."""

    def open(self, pin: Secret, weight: int) -> Awaitable[str | None]:
        """Open the box. Whoever has the PIN may."""


class Office:
    """Keeps what Post promises. `failing` is raised instead; `done` counts."""

    def __init__(self) -> None:
        self.failing: PortError | None = None
        self.pins: list[str] = []
        self.done = 0

    async def send(self, parcel: Parcel, express: bool = False) -> Parcel:
        if self.failing is not None:
            raise self.failing
        self.done += 1
        return parcel

    async def open(self, pin: Secret, weight: int) -> str | None:
        self.pins.append(pin.reveal())
        return None if weight < 0 else "open"


class HttpPost(HttpPort, Post, port="post"):
    """The Post port over HTTP."""


LATE = PortTimeout("post", 3_000)


def served(office: Any, around: Around = straight) -> Starlette:
    """Return an application that serves a post office."""
    return application({"post": Served(Post, office)}, TOKEN, around)


def client(
    app: Starlette, token: str = TOKEN.reveal(), *, failing: bool = True
) -> httpx.AsyncClient:
    """Return a client of an application, without a socket. Not `failing`: errors are answers."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=failing),
        base_url="http://post",
        headers={"Authorization": f"Bearer {token}"},
    )


@asynccontextmanager
async def asked(app: Starlette, budget_ms: int = 5_000) -> AsyncIterator[HttpPost]:
    """Yield the port of an application, asked over HTTP."""
    # Its methods are made, which mypy cannot see.
    make: type[Any] = HttpPost
    port = make(client(app), budget_ms)
    yield port
    await port.close()
