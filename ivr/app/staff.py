"""The staff's file of an engine, a desk or a command: beside the engine's other files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ivr.adapters.staff.embedded import EmbeddedStaff
from ivr.app.config import Config, folder
from ivr.ports.clock import Clock

FILE = "staff.sqlite"


@asynccontextmanager
async def staff_of(config: Config, clock: Clock) -> AsyncIterator[EmbeddedStaff]:
    """Open the staff's file in the state folder. Raises ConfigError, PortError."""
    staff = await EmbeddedStaff.open(folder(config.state) / FILE, clock)
    try:
        yield staff
    finally:
        await staff.close()
