"""Commands: what steps ask of the world, as data.

A step is a generator that yields commands and is sent their typed answers:

    balance = yield from ask(GetBalance(account))

Which port a command goes to, and how that port is called, is known to the command itself,
so no driver needs a dispatch table.
"""

from __future__ import annotations

from collections.abc import Awaitable, Generator
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

from ivr.model.events import Event

P = TypeVar("P")
R = TypeVar("R")
Script = Generator["Command[Any, Any]", Any, R]
"""A generator of commands that ends with an R."""


class Command(msgspec.Struct, Generic[P, R], frozen=True, tag=True):
    """Something to ask of a port `P`, answered with an `R`.

    `port` names the port in a driver's table; `answer` is the type of the answer, by which a
    journal is read back; `instant` commands are answered at once and never wait.
    """

    port: ClassVar[str]
    answer: ClassVar[Any] = None
    instant: ClassVar[bool] = False
    journalled: ClassVar[bool] = True

    def perform(self, port: P) -> Awaitable[R]:
        """Call the port."""
        raise NotImplementedError

    def as_event(self, answer: R) -> Event | None:
        """Return what this command and its answer mean for audit and reports."""
        return None

    def as_event_if_gone(self) -> Event | None:
        """Return what it means that the caller hung up before there was an answer."""
        return None


class Instant(Command[P, R], frozen=True):
    """A command that a port answers at once, without waiting: no caller is kept for it."""

    instant: ClassVar[bool] = True

    def perform_now(self, port: P) -> R:
        """Call the port."""
        raise NotImplementedError


def ask(command: Command[Any, R]) -> Script[R]:
    """Yield one command and return its answer, typed."""
    answer: R = yield command
    return answer
