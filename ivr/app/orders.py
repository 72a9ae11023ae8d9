"""Opening the ledger of orders that the configuration chooses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote, urlsplit

from ivr.adapters import ledger as ledgers
from ivr.adapters.budget import Budgeted
from ivr.app.clerk import Clerk
from ivr.app.config import Config, ConfigError, folder, read_secret
from ivr.app.places import server
from ivr.database import Server
from ivr.model.secret import Secret
from ivr.ports.backend import Settings
from ivr.ports.ledger import OrderLedger

LEDGER = "ledger.sqlite"
"""The file of orders in the state folder."""
SETTLING_MS = 10_000
"""Nobody waits for a result for so long: who settles says how long they wait."""


@asynccontextmanager
async def order_ledger(config: Config, *, begin: bool = False) -> AsyncIterator[OrderLedger]:
    """Open the ledger of orders; with `begin`, make the file if there is none.

    Raises ConfigError, PortError.
    """
    section = config.orders
    shared = None if section.backend or section.url else server(config)
    name = section.backend or ("postgres" if shared or section.url else "sqlite")
    backends = ledgers.discover()
    backend = backends.get(name)
    if backend is None:
        known = ", ".join(sorted(backends))
        raise ConfigError(
            f"orders: backend: there is no {name!r}; there are {known} "
            "(postgres needs: pip install 'onecall[postgresql]')"
        )
    url = shared.url.reveal() if shared else section.url
    if name == "postgres" and not url:
        raise ConfigError("orders: url: postgres needs one: postgresql://user@host:5432/database")
    password = Secret(read_secret(section.password_file)) if section.password_file else None
    file = config.state / LEDGER
    if begin:
        folder(config.state)
    elif not url and not file.exists():
        raise ConfigError(f"there are no orders yet: there is no {file}; `ivr serve` makes it")
    chosen: OrderLedger = await backend.opened(Settings(file=file, url=url, token=password))
    try:
        yield chosen
    finally:
        await chosen.close()


def orders_server(config: Config) -> Server | None:
    """Return the server that holds the ledger, as whoever copies it connects; None: an SQLite file does.
    Raises ConfigError."""
    section = config.orders
    if not section.url:
        return None if section.backend == "sqlite" else server(config)
    parts = urlsplit(section.url)
    if section.password_file:
        user, _, where = parts.netloc.rpartition("@")
        password = quote(read_secret(section.password_file), safe="")
        parts = parts._replace(netloc=f"{user.partition(':')[0]}:{password}@{where}")
    try:
        return Server(Secret(parts.geturl()))
    except ValueError as error:
        raise ConfigError(f"orders: url: {error}") from error


def orders_of(config: Config, clerk: Clerk) -> Budgeted:
    """Return the clerk as calls ask him: within a budget, but for the results they wait for."""
    return Budgeted("orders", clerk, config.orders.budget, {"settle": SETTLING_MS})
