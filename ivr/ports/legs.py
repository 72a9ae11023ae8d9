"""The legs port: telephones that are rung beside a caller's own call, and what is joined with what.

A leg is named by whoever asks for it; the name is its channel's UNIQUEID, so that a leg is found again
after a restart. While nothing is joined with it, it hears music.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from ivr.ports.agents import Spying
from ivr.ports.switch import ChannelInfo

OnGone = Callable[[str], None]
"""Told the UNIQUEID of a channel that is no more."""


class Legs(Protocol):
    """Legs on Asterisk. Every method raises PortError."""

    def ring(
        self, leg: str, destination: str, ring_ms: int, caller: str, beside: str
    ) -> Awaitable[bool]:
        """Ring a destination (a dial string of the configuration) in the name of `caller`, from where the
        call `beside` is; return whether it was answered."""

    def spy(self, leg: str, destination: str, channel: str, how: Spying) -> Awaitable[bool]:
        """Ring a supervisor's telephone and have it take part in what a channel hears and says, until
        either is gone; return whether it was answered."""

    def unnoticed(self, leg: str) -> Awaitable[None]:
        """Have nobody told any more whether somebody speaks on a leg: on such a one a supervisor is not
        heard."""

    def join(self, one: str, other: str) -> Awaitable[None]:
        """Join two legs. When one is gone, the other hears music again."""

    def hang_up(self, leg: str) -> Awaitable[None]:
        """End a leg, also while it rings. One that is gone already is no error."""

    def found(self, begins: str) -> Awaitable[tuple[ChannelInfo, ...]]:
        """Return the legs whose names begin so, those that only ring as well."""

    def on_gone(self, told: OnGone) -> None:
        """Have `told` called whenever a channel is gone."""
