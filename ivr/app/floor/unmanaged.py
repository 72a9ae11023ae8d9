"""Legs where there is no manager interface: agents answer their telephones, and that is all."""

from __future__ import annotations

from ivr.model.errors import PortError
from ivr.ports.agents import Spying
from ivr.ports.legs import OnGone
from ivr.ports.switch import ChannelInfo


class NoLegs:
    """The Legs port without `ami` in the configuration: whatever is asked is a PortError."""

    async def ring(
        self, leg: str, destination: str, ring_ms: int, caller: str, beside: str
    ) -> bool:
        """Ring nobody."""
        raise _unmanaged()

    async def spy(self, leg: str, destination: str, channel: str, how: Spying) -> bool:
        """Listen to nobody."""
        raise _unmanaged()

    async def unnoticed(self, leg: str) -> None:
        """Nobody is told."""
        raise _unmanaged()

    async def join(self, one: str, other: str) -> None:
        """Join nobody."""
        raise _unmanaged()

    async def hang_up(self, leg: str) -> None:
        """There is no leg to end."""

    async def found(self, begins: str) -> tuple[ChannelInfo, ...]:
        """Find none."""
        return ()

    def on_gone(self, told: OnGone) -> None:
        """Nobody tells."""


def _unmanaged() -> PortError:
    return PortError("asterisk", "cannot be asked without `ami` in the configuration")
