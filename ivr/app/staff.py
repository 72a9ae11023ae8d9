"""The staff as an engine, a desk or a command has it: where the rest of OneCall's data is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ivr.adapters.staff.embedded import PEPPER, EmbeddedStaff
from ivr.app.config import Config, folder
from ivr.app.places import made
from ivr.ports.clock import Clock

FILE = "staff.sqlite"


@asynccontextmanager
async def staff_of(config: Config, clock: Clock) -> AsyncIterator[EmbeddedStaff]:
    """Open the staff's database. Raises ConfigError, PortError."""
    pepper = folder(config.state) / PEPPER
    staff = await EmbeddedStaff.open(made(config, FILE), clock, pepper)
    try:
        yield staff
    finally:
        await staff.close()
