"""The cashier port: payments by phone, as steps ask for them.

The cashier keeps the ledger and asks the gateway (`ivr.ports.payments`), so that a card is charged once
or not at all, whatever becomes of the call. A payment is an order as any other: begun, frozen and
cancelled through the orders port; authorising it, with the card, is here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from datetime import datetime
from typing import ClassVar, Protocol

import msgspec

from ivr.model.commands import Command
from ivr.model.events import Event, OrderChanged
from ivr.model.values import Money
from ivr.model.world import EXAMPLE_MONEY, EXAMPLE_TEXT, Answer, World
from ivr.ports.orders import Order, OrderState
from ivr.ports.payments import Card, Decline, MerchantOrder

DESK = "cashier"
"""Who carries payments out, in the ledger (`Draft.desk`)."""
CHARGE, KEEP, REFUND = "charge", "keep", "refund"
"""What is done (`Task.operation`): a merchant's `order` is paid in `instalments` (0: at once), from the
card on file that has a `token`, if one is named; a keyed card is kept, and nothing charged; a `payment`
(its id in our ledger) is given back, in part or as a whole. The amount is the read-back's."""
VOID = "void"
"""The reason of a payment that never came about: the card was not charged, and will not be."""
WAIT_MS = 12_000
"""How long a caller waits to hear what became of a payment."""


class Paid(msgspec.Struct, frozen=True):
    """A payment of the customer's that was made: its id in our ledger, what it came to, and what is
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

    def pay(self, order: str, digest: str, at: datetime, card: Card) -> Awaitable[Order]:
        """Authorise a read-back with a keyed card. It is copied at once; the caller's may be wiped."""

    def confirm(self, order: str, digest: str, at: datetime) -> Awaitable[Order]:
        """Authorise a read-back that needs no card: one on file is charged, or a refund made."""

    def settle(self, order: str, wait_ms: int) -> Awaitable[Order]:
        """Return an authorised order when it is over, or as it stands when that takes longer."""

    def find(self, customer: str, reference: str) -> Awaitable[Paid | None]:
        """Return a customer's own payment by its reference, if there is something to give back."""


class GetMerchantOrder(Command[Cashier, MerchantOrder | None], frozen=True):
    """What is to be paid under this number?"""

    steady: ClassVar[bool] = True
    port: ClassVar[str] = "payments"
    answer: ClassVar[object] = MerchantOrder | None
    number: str

    def answers(self, world: World) -> Iterator[Answer]:
        known = list(world.answers_to(self))
        for one in known:
            yield Answer(value=one.answer)
        if not known:
            order = MerchantOrder(self.number, EXAMPLE_TEXT, EXAMPLE_MONEY)
            closed = msgspec.structs.replace(order, open=False)
            in_months = msgspec.structs.replace(order, instalments=(3, 12))
            dear = Money(max((one.minor for one in world.amounts), default=0) + 1)
            dearest = msgspec.structs.replace(order, amount=dear)
            for value in (None, order, in_months, closed, dearest):
                yield Answer(value=value, sure=not world.knows(self) and value is None)
        yield from self.failures()

    def perform(self, port: Cashier) -> Awaitable[MerchantOrder | None]:
        return port.merchant_order(self.number)


class PayByCard(Command[Cashier, Order], frozen=True):
    """Authorise what was read back, with the card that the caller has keyed."""

    port: ClassVar[str] = "payments"
    answer: ClassVar[type] = Order
    order: str
    digest: str
    at: datetime
    card: Card

    def answers(self, world: World) -> Iterator[Answer]:
        yield from _outcomes(world, self.order, OrderState.READ_BACK)
        yield from self.failures()

    def perform(self, port: Cashier) -> Awaitable[Order]:
        return port.pay(self.order, self.digest, self.at, self.card)

    def as_event(self, answer: Order) -> Event:
        return _changed(answer)


class ConfirmPayment(Command[Cashier, Order], frozen=True):
    """Authorise what was read back: a payment from a card on file, or a refund."""

    port: ClassVar[str] = "payments"
    answer: ClassVar[type] = Order
    level: ClassVar[int] = 2
    order: str
    digest: str
    at: datetime

    def answers(self, world: World) -> Iterator[Answer]:
        yield from _outcomes(world, self.order, OrderState.READ_BACK)
        yield from self.failures()

    def perform(self, port: Cashier) -> Awaitable[Order]:
        return port.confirm(self.order, self.digest, self.at)

    def as_event(self, answer: Order) -> Event:
        return _changed(answer)


class SettlePayment(Command[Cashier, Order], frozen=True):
    """What has become of this payment?"""

    port: ClassVar[str] = "payments"
    answer: ClassVar[type] = Order
    order: str
    wait_ms: int = WAIT_MS

    def answers(self, world: World) -> Iterator[Answer]:
        yield from _outcomes(world, self.order)
        yield from self.failures()

    def perform(self, port: Cashier) -> Awaitable[Order]:
        return port.settle(self.order, self.wait_ms)

    def as_event(self, answer: Order) -> Event:
        return _changed(answer)


class FindPayment(Command[Cashier, Paid | None], frozen=True):
    """Which payment of this customer's has this reference?"""

    steady: ClassVar[bool] = True
    port: ClassVar[str] = "payments"
    answer: ClassVar[object] = Paid | None
    level: ClassVar[int] = 2
    customer: str
    reference: str

    def perform(self, port: Cashier) -> Awaitable[Paid | None]:
        return port.find(self.customer, self.reference)


def _changed(order: Order) -> OrderChanged:
    return OrderChanged(order.id, order.state, order.kind, order.reference, order.reason)


def _outcomes(world: World, id_: str, *others: OrderState) -> Iterator[Answer]:
    """Yield what may have become of a payment, one of each kind that a step can tell apart."""
    order = Order(
        id_,
        EXAMPLE_TEXT,
        OrderState.POSTED,
        "",
        world.instants[0],
        EXAMPLE_MONEY,
        reference=EXAMPLE_TEXT,
    )
    for state in (OrderState.POSTED, OrderState.POSTING, OrderState.UNKNOWN, *others):
        yield Answer(value=msgspec.structs.replace(order, state=state), sure=False)
    for reason in (*(one.value for one in Decline if one), VOID):
        refused = msgspec.structs.replace(order, state=OrderState.REJECTED, reason=reason)
        yield Answer(value=refused, sure=False)
