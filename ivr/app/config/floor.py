"""The floor, as other processes of the machine ask for it."""

from __future__ import annotations

from pydantic import Field

from ivr.app.config.section import Section


class FloorConfig(Section):
    """Where the engine serves agents, queues and callbacks to the desk and to commands (docs/floor.md)."""

    host: str = Field("127.0.0.1", description="Address to listen on; loopback unless tunnelled.")
    port: int = Field(4575, ge=1, le=65535, description="TCP port.")
    survival: str = Field(
        "service",
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="Asterisk's plain queue, in which callers wait while there is no engine: agents who "
        "are logged in are its members.",
    )
