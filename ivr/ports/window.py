"""The secure window: a span of a call in which nothing records, monitors or logs.

A payment asks for a card only inside one. Who cannot be sure refuses to open it (fail closed).
Around a PIN or a code there is less of it: what is known to record the call is silent.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import ClassVar, Protocol

import msgspec

from ivr.model.commands import Command


class Opened(msgspec.Struct, frozen=True):
    """Whether the window is open; if not, `problem` says why, for operators."""

    open: bool
    problem: str = ""


class Window(Protocol):
    """Opens and closes secure windows. `call_id` is the channel's UNIQUEID. Raises PortError."""

    def open(self, call_id: str) -> Awaitable[Opened]:
        """Open one: the preflight is clean, and every recorder of the call is confirmed silent."""

    def close(self, call_id: str) -> Awaitable[None]:
        """Close it: what recorded before records again."""

    def hush(self, call_id: str) -> Awaitable[Opened]:
        """Have what records the call be silent, confirmed, while a PIN or code is keyed; in a window it
        is so already."""

    def unhush(self, call_id: str) -> Awaitable[None]:
        """Have what was silenced for a PIN record again."""


class Privacy(Protocol):
    """What is seen to while a caller keys a secret."""

    async def begin(self) -> None:
        """Before it is asked for. Raises PortError where it may not be."""

    def keyed(self, what: str, count: int) -> None:
        """There are so many keys of it: that may be told, and kept nowhere."""

    async def end(self) -> None:
        """When it is keyed, or the caller is gone. Never raises."""


class OpenWindow(Command[Window, Opened], frozen=True):
    """Make sure that nothing hears or keeps what the caller keys next."""

    port: ClassVar[str] = "window"
    answer: ClassVar[type] = Opened
    call_id: str

    def perform(self, port: Window) -> Awaitable[Opened]:
        return port.open(self.call_id)


class CloseWindow(Command[Window, None], frozen=True):
    """Go on as before."""

    port: ClassVar[str] = "window"
    call_id: str

    def perform(self, port: Window) -> Awaitable[None]:
        return port.close(self.call_id)
