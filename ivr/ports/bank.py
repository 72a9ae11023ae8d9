"""The bank port: customers and accounts.

An account number never tells whether it exists: an unknown number and a wrong PIN get the same
answer in the same time.
"""

from __future__ import annotations

import enum
from collections.abc import Awaitable
from typing import ClassVar, Protocol

import msgspec

from ivr.model.commands import Command
from ivr.model.secret import Secret
from ivr.model.values import Money


class PinResult(enum.StrEnum):
    """What came of a PIN."""

    RIGHT = "right"
    WRONG = "wrong"  # or no such account: nobody may tell which
    LOCKED = "locked"  # too many wrong ones; not evaluated


class Customer(msgspec.Struct, frozen=True):
    """What the bank tells of an authenticated customer."""

    number: str
    name: str
    segment: str
    language: str


class PinAnswer(msgspec.Struct, frozen=True):
    """The result, and the customer when it is RIGHT."""

    result: PinResult
    customer: Customer | None = None


class Branch(msgspec.Struct, frozen=True):
    """A branch and its opening hours today, `HH:MM`; both None when it is closed all day."""

    number: str
    name: str
    opens: str | None
    closes: str | None


class Bank(Protocol):
    """What the engine asks of the bank. Every method raises PortError."""

    def verify_pin(self, account: str, pin: Secret, ani: str) -> Awaitable[PinAnswer]:
        """Check a PIN; the attempt is counted durably before the PIN is looked at, at most five
        wrong ones are ever evaluated, whatever restarts and nodes do."""

    def balance(self, account: str) -> Awaitable[Money]:
        """Return the available balance of an account the caller is authenticated for."""

    def branch(self, number: str, day: str) -> Awaitable[Branch | None]:
        """Return a branch with its hours on a day (ISO date), or None if there is none."""


class VerifyPin(Command[Bank, PinAnswer], frozen=True):
    """Is this the PIN of this account?"""

    port: ClassVar[str] = "bank"
    answer: ClassVar[type] = PinAnswer
    account: str
    pin: Secret
    ani: str

    def perform(self, port: Bank) -> Awaitable[PinAnswer]:
        return port.verify_pin(self.account, self.pin, self.ani)


class GetBalance(Command[Bank, Money], frozen=True):
    """How much is on this account?"""

    port: ClassVar[str] = "bank"
    answer: ClassVar[type] = Money
    account: str

    def perform(self, port: Bank) -> Awaitable[Money]:
        return port.balance(self.account)


class GetBranch(Command[Bank, Branch | None], frozen=True):
    """Where and when is this branch open?"""

    port: ClassVar[str] = "bank"
    answer: ClassVar[object] = Branch | None
    number: str
    day: str

    def perform(self, port: Bank) -> Awaitable[Branch | None]:
        return port.branch(self.number, self.day)
