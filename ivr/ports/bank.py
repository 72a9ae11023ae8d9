"""The bank port: who callers are, what they hold, what is open with them, and moving their money."""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Iterator
from datetime import datetime
from typing import ClassVar, Protocol

import msgspec

from ivr.model.commands import Command
from ivr.model.values import Money
from ivr.model.world import EXAMPLE_MONEY, LONG_AGO, Answer, World
from ivr.ports.identity import Identity
from ivr.ports.posting import Postings


class MatterState(enum.StrEnum):
    """How far the bank has come with a matter."""

    PENDING = "pending"
    DONE = "done"
    REJECTED = "rejected"


class Matter(msgspec.Struct, frozen=True):
    """Something open between a customer and the bank: a transfer under way, a complaint.

    `kind` says what, in one word (`transfer`, `complaint`, `card`); `opened_at` is aware; `level` is
    the auth level that a caller needs to hear of it. `amount` is what a transfer is about.
    """

    id: str
    kind: str
    opened_at: datetime
    level: int
    state: MatterState = MatterState.PENDING
    amount: Money | None = None


class Bank(Identity, Postings, Protocol):
    """What the engine asks of the bank. Every method raises PortError."""

    def balance(self, account: str) -> Awaitable[Money]:
        """Return the available balance of an account the caller is authenticated for."""

    def products(self, customer: str) -> Awaitable[tuple[str, ...]]:
        """Return what a customer (by number) holds: `current`, `savings`, `fund`, `bond`,
        `deposit`, `loan`, `card`; in alphabetical order, empty for an unknown customer."""

    def matters(self, customer: str, now: datetime) -> Awaitable[tuple[Matter, ...]]:
        """Return a customer's open matters as of `now` (aware), the latest first."""


class GetBalance(Command[Bank, Money], frozen=True):
    """How much is on this account?"""

    port: ClassVar[str] = "bank"
    answer: ClassVar[type] = Money
    level: ClassVar[int] = 2
    account: str

    def perform(self, port: Bank) -> Awaitable[Money]:
        return port.balance(self.account)


class GetProducts(Command[Bank, tuple[str, ...]], frozen=True):
    """What does this customer hold?"""

    steady: ClassVar[bool] = True
    port: ClassVar[str] = "bank"
    answer: ClassVar[object] = tuple[str, ...]
    compared: ClassVar[str] = "products"
    customer: str

    def perform(self, port: Bank) -> Awaitable[tuple[str, ...]]:
        return port.products(self.customer)


class GetMatters(Command[Bank, tuple[Matter, ...]], frozen=True):
    """What is open between this customer and the bank?"""

    port: ClassVar[str] = "bank"
    answer: ClassVar[object] = tuple[Matter, ...]
    level: ClassVar[int] = 2
    customer: str
    now: datetime

    def answers(self, world: World) -> Iterator[Answer]:
        known = list(world.answers_to(self))
        for one in known:
            yield Answer(value=one.answer)
        for matters in _matters(world):
            yield Answer(value=matters, sure=not known)
        yield from self.failures()

    def perform(self, port: Bank) -> Awaitable[tuple[Matter, ...]]:
        return port.matters(self.customer, self.now)


def _matters(world: World) -> Iterator[tuple[Matter, ...]]:
    """Yield nothing open, and of each kind that is asked about: one in each state; and an old one
    with one that nobody may hear of by telephone."""
    yield ()
    for kind in sorted(world.texts.get("kind", ())):
        now = world.instants[0]
        for state in MatterState:
            yield (Matter("1", kind, now, 2, state, EXAMPLE_MONEY),)
        old = Matter("1", kind, now - LONG_AGO, 2, MatterState.DONE, EXAMPLE_MONEY)
        yield (Matter("2", kind, now, 4, MatterState.DONE, EXAMPLE_MONEY), old)
