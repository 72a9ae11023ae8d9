"""The bank port, where money moves: what can be chosen, what the bank says of it, and posting it.

An operation is what the bank can do by name (`transfer`, `buy_fund`); an order type in YAML says which
one it posts, and with what. Posting has an idempotency key: the same key moves money once, however
often it is posted.
"""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Iterator, Mapping
from datetime import date, datetime
from typing import ClassVar, Protocol

import msgspec

from ivr.model.commands import Command
from ivr.model.values import Money, Scalar
from ivr.model.world import EXAMPLE_MONEY, EXAMPLE_TEXT, Answer, World

Fields = Mapping[str, str]
"""Names with their types, as flows declare them: text, number, truth, money."""

SOURCES: Mapping[str, Fields] = {
    "accounts": {"kind": "text", "tail": "text", "balance": "money"},
    "payees": {
        "account": "text",
        "name": "text",
        "tail": "text",
        "own": "truth",
        "hours": "number",
    },
    "payees_elsewhere": {
        "bank": "text",
        "account": "text",
        "name": "text",
        "tail": "text",
        "hours": "number",
    },
    "banks": {"name": "text"},
    "cards": {"brand": "text", "tail": "text"},
    "funds": {"least": "money", "price_date": "text"},
    "fund_holdings": {"fund": "text", "units": "number", "value": "money"},
    "bonds": {"least": "money", "matures": "text", "months": "number"},
    "deposits": {
        "amount": "money",
        "days": "number",
        "noticed": "truth",
        "noticed_amount": "money",
        "draw_from": "text",
    },
    "loans": {"kind": "text", "tail": "text", "outstanding": "money"},
    "billers": {"name": "text", "digits": "number"},
}
"""What a customer can choose from: source → what is known of each item beside its `id`.

`tail` is the last four digits; `hours` since a payee was added (0 for a new one); those of `payees_elsewhere`
have their account at another `bank`, and a name where it is known. `days` is the notice of a deposit,
`noticed_amount` what can be drawn from `draw_from` on; dates are ISO 8601; `units` of a fund are
hundredths.
"""


class Operation(msgspec.Struct, frozen=True):
    """What the bank can do: what it must be given, and what its terms tell, by name and type."""

    takes: Fields
    tells: Fields = {}


OPERATIONS: Mapping[str, Operation] = {
    "transfer": Operation(
        {"from": "text", "to": "text", "amount": "money"}, {"name": "text", "own": "truth"}
    ),
    "remit": Operation(
        {"from": "text", "bank": "text", "to": "text", "amount": "money"}, {"arrives": "text"}
    ),
    "buy_fund": Operation(
        {"from": "text", "fund": "text", "amount": "money"},
        {"price_date": "text", "confirm_date": "text"},
    ),
    "redeem_fund": Operation(
        {"to": "text", "holding": "text", "units": "number"},
        {"price_date": "text", "pay_date": "text"},
    ),
    "buy_bond": Operation(
        {"from": "text", "bond": "text", "amount": "money"},
        {"matures": "text", "interest": "money"},
    ),
    "open_deposit": Operation({"from": "text", "days": "number", "amount": "money"}),
    "give_notice": Operation({"deposit": "text", "amount": "money"}, {"draw_from": "text"}),
    "draw_deposit": Operation(
        {"deposit": "text", "to": "text", "amount": "money"}, {"interest": "money"}
    ),
    "prepay_loan": Operation(
        {"from": "text", "loan": "text", "amount": "money"},
        {"outstanding": "money", "left": "money"},
    ),
    "pay_bill": Operation(
        {"from": "text", "biller": "text", "reference": "text"},
        {"amount": "money", "due": "text"},
    ),
}
"""What every bank offers. `tells` comes with its terms, where these are accepted."""


class Reason(enum.StrEnum):
    """Why the bank does not do something. `NONE`: it does."""

    NONE = ""
    FUNDS = "funds"  # not enough money
    TARGET = "target"  # no such account, fund, bill … to act on
    AMOUNT = "amount"  # not an amount that is possible there
    CLOSED = "closed"  # not at this time: past a cut-off, not on sale
    NOTICE = "notice"  # notice was not given, or not long enough ago
    LIMIT = "limit"  # above a limit of the bank's own
    REFUSED = "refused"  # the bank will not, and does not say why


class Item(msgspec.Struct, frozen=True):
    """One thing that a customer can choose; `fields` are those of its source (`SOURCES`)."""

    id: str
    fields: dict[str, Scalar] = {}


class Terms(msgspec.Struct, frozen=True):
    """What the bank says of an operation before it is authorised: nothing has moved.

    `facts` are what the operation `tells`, when `reason` is NONE. `fee` comes on top.
    """

    reason: Reason = Reason.NONE
    fee: Money = Money(0)
    facts: dict[str, Scalar] = {}


class Posting(msgspec.Struct, frozen=True):
    """What is to be posted, once for its `key`: 1–64 letters, digits and `-`.

    `digest` is that of the read-back which the customer authorised (hex SHA-256); `at` when that was.
    """

    key: str
    operation: str
    customer: str
    arguments: dict[str, Scalar]
    digest: str
    at: datetime


class Posted(msgspec.Struct, frozen=True):
    """What came of a posting: the bank's own `reference` when it was done, else the `reason`.

    `amount` is what was posted, without the `fee`; nothing where units are redeemed, whose price comes
    later. `day` is the day of the posting's `at`, on which it is booked.
    """

    key: str
    reason: Reason = Reason.NONE
    reference: str = ""
    amount: Money = Money(0)
    fee: Money = Money(0)
    day: str = ""


class Postings(Protocol):
    """What moves money, and what prepares that. Every method raises PortError.

    A PortTimeout of `post` tells nothing of what was done; `query` does.
    """

    def items(self, source: str, customer: str, now: datetime) -> Awaitable[tuple[Item, ...]]:
        """Return what a customer (by number) can choose from a source, in the order it is offered."""

    def terms(
        self, operation: str, customer: str, arguments: dict[str, Scalar], now: datetime
    ) -> Awaitable[Terms]:
        """Return what the bank says of an operation; whoever's things it names must be the customer's."""

    def post(self, posting: Posting) -> Awaitable[Posted]:
        """Do it, once for its key: a key posted before is answered as it was then, whatever else the
        posting says now."""

    def query(self, key: str) -> Awaitable[Posted | None]:
        """Return what came of a key; None when it never arrived."""

    def booked(self, day: date) -> Awaitable[tuple[Posted, ...]]:
        """Return all that was done on a business day under keys of telephone orders, by key."""


class GetItems(Command[Postings, tuple[Item, ...]], frozen=True):
    """What can this customer choose from?"""

    steady: ClassVar[bool] = True
    port: ClassVar[str] = "bank"
    answer: ClassVar[object] = tuple[Item, ...]
    level: ClassVar[int] = 2
    source: str
    customer: str
    now: datetime

    def answers(self, world: World) -> Iterator[Answer]:
        known = [one.answer for one in world.answers_to(self)]
        for items in known:
            yield Answer(value=items)
        if not any(known):
            item = Item(EXAMPLE_TEXT, example(SOURCES.get(self.source, {})))
            yield Answer(value=(item,), sure=False)
        if () not in known:
            yield Answer(value=(), sure=False)
        yield from self.failures()

    def perform(self, port: Postings) -> Awaitable[tuple[Item, ...]]:
        return port.items(self.source, self.customer, self.now)


class GetTerms(Command[Postings, Terms], frozen=True):
    """What does the bank say of this, before it is authorised?"""

    steady: ClassVar[bool] = True
    port: ClassVar[str] = "bank"
    answer: ClassVar[type] = Terms
    level: ClassVar[int] = 2
    operation: str
    customer: str
    arguments: dict[str, Scalar]
    now: datetime

    def answers(self, world: World) -> Iterator[Answer]:
        known = [one.answer for one in world.answers_to(self)]
        for terms in known:
            yield Answer(value=terms)
        if all(terms.reason is not Reason.NONE for terms in known):
            tells = OPERATIONS[self.operation].tells
            yield Answer(value=Terms(facts=example(tells)), sure=False)
        for reason in Reason:
            if reason is not Reason.NONE and Terms(reason) not in known:
                yield Answer(value=Terms(reason), sure=False)
        yield from self.failures()

    def perform(self, port: Postings) -> Awaitable[Terms]:
        return port.terms(self.operation, self.customer, self.arguments, self.now)


_EXAMPLES: Mapping[str, Scalar] = {
    "text": EXAMPLE_TEXT,
    "number": 1,
    "truth": True,
    "money": EXAMPLE_MONEY,
}


def example(fields: Fields) -> dict[str, Scalar]:
    """Return a value of each type, by name."""
    return {name: _EXAMPLES[kind] for name, kind in fields.items()}
