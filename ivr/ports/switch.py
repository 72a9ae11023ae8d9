"""The switch port: what the engine asks of Asterisk beside a caller's own connection."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

import msgspec


class ChannelInfo(msgspec.Struct, frozen=True):
    """A channel that is up. `application` is what the dialplan runs on it, or empty."""

    channel: str
    uniqueid: str
    linkedid: str
    state: str
    context: str
    exten: str
    application: str


class Switch(Protocol):
    """Channels seen from outside. Every method raises PortError, and PortTimeout when the answer
    did not come in time: what was asked may have happened then, and is never asked again."""

    def getvar(self, channel: str, name: str) -> Awaitable[str]:
        """Return a variable of a channel; empty when it is not set."""

    def core_channels(self) -> Awaitable[tuple[ChannelInfo, ...]]:
        """Return all channels."""

    def redirect(
        self, channel: str, context: str, exten: str, priority: int = 1
    ) -> Awaitable[None]:
        """Send a channel elsewhere in the dialplan."""

    def hang_up(self, channel: str) -> Awaitable[None]:
        """End a channel."""
