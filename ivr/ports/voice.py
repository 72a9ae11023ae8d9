"""The voice port: what reads a text aloud, when recordings are built."""

from __future__ import annotations

from typing import Protocol

import msgspec


class Sound(msgspec.Struct, frozen=True):
    """Mono sound: 16-bit signed little-endian samples, `rate` of them a second."""

    rate: int
    pcm: bytes


class Voice(Protocol):
    """A speech synthesiser for one language. Used at build time only, never in a call."""

    name: str
    """Who speaks and with which settings, as the manifest records it."""

    def speak(self, text: str) -> Sound:
        """Read a text aloud. Raises PortError when it cannot, with what to do about it."""

    def close(self) -> None:
        """Let go of the synthesiser."""
