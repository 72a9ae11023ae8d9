"""The notify port: short messages to customers."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import ClassVar, Protocol

import msgspec

from ivr.model.commands import Command
from ivr.model.values import Scalar


class Notice(msgspec.Struct, frozen=True):
    """A message to a customer (by number): the text `template` in `language`, with `values`.

    Sent once for its `key`, however often it is asked for.
    """

    key: str
    customer: str
    template: str
    language: str
    values: dict[str, Scalar] = {}


class Notify(Protocol):
    """Sends messages. Every method raises PortError."""

    def send(self, notice: Notice) -> Awaitable[bool]:
        """Send a message to the customer's number on file; False when there is none."""


class Send(Command[Notify, bool], frozen=True):
    """Send a message."""

    port: ClassVar[str] = "notify"
    answer: ClassVar[type] = bool
    notice: Notice

    def perform(self, port: Notify) -> Awaitable[bool]:
        return port.send(self.notice)
