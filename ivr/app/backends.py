"""Opening the backends that the configuration chooses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

from ivr.adapters import bank, knowledge, notify, payments
from ivr.app.config import BackendConfig, ConfigError, read_secret
from ivr.model.secret import Secret
from ivr.ports.backend import Settings
from ivr.ports.clock import Clock

PORTS: Mapping[str, ModuleType] = {
    "bank": bank,
    "payments": payments,
    "notify": notify,
    "knowledge": knowledge,
}
"""The ports that a bank may connect its own systems to, with their backends."""


@asynccontextmanager
async def opened(
    port: str, section: BackendConfig, clock: Clock, **needs: object
) -> AsyncIterator[Any]:
    """Open the backend of a port; `needs` are other ports that it asks. Raises ConfigError, PortError."""
    backends = PORTS[port].discover()
    backend = backends.get(section.backend)
    if backend is None:
        known = ", ".join(sorted(backends))
        raise ConfigError(f"{port}: backend: there is no {section.backend!r}; there are {known}")
    chosen = await backend.opened(_settings(port, section), clock, **needs)
    try:
        yield chosen
    finally:
        await chosen.close()


def _settings(port: str, section: BackendConfig) -> Settings:
    if section.backend == "http" and not section.url:
        raise ConfigError(
            f"{port}: url: the http backend needs one, such as https://core.bank:8443"
        )
    return Settings(
        file=section.file,
        url=section.url,
        token=Secret(read_secret(section.token_file)) if section.token_file else None,
        ca_file=section.ca_file,
        budget_ms=section.budget,
        texts=getattr(section, "texts", None),
        trunk_attempts=getattr(section, "trunk_attempts", None),
    )
