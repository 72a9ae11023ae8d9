"""The payments port: the gateway that takes money from cards, by idempotency key.

Card number, expiry and CVV are secrets: they go to the gateway, or encrypted to the bank, and nowhere
else. The CVV never outlives the authorisation.
"""

from __future__ import annotations

import enum
from collections.abc import Awaitable
from typing import Protocol

import msgspec

from ivr.model.secret import Secret
from ivr.model.values import Money


class PaymentState(enum.StrEnum):
    """What the gateway holds under a key."""

    AUTHORISED = "authorised"  # reserved on the card, not taken yet
    CAPTURED = "captured"
    VOIDED = "voided"  # also a key that was voided before it ever arrived: it can be used no more
    REFUNDED = "refunded"
    DECLINED = "declined"
    TOKENISED = "tokenised"


class Decline(enum.StrEnum):
    """Why a card was declined, as far as the caller may know. `NONE`: it was not."""

    NONE = ""
    FUNDS = "funds"
    EXPIRED = "expired"
    CVV = "cvv"
    CARD = "card"  # lost, stolen, closed, or not allowed
    AMOUNT = "amount"
    DUPLICATE = "duplicate"  # the same merchant order was paid before
    REFUSED = "refused"


class Card(msgspec.Struct, frozen=True):
    """A card as it was keyed: `pan`, `expiry` (MMYY) and `cvv` (empty where none is asked).

    `sealed` instead of these is what was encrypted at capture (docs/secure-window.md).
    """

    pan: Secret
    expiry: Secret
    cvv: Secret
    sealed: str = ""


class MerchantOrder(msgspec.Struct, frozen=True):
    """What is to be paid. `merchant` is the id of its spoken name; `instalments` the numbers of months
    that are offered; `open` whether it can be paid still."""

    number: str
    merchant: str
    amount: Money
    instalments: tuple[int, ...] = ()
    open: bool = True


class Payment(msgspec.Struct, frozen=True):
    """What the gateway says of a key. `reference` is the gateway's; `tail` the card's last four digits;
    `token` stands for the card where it was tokenised; `decline` says why DECLINED; `order` is the
    merchant's, `refunded` what was given back of a CAPTURED one."""

    key: str
    state: PaymentState
    amount: Money = Money(0)
    reference: str = ""
    brand: str = ""
    tail: str = ""
    token: str = ""
    decline: Decline = Decline.NONE
    order: str = ""
    refunded: Money = Money(0)


class Payments(Protocol):
    """The gateway. Every method raises PortError; PortTimeout tells nothing of what was done, `query`
    does. A key that was used is answered as it stands, whatever else is asked with it."""

    def merchant_order(self, number: str) -> Awaitable[MerchantOrder | None]:
        """Return what is to be paid under a merchant's order number."""

    def authorise(
        self, key: str, order: str, amount: Money, card: Card, instalments: int
    ) -> Awaitable[Payment]:
        """Reserve an amount on a keyed card (`instalments` 0 or a number of months)."""

    def authorise_token(
        self, key: str, order: str, amount: Money, token: str, instalments: int
    ) -> Awaitable[Payment]:
        """Reserve an amount on a card that is on file."""

    def tokenise(self, key: str, card: Card) -> Awaitable[Payment]:
        """Keep a card and return its token; no money moves."""

    def capture(self, key: str) -> Awaitable[Payment]:
        """Take what is reserved."""

    def void(self, key: str) -> Awaitable[Payment]:
        """Let go of what is reserved; a key that never arrived cannot be used from here on."""

    def refund(self, key: str, reference: str, amount: Money) -> Awaitable[Payment]:
        """Give back an amount of a captured payment (by its reference), once for a key of its own.

        REFUNDED under that key, or DECLINED with AMOUNT for more than is left, with CARD for what is
        no captured payment."""

    def query(self, key: str) -> Awaitable[Payment | None]:
        """Return what is held under a key; None when it never arrived."""
