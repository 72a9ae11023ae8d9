"""The bank port, where it says who a caller is.

A number never tells whether it is anybody's: an unknown number and a wrong PIN get the same answer in
the same time. Secrets (PINs, codes, card numbers) go to the bank as `Secret` and nowhere else.
"""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Iterator
from typing import ClassVar, Protocol

import msgspec

from ivr.model.commands import Command
from ivr.model.secret import Secret
from ivr.model.world import Answer, World


class PinResult(enum.StrEnum):
    """What came of a PIN, or of a second factor."""

    RIGHT = "right"
    WRONG = "wrong"  # or no such account: nobody may tell which
    LOCKED = "locked"  # too many wrong ones; not evaluated


class PinChange(enum.StrEnum):
    """What came of changing a PIN."""

    CHANGED = "changed"
    WRONG = "wrong"  # the old one, or there is no such account
    LOCKED = "locked"
    WEAK = "weak"  # the new one is easy to guess; the old one stays


class By(enum.StrEnum):
    """What a caller may key to say who they are."""

    ACCOUNT = "account"
    CARD = "card"
    CUSTOMER = "customer"


class Factor(enum.StrEnum):
    """A second factor, after the PIN."""

    CODE = "code"  # some digits of a longer code, by their positions
    MESSAGE = "message"  # a code that the bank sends to the number on file
    CALLBACK = "callback"  # the bank calls the number on file


class Customer(msgspec.Struct, frozen=True):
    """What the bank tells of a customer."""

    number: str
    name: str
    segment: str
    language: str


class PinAnswer(msgspec.Struct, frozen=True):
    """The result, and the customer when it is RIGHT."""

    result: PinResult
    customer: Customer | None = None


class Claimed(msgspec.Struct, frozen=True):
    """Who a keyed number says is calling. Nothing is proven by it.

    A PIN is checked against `account`; there is one also where the number is nobody's and `customer`
    None, so that the PIN is asked and refused as any wrong one. Of a card number, `tail` is the last
    four digits, which is all that may be kept of it.
    """

    account: str
    customer: Customer | None = None
    tail: str = ""


class Begun(enum.StrEnum):
    """Whether a second factor can be asked for."""

    READY = "ready"  # of a call back: it will come
    LOCKED = "locked"
    REFUSED = "refused"  # the customer has none, or used it too often


class Challenge(msgspec.Struct, frozen=True):
    """What to ask for. `positions` are those of the digits wanted of a code, 1 being the first.

    Of a call back, `number` is the one on file, and `figures` are told to the caller beforehand: two by
    which the bank's call proves itself, and four to key in it. They are no secret: alone, without
    answering that telephone, they open nothing. Without a `number` the bank calls by itself.
    """

    begun: Begun
    positions: tuple[int, ...] = ()
    number: str = ""
    figures: str = ""


class Identity(Protocol):
    """Who a caller is, and the proof of it. Every method raises PortError.

    Attempts are counted durably before anything is looked at; at most five wrong ones in a row are
    ever evaluated for an account, whatever restarts and nodes do. They count for the calling number
    (`ani`) and for the `trunk` that the call came in by as well.
    """

    def identify(self, ani: str) -> Awaitable[Customer | None]:
        """Return the customer who has this calling number on file.

        None for a number that is withheld or unknown, and for one that several customers share:
        nobody is ever taken for somebody else.
        """

    def look_up(self, by: By, number: Secret, ani: str, trunk: str) -> Awaitable[Claimed]:
        """Return whose account, card or customer number this is; one that is nobody's counts as a
        wrong attempt of the calling number and the trunk, and without any left none is found."""

    def verify_pin(
        self, account: str, pin: Secret, ani: str, trunk: str = "", binds: str = ""
    ) -> Awaitable[PinAnswer]:
        """Check a PIN.

        With `binds`, the digest of a read-back (hex SHA-256), a right PIN authorises that digest: the
        bank posts nothing else for it.
        """

    def change_pin(
        self, account: str, old: Secret, new: Secret, ani: str, trunk: str
    ) -> Awaitable[PinChange]:
        """Replace a PIN by one that is not easy to guess; a wrong old one counts as any wrong PIN."""

    def factors(self, customer: str) -> Awaitable[tuple[Factor, ...]]:
        """Return the second factors that a customer (by number) can use."""

    def begin_factor(
        self, customer: str, factor: Factor, language: str, call: str
    ) -> Awaitable[Challenge]:
        """Begin a second factor: choose positions (the same ones until they are answered right), send
        a code in a `language`, or choose figures for a call to the number on file about a `call`."""

    def verify_factor(self, customer: str, factor: Factor, answer: Secret) -> Awaitable[PinResult]:
        """Check the digits at the positions that were asked for, the code that was sent, or the last
        four figures told for a call back."""


class Identify(Command[Identity, Customer | None], frozen=True):
    """Whose calling number is this?"""

    steady: ClassVar[bool] = True
    port: ClassVar[str] = "bank"
    answer: ClassVar[object] = Customer | None
    ani: str

    def perform(self, port: Identity) -> Awaitable[Customer | None]:
        return port.identify(self.ani)


class LookUp(Command[Identity, Claimed], frozen=True):
    """Whose number is this that the caller keyed?"""

    port: ClassVar[str] = "bank"
    answer: ClassVar[type] = Claimed
    by: By
    number: Secret
    ani: str
    trunk: str

    def perform(self, port: Identity) -> Awaitable[Claimed]:
        return port.look_up(self.by, self.number, self.ani, self.trunk)


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


class ChangePin(Command[Identity, PinChange], frozen=True):
    """Take this PIN instead of that."""

    port: ClassVar[str] = "bank"
    answer: ClassVar[type] = PinChange
    level: ClassVar[int] = 2
    account: str
    old: Secret
    new: Secret
    ani: str
    trunk: str

    def perform(self, port: Identity) -> Awaitable[PinChange]:
        return port.change_pin(self.account, self.old, self.new, self.ani, self.trunk)


class GetFactors(Command[Identity, tuple[Factor, ...]], frozen=True):
    """Which second factors does this customer have?"""

    steady: ClassVar[bool] = True
    port: ClassVar[str] = "bank"
    answer: ClassVar[object] = tuple[Factor, ...]
    level: ClassVar[int] = 2
    customer: str

    def perform(self, port: Identity) -> Awaitable[tuple[Factor, ...]]:
        return port.factors(self.customer)


class BeginFactor(Command[Identity, Challenge], frozen=True):
    """Ask for this second factor."""

    port: ClassVar[str] = "bank"
    answer: ClassVar[type] = Challenge
    level: ClassVar[int] = 2
    customer: str
    factor: Factor
    language: str
    call: str

    def answers(self, world: World) -> Iterator[Answer]:
        for begun in Begun:
            asked = (1, 2, 3) if (self.factor, begun) == (Factor.CODE, Begun.READY) else ()
            told = ("13800003333", "155267") if self.factor is Factor.CALLBACK else ("", "")
            yield Answer(value=Challenge(begun, asked, *told), sure=False)
        yield from self.failures()

    def perform(self, port: Identity) -> Awaitable[Challenge]:
        return port.begin_factor(self.customer, self.factor, self.language, self.call)


class VerifyFactor(Command[Identity, PinResult], frozen=True):
    """Is this what was asked for?"""

    port: ClassVar[str] = "bank"
    answer: ClassVar[type] = PinResult
    level: ClassVar[int] = 2
    customer: str
    factor: Factor
    digits: Secret

    def perform(self, port: Identity) -> Awaitable[PinResult]:
        return port.verify_factor(self.customer, self.factor, self.digits)
