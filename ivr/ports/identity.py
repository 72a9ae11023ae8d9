"""The bank port, where it says who a caller is.

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


class Identity(Protocol):
    """Who a caller is, and the proof of it. Every method raises PortError."""

    def verify_pin(
        self, account: str, pin: Secret, ani: str, trunk: str = "", binds: str = ""
    ) -> Awaitable[PinAnswer]:
        """Check a PIN; the attempt is counted durably before the PIN is looked at, at most five
        wrong ones are ever evaluated, whatever restarts and nodes do.

        It counts for the account, for the calling number and for the `trunk` that the call came in by.
        With `binds`, the digest of a read-back (hex SHA-256), a right PIN authorises that digest: the
        bank posts nothing else for it.
        """

    def identify(self, ani: str) -> Awaitable[Customer | None]:
        """Return the customer who has this calling number on file.

        None for a number that is withheld or unknown, and for one that several customers share:
        nobody is ever taken for somebody else.
        """


class VerifyPin(Command[Identity, PinAnswer], frozen=True):
    """Is this the PIN of this account?"""

    port: ClassVar[str] = "bank"
    answer: ClassVar[type] = PinAnswer
    account: str
    pin: Secret
    ani: str
    trunk: str = ""
    binds: str = ""

    def perform(self, port: Identity) -> Awaitable[PinAnswer]:
        return port.verify_pin(self.account, self.pin, self.ani, self.trunk, self.binds)


class Identify(Command[Identity, Customer | None], frozen=True):
    """Whose calling number is this?"""

    steady: ClassVar[bool] = True
    port: ClassVar[str] = "bank"
    answer: ClassVar[object] = Customer | None
    ani: str

    def perform(self, port: Identity) -> Awaitable[Customer | None]:
        return port.identify(self.ani)
