"""The cashier port: payments by phone, as steps ask for them.

The cashier keeps the ledger and asks the gateway (`ivr.ports.payments`), so that a card is charged once
or not at all, whatever becomes of the call. A payment is an order: begun, frozen and cancelled through
the orders port, as any other; only authorising it, with the card, is here.
"""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import ClassVar, Protocol

import msgspec

from ivr.model.commands import Command
from ivr.model.values import Money
from ivr.ports.orders import Order
from ivr.ports.payments import Card, MerchantOrder

DESK = "cashier"
"""Who carries payments out, in the ledger (`Draft.desk`)."""
VOID = "void"
"""The reason of a payment that never came about: the card was not charged, and will not be."""
WAIT_MS = 12_000
"""How long a caller waits to hear what became of a payment."""


class Charge(msgspec.Struct, frozen=True):
    """What the caller says yes to: the `order` in our ledger with the `digest` of its read-back.

    `number` is the merchant's order (empty: the card is kept, nothing is charged), `amount` what is to
    be paid or given back, in `instalments` months (0: at once).
    """

    order: str
    digest: str
    at: datetime
    number: str = ""
    amount: Money = Money(0)
    instalments: int = 0


class Captured(msgspec.Struct, frozen=True):
    """A payment of the customer's that was made: its id in our ledger, what it came to and what is
    `left` to be given back."""

    id: str
    amount: Money
    left: Money
    brand: str
    tail: str


class Cashier(Protocol):
    """Takes payments. Every method raises PortError: then nothing was authorised. A PortTimeout tells
    nothing of that; `settle` does.

    What an order comes to is its state: READ_BACK still when the read-back was too old, REJECTED with a
    `Decline` or VOID as its reason, UNKNOWN when nobody knows yet.
    """

    def merchant_order(self, number: str) -> Awaitable[MerchantOrder | None]:
        """Return what is to be paid under a merchant's order number."""

    def pay(self, charge: Charge, card: Card) -> Awaitable[Order]:
        """Charge a keyed card. The card is copied at once; the caller's own may be wiped."""

    def pay_on_file(self, charge: Charge, token: str) -> Awaitable[Order]:
        """Charge a card that is on file."""

    def keep(self, charge: Charge, card: Card) -> Awaitable[Order]:
        """Have the gateway keep a card, and charge nothing."""

    def settle(self, order: str, wait_ms: int) -> Awaitable[Order]:
        """Return an authorised payment when it is over, or as it stands when that takes longer."""

    def find(self, customer: str, reference: str) -> Awaitable[Captured | None]:
        """Return a customer's own payment by its reference, if it was made."""

    def refund(self, charge: Charge, payment: str) -> Awaitable[Order]:
        """Give back an amount of a payment (by its id in our ledger)."""


class GetMerchantOrder(Command[Cashier, MerchantOrder | None], frozen=True):
    """What is to be paid under this number?"""

    steady: ClassVar[bool] = True
    port: ClassVar[str] = "payments"
    answer: ClassVar[object] = MerchantOrder | None
    number: str

    def perform(self, port: Cashier) -> Awaitable[MerchantOrder | None]:
        return port.merchant_order(self.number)


class PayByCard(Command[Cashier, Order], frozen=True):
    """Charge this card, which the caller has keyed."""

    port: ClassVar[str] = "payments"
    answer: ClassVar[type] = Order
    charge: Charge
    card: Card

    def perform(self, port: Cashier) -> Awaitable[Order]:
        return port.pay(self.charge, self.card)


class PayOnFile(Command[Cashier, Order], frozen=True):
    """Charge this card, which is on file."""

    port: ClassVar[str] = "payments"
    answer: ClassVar[type] = Order
    level: ClassVar[int] = 2
    charge: Charge
    token: str

    def perform(self, port: Cashier) -> Awaitable[Order]:
        return port.pay_on_file(self.charge, self.token)


class KeepCard(Command[Cashier, Order], frozen=True):
    """Keep this card for later payments."""

    port: ClassVar[str] = "payments"
    answer: ClassVar[type] = Order
    charge: Charge
    card: Card

    def perform(self, port: Cashier) -> Awaitable[Order]:
        return port.keep(self.charge, self.card)


class SettlePayment(Command[Cashier, Order], frozen=True):
    """What has become of this payment?"""

    port: ClassVar[str] = "payments"
    answer: ClassVar[type] = Order
    order: str
    wait_ms: int = WAIT_MS

    def perform(self, port: Cashier) -> Awaitable[Order]:
        return port.settle(self.order, self.wait_ms)


class FindPayment(Command[Cashier, Captured | None], frozen=True):
    """Which payment of this customer's has this reference?"""

    steady: ClassVar[bool] = True
    port: ClassVar[str] = "payments"
    answer: ClassVar[object] = Captured | None
    level: ClassVar[int] = 2
    customer: str
    reference: str

    def perform(self, port: Cashier) -> Awaitable[Captured | None]:
        return port.find(self.customer, self.reference)


class Refund(Command[Cashier, Order], frozen=True):
    """Give back so much of this payment."""

    port: ClassVar[str] = "payments"
    answer: ClassVar[type] = Order
    level: ClassVar[int] = 2
    charge: Charge
    payment: str

    def perform(self, port: Cashier) -> Awaitable[Order]:
        return port.refund(self.charge, self.payment)
