"""The switch port: what the engine asks of Asterisk beside a caller's own connection."""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec

from ivr.model.errors import PortError


class ChannelInfo(msgspec.Struct, frozen=True):
    """A channel that is up. `application` is what the dialplan runs on it with `data`, or empty;
    `bridge` what joins it with others, or empty."""

    channel: str
    uniqueid: str
    linkedid: str
    state: str
    context: str
    exten: str
    application: str
    data: str = ""
    bridge: str = ""


AT = "@@"
"""Stands between a channel's name and the Asterisk that it is on, where there are several."""


def local(channel: str) -> str:
    """Return a channel's name as its own Asterisk has it."""
    return channel.partition(AT)[0]


def unique(channel: str, asterisk: str) -> str:
    """Return a name that no channel of another Asterisk has; of the only Asterisk, the name itself."""
    return f"{channel}{AT}{asterisk}" if channel and asterisk else channel


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


class Listening(enum.Enum):
    """What begins, or ends, while a channel is watched."""

    RECORDER = "recorder"  # something records the channel
    SPY = "spy"  # somebody listens to the channel
    GONE = "gone"  # the channel is no more


OnListening = Callable[[Listening, str, str], None]
"""Told what, the UNIQUEID of the channel, and for a spy the channel that listens."""


class Unconfirmed(PortError):
    """Something records a channel, and nobody has confirmed that it is silent."""


class Recorders(Protocol):
    """What records channels, by their UNIQUEIDs. Every method raises PortError; a silence is only
    reported that Asterisk itself has confirmed, by an event on that very channel (else Unconfirmed)."""

    def mute(self, channel: str, *, on: bool) -> Awaitable[bool]:
        """Have all recorders of a channel write silence, or sound again; False: it has none."""

    def stop(self, channel: str) -> Awaitable[bool]:
        """End all recorders of a channel; False: it has none."""

    def watch(self, told: OnListening) -> None:
        """Have `told` called whenever something begins to listen to a channel, or one is gone."""
