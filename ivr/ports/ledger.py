"""Where orders are kept: entries that only grow, and what each order comes to.

What an entry says, and which one may follow which, is known to `ivr.centre.ledger`; a backend keeps
bytes, in the order in which they were written, and the record of each order beside them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Generic, Protocol, TypeVar

import msgspec

from ivr.model.errors import OneCallError
from ivr.model.values import Money
from ivr.ports.cases import Case
from ivr.ports.notify import Notice
from ivr.ports.orders import Allowance, Draft, Order, OrderState, ReadBack

T = TypeVar("T")

FIRST = ""
"""What the first entry names as the hash of the one before it."""


class NumberTaken(OneCallError):
    """A reference or the number of a case is another's already: decide again, with another one."""


class Booked(msgspec.Struct, frozen=True):
    """What was done, as the bank or the gateway said: its `reference`, the `amount` moved without
    the `fee`, its business `day` (ISO), and `facts` for people."""

    reference: str = ""
    amount: Money = Money(0)
    fee: Money = Money(0)
    day: str = ""
    facts: dict[str, str] = {}


class OrderRecord(msgspec.Struct, frozen=True):
    """All that an order's entries come to. `entries` is how many there are, `head` the last one's
    hash; `attempts` how often it was handed to the bank; `told` the results the customer was sent."""

    draft: Draft
    state: OrderState
    entries: int
    head: str
    said: ReadBack | None = None
    authorised_at: datetime | None = None
    reference: str = ""
    attempts: int = 0
    booked: Booked | None = None
    reason: str = ""
    case: str = ""
    told: tuple[str, ...] = ()

    @property
    def order(self) -> Order:
        """What steps see of it: the amounts that the bank booked, before that those read back."""
        said = self.booked or self.said or Booked()
        return Order(
            id=self.draft.id,
            kind=self.draft.kind,
            state=self.state,
            customer=self.draft.customer,
            at=self.authorised_at or self.draft.at,
            amount=said.amount,
            fee=said.fee,
            reference=self.reference,
            reason=self.reason,
            case=self.case,
        )


class Index(msgspec.Struct, frozen=True):
    """By what orders are found: columns beside the record, times in ms since 1970 (UTC). `booked_on`
    is the bank's business day."""

    state: str
    desk: str
    kind: str
    customer: str
    reference: str | None
    opened_at: int
    authorised_at: int | None
    amount: int
    currency: str
    booked_on: str | None

    @classmethod
    def of(cls, record: OrderRecord) -> Index:
        """Return a record's columns."""
        draft, amount = record.draft, record.said.amount if record.said else Money(0)
        authorised = record.authorised_at
        return cls(
            record.state.value,
            draft.desk,
            draft.kind,
            draft.customer,
            record.reference or None,
            millis(draft.at),
            None if authorised is None else millis(authorised),
            amount.minor,
            amount.currency,
            record.booked.day or None if record.booked else None,
        )


class SealedEntry(msgspec.Struct, frozen=True):
    """An entry as it is stored: the `number`th of its order, `hash` the SHA-256 (hex) of `body`."""

    order: str
    number: int
    hash: str
    body: bytes


class Row(msgspec.Struct, frozen=True):
    """An entry where it stands in the ledger: the `n`th of all. `seal` is the hash of the seal
    before and the entry's hash, so that no order can be taken out as a whole."""

    n: int
    entry: SealedEntry
    seal: str


class Kept(msgspec.Struct, frozen=True):
    """An order's record with its columns, as both are stored."""

    record: OrderRecord
    index: Index


class Head(msgspec.Struct, frozen=True):
    """How far the entries go: how many were written, and the seal of the last one."""

    n: int = 0
    seal: str = FIRST


class Change(msgspec.Struct, frozen=True):
    """What is written of an order at once, `at` a time: `entries` after those it has, and what they
    come to.

    In the same transaction a `case` is opened, the case with the number `solved` is closed, `notice`
    is put in the outbox instead of any of this order that was not sent yet, and the one with the key
    `sent` is taken out. The order can be claimed from
    `due` on (None: as before), but never when it is not authorised, or over.
    """

    entries: tuple[SealedEntry, ...]
    record: OrderRecord
    at: datetime
    due: datetime | None = None
    case: Case | None = None
    solved: str = ""
    notice: Notice | None = None
    sent: str = ""


class Standing(msgspec.Struct, frozen=True):
    """What is decided on: the record, None for no such order; by limit, what the customer's other
    orders of its kind come to that were authorised since."""

    record: OrderRecord | None
    spent: tuple[Money, ...] = ()


class Decision(msgspec.Struct, Generic[T], frozen=True):
    """What is answered, and what is written before it is answered, if anything."""

    answer: T
    change: Change | None = None


Decide = Callable[[Standing], Decision[T]]
"""Decides on an order by what is known of it. Must be pure: it may be run in any thread, and again."""


class Claimed(msgspec.Struct, frozen=True):
    """An order that is this engine's to see to for a while; `tries` counts the claims."""

    record: OrderRecord
    tries: int


class Outgoing(msgspec.Struct, frozen=True):
    """A notice that is to be sent for an order; `tries` counts the claims."""

    order: str
    notice: Notice
    tries: int


class Wanted(msgspec.Struct, frozen=True):
    """Which orders to list; what is empty does not matter. `since` to before `until`: when begun;
    `name` is a reference or an id."""

    states: tuple[OrderState, ...] = ()
    customer: str = ""
    kind: str = ""
    name: str = ""
    desk: str = ""
    booked_on: str = ""
    since: datetime | None = None
    until: datetime | None = None
    most: int | None = None


class OrderLedger(Protocol):
    """A ledger of orders. Every method raises PortError; then nothing has changed.

    Nothing of it waits for the bank. A wait that is given up tells nothing of what was written.
    """

    def change(
        self, order: str, decide: Decide[T], limits: Sequence[Allowance] = ()
    ) -> Awaitable[T]:
        """Decide on an order and write what was decided, with nothing in between; durable on return.

        Raises what `decide` raises, and NumberTaken.
        """

    def record(self, order: str) -> Awaitable[OrderRecord | None]:
        """Return an order."""

    def find(self, customer: str, reference: str, kind: str) -> Awaitable[OrderRecord | None]:
        """Return a customer's binding order by its reference; without one, the one authorised last
        (of a kind, if given)."""

    def entries(self, order: str) -> Awaitable[tuple[SealedEntry, ...]]:
        """Return the entries of an order."""

    def select(self, wanted: Wanted) -> Awaitable[tuple[OrderRecord, ...]]:
        """Return orders, the latest first."""

    def claim(
        self, desk: str, now: datetime, until: datetime, most: int
    ) -> Awaitable[tuple[Claimed, ...]]:
        """Take orders of a desk that are due; nobody else is given them before `until`."""

    def put_off(self, order: str, due: datetime) -> Awaitable[None]:
        """Let a claimed order, if it is not over, be claimed again from `due` on."""

    def forsaken(self, before: datetime) -> Awaitable[tuple[str, ...]]:
        """Return the orders begun before a time that nobody authorised or cancelled."""

    def outbox(self, now: datetime, until: datetime, most: int) -> Awaitable[tuple[Outgoing, ...]]:
        """Take notices that are due to be sent; nobody else is given them before `until`."""

    def put_off_notice(self, key: str, due: datetime) -> Awaitable[None]:
        """Let a notice that was not sent be taken again from `due` on."""

    def list_open(self) -> Awaitable[tuple[Case, ...]]:
        """Return the cases that are not closed, the oldest first (see `ivr.ports.cases`)."""

    def contents(self) -> AsyncIterator[Row | Kept | Head]:
        """Yield all there is, as it is at one moment: the entries in the order in which they were
        written, the orders by id, the head."""

    def close(self) -> Awaitable[None]:
        """Let go of it."""


LONGEST_MS = 3_600_000
"""Nothing is put off for longer. What is due later than that from now was put off by a clock that
went wrong, and is due."""


def millis(when: datetime) -> int:
    """Return a time in ms since 1970 (UTC)."""
    return round(when.timestamp() * 1000)
