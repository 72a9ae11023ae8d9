"""The orders port: the ledger of what callers dictate, and what becomes of it.

DRAFT → READ_BACK → AUTHORISED → POSTING → POSTED | REJECTED | UNKNOWN. Before AUTHORISED nothing has
happened, and a hang-up leaves it so; from AUTHORISED on, which is on the disk before it is answered,
the order is finished whatever becomes of the call, the engine or the machine.
"""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Iterator
from datetime import datetime
from typing import ClassVar, Protocol

import msgspec

from ivr.model.commands import Command
from ivr.model.events import Event, OrderChanged
from ivr.model.values import Money, Scalar
from ivr.model.world import EXAMPLE_MONEY, EXAMPLE_TEXT, Answer, World

EXAMPLE_REFERENCE = "10000007"
READ_BACK_S = 120
"""How long a read-back may be authorised, in seconds."""


class OrderState(enum.StrEnum):
    """How far an order has come. CANCELLED: the caller left or said no, nothing happened."""

    DRAFT = "draft"
    READ_BACK = "read_back"
    AUTHORISED = "authorised"
    POSTING = "posting"
    POSTED = "posted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Whether nothing more comes of it."""
        return self in (OrderState.POSTED, OrderState.REJECTED, OrderState.CANCELLED)

    @property
    def binding(self) -> bool:
        """Whether it was authorised, and is or may be done."""
        return self not in (OrderState.DRAFT, OrderState.READ_BACK, OrderState.CANCELLED)


class Draft(msgspec.Struct, frozen=True):
    """An order begun. `id` is the idempotency key under which it is posted: 32 hex digits, made of
    the call's id and a count, so that the same order of the same call has the same.

    `kind` is the order type (the YAML file's name), `account` the one whose PIN authorises it, `desk`
    who carries it out: the clerk at the bank, the cashier at the payment gateway.
    """

    id: str
    kind: str
    call_id: str
    customer: str
    account: str
    language: str
    at: datetime
    desk: str = "clerk"


class Task(msgspec.Struct, frozen=True):
    """What is to be done when it is authorised: an `operation` of the bank with its arguments, or a
    case of a kind for an owner."""

    operation: str = ""
    arguments: dict[str, Scalar] = {}
    case: str = ""
    owner: str = ""


class ReadBack(msgspec.Struct, frozen=True):
    """What the caller hears, frozen: `text` is the canonical sentence, `digest` its SHA-256 with the
    order's id (hex, see `ivr.centre.orders.digest`). `slots` are the caller's, for people and evidence;
    `amount` is what limits count; `fee` comes on top."""

    id: str
    text: str
    digest: str
    slots: dict[str, Scalar]
    task: Task
    at: datetime
    amount: Money = Money(0)
    fee: Money = Money(0)


class Per(enum.StrEnum):
    """For what a limit is counted anew: a call, or a day."""

    CALL = "call"
    DAY = "day"

    @property
    def above(self) -> Authorised:
        """What authorising answers above such a limit."""
        return Authorised.CALL_LIMIT if self is Per.CALL else Authorised.LIMIT


class Allowance(msgspec.Struct, frozen=True):
    """The most that a customer's orders of a kind may come to since an instant: the beginning of the
    call, or the bank's midnight."""

    per: Per
    most: Money
    since: datetime


class Authorised(enum.StrEnum):
    """What came of authorising. Anything but YES has changed nothing."""

    YES = "yes"
    STALE = "stale"  # the read-back is older than READ_BACK_S
    CHANGED = "changed"  # another digest than the one read back last
    LIMIT = "limit"  # above the day's limit, with what was authorised since
    CALL_LIMIT = "call_limit"  # above the call's
    OVER = "over"  # it is authorised already, cancelled, or unknown here


class Order(msgspec.Struct, frozen=True):
    """An order as it stands. `reference` (8 digits) is what the caller is told, from AUTHORISED on;
    `reason` is the bank's for a REJECTED one (`ivr.ports.posting.Reason`); `case` that of an UNKNOWN
    one or of a request."""

    id: str
    kind: str
    state: OrderState
    customer: str
    at: datetime
    amount: Money = Money(0)
    fee: Money = Money(0)
    reference: str = ""
    reason: str = ""
    case: str = ""


class Orders(Protocol):
    """What steps ask of the ledger. Every method raises PortError; then nothing has changed, but that
    an authorisation whose answer came too late may be written: `cancel` and `settle` tell."""

    def draft(self, draft: Draft) -> Awaitable[Order]:
        """Begin an order, or return the one of this id as it stands."""

    def read_back(self, said: ReadBack) -> Awaitable[None]:
        """Freeze an order as it is read back; a later read-back voids the one before."""

    def authorise(
        self, order: str, digest: str, at: datetime, limits: tuple[Allowance, ...]
    ) -> Awaitable[Authorised]:
        """Authorise a read-back; YES is on the disk, and the order is posted from here on."""

    def settle(self, order: str, wait_ms: int) -> Awaitable[Order]:
        """Return the order when it is over, or as it stands when that takes longer."""

    def cancel(self, order: str) -> Awaitable[None]:
        """Take back an order that is not authorised; another one stays as it is."""

    def find(self, customer: str, reference: str, kind: str) -> Awaitable[Order | None]:
        """Return a customer's order by its reference; with none given, the latest binding one (of a
        kind, if given)."""


def _possible(kind: str, at: datetime) -> Iterator[Answer]:
    """Yield an order in each state, for proofs: nothing else of it has a step go another way."""
    for state in OrderState:
        reason = "refused" if state is OrderState.REJECTED else ""
        reference = EXAMPLE_REFERENCE if state.binding else ""
        order = Order(
            EXAMPLE_TEXT, kind, state, EXAMPLE_TEXT, at, reference=reference, reason=reason
        )
        yield Answer(value=order, sure=False)


def _changed(order: Order) -> Event:
    return OrderChanged(order.id, order.state, order.kind, order.reference, order.reason)


class BeginOrder(Command[Orders, Order], frozen=True):
    """Begin an order, or go on with it."""

    port: ClassVar[str] = "orders"
    answer: ClassVar[type] = Order
    draft: Draft

    def answers(self, world: World) -> Iterator[Answer]:
        yield from _possible(self.draft.kind, self.draft.at)
        yield from self.failures()

    def perform(self, port: Orders) -> Awaitable[Order]:
        return port.draft(self.draft)

    def as_event(self, answer: Order) -> Event:
        return _changed(answer)


class FreezeOrder(Command[Orders, None], frozen=True):
    """Keep what is read back."""

    port: ClassVar[str] = "orders"
    said: ReadBack

    def perform(self, port: Orders) -> Awaitable[None]:
        return port.read_back(self.said)

    def as_event(self, answer: None) -> Event:
        return OrderChanged(self.said.id, OrderState.READ_BACK)


class AuthoriseOrder(Command[Orders, Authorised], frozen=True):
    """Authorise what was read back."""

    port: ClassVar[str] = "orders"
    answer: ClassVar[type] = Authorised
    level: ClassVar[int] = 2
    order: str
    digest: str
    at: datetime
    limits: tuple[Allowance, ...] = ()

    def perform(self, port: Orders) -> Awaitable[Authorised]:
        return port.authorise(self.order, self.digest, self.at, self.limits)

    def as_event(self, answer: Authorised) -> Event:
        yes = answer is Authorised.YES
        return OrderChanged(self.order, OrderState.AUTHORISED if yes else answer)


class AcceptOrder(AuthoriseOrder, frozen=True):
    """Authorise what was read back where it moves no money: a case for a person."""

    level: ClassVar[int] = 1


class SettleOrder(Command[Orders, Order], frozen=True):
    """What has become of an authorised order?"""

    port: ClassVar[str] = "orders"
    answer: ClassVar[type] = Order
    order: str
    wait_ms: int

    def answers(self, world: World) -> Iterator[Answer]:
        yield from _possible(EXAMPLE_TEXT, world.instants[0])
        yield from self.failures()

    def perform(self, port: Orders) -> Awaitable[Order]:
        return port.settle(self.order, self.wait_ms)

    def as_event(self, answer: Order) -> Event:
        return _changed(answer)


class CancelOrder(Command[Orders, None], frozen=True):
    """Take back an order that is not authorised."""

    port: ClassVar[str] = "orders"
    order: str

    def perform(self, port: Orders) -> Awaitable[None]:
        return port.cancel(self.order)

    def as_event(self, answer: None) -> Event:
        return OrderChanged(self.order, "taken_back")


class FindOrder(Command[Orders, Order | None], frozen=True):
    """What happened to my order?"""

    port: ClassVar[str] = "orders"
    answer: ClassVar[object] = Order | None
    level: ClassVar[int] = 2
    customer: str
    reference: str = ""
    kind: str = ""

    def answers(self, world: World) -> Iterator[Answer]:
        for found in _possible(self.kind or EXAMPLE_TEXT, world.instants[0]):
            yield found
            some = msgspec.structs.replace(found.value, amount=EXAMPLE_MONEY)
            yield msgspec.structs.replace(found, value=some)
        yield Answer(value=None, sure=False)
        yield from self.failures()

    def perform(self, port: Orders) -> Awaitable[Order | None]:
        return port.find(self.customer, self.reference, self.kind)
