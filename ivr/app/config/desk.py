"""The agent desk."""

from __future__ import annotations

from pydantic import Field

from ivr.app.config.section import Section
from ivr.model.duration import Duration


class DeskConfig(Section):
    """Where the agent desk is served, and how long people stay logged in (docs/desk.md)."""

    host: str = Field(
        "127.0.0.1", description="Address to listen on; loopback unless a TLS proxy is elsewhere."
    )
    port: int = Field(4580, ge=0, le=65535, description="TCP port; 0 takes a free one.")
    https: bool = Field(
        False, description="Whether browsers come by https (a TLS proxy): cookies want it then."
    )
    idle: Duration = Field(1_800_000, gt=0, description="Logged out after so long without a click.")
    session: Duration = Field(43_200_000, gt=0, description="Logged out after so long in any case.")
