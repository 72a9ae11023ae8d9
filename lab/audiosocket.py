"""AudioSocket: the sound of a call as a TCP stream.

Asterisk connects once for each call and names it by a UUID; then 20 ms of sound (signed 16-bit
little-endian at 8 kHz) arrive in each message, and the same goes back to the caller's side.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Protocol, cast

HEADER = 3
KIND_END, KIND_ID, KIND_DTMF, KIND_SOUND = 0x00, 0x01, 0x03, 0x10
FRAME_SAMPLES = 160
FRAME_SECONDS = 0.02
SILENCE = bytes([KIND_SOUND, 0x01, 0x40]) + bytes(2 * FRAME_SAMPLES)


class Listener(Protocol):
    """Who is told what a call sounds like."""

    def on_sound(self, samples: bytes, now: float) -> None:
        """Take a piece of sound that arrived at `now` (event loop time, seconds)."""

    def on_connected(self, socket: AudioSocket) -> None:
        """The sound of this call flows from now on; `socket.send` answers it."""


class AudioSocket(asyncio.Protocol):
    """The connection of one call."""

    def __init__(self, listener_of: Callable[[uuid.UUID], Listener | None]) -> None:
        self._listener_of = listener_of
        self._listener: Listener | None = None
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """The call is over."""
        self._transport = None

    def data_received(self, data: bytes) -> None:
        """Cut the stream into messages."""
        buffer = self._buffer
        buffer += data
        start = 0
        now = self._loop.time()
        while len(buffer) - start >= HEADER:
            end = start + HEADER + (buffer[start + 1] << 8 | buffer[start + 2])
            if len(buffer) < end:
                break
            self._take(buffer[start], bytes(buffer[start + HEADER : end]), now)
            start = end
        del buffer[:start]

    def _take(self, kind: int, payload: bytes, now: float) -> None:
        if kind == KIND_SOUND and self._listener is not None:
            self._listener.on_sound(payload, now)
        elif kind == KIND_ID:
            self._listener = self._listener_of(uuid.UUID(bytes=payload))
            if self._listener is None:
                self.close()
            else:
                self._listener.on_connected(self)

    def send(self, message: bytes) -> None:
        """Send one whole message, such as `SILENCE`, to the caller's side."""
        if self._transport is not None:
            self._transport.write(message)

    def close(self) -> None:
        """End the connection; Asterisk then ends the call."""
        if self._transport is not None:
            self._transport.close()


def sound(samples: bytes) -> bytes:
    """Return the message that carries these samples (at most 65,535 bytes)."""
    return bytes([KIND_SOUND]) + len(samples).to_bytes(2, "big") + samples
