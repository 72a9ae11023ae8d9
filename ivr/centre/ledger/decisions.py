"""What may be written of an order, decided by its record alone: pure, for `OrderLedger.change`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from ivr.centre.ledger.acts import (
    Act,
    Agreed,
    Done,
    Drafted,
    Heard,
    Lost,
    Refused,
    Sent,
    Told,
    Withdrawn,
)
from ivr.centre.ledger.chain import LawBroken, written
from ivr.centre.ledger.masking import masked
from ivr.centre.ledger.receipts import RESULTS, receipt
from ivr.ports.cases import Case
from ivr.ports.ledger import Booked, Change, Decide, Decision, OrderRecord, SealedEntry, Standing
from ivr.ports.notify import Notice
from ivr.ports.orders import READ_BACK_S, Allowance, Authorised, Draft, OrderState, ReadBack

LEASE = timedelta(seconds=30)
"""How long whoever hands an order over has it to itself; longer than the bank may take."""
LONGEST = timedelta(minutes=5)
"""The longest that an order waits to be asked about again."""

UNKNOWN_CASE = "unknown_order"


Receipt = Callable[[OrderState, OrderRecord], Notice | None]
"""What the customer is sent, from the state before and what the order comes to now."""


class Author(msgspec.Struct, frozen=True):
    """Who writes, when, and what customers are sent."""

    by: str
    now: datetime
    receipt: Receipt = receipt


def patience(tries: int) -> timedelta:
    """Return how long to wait after so many tries: 1 s, 2 s, 4 s … 5 minutes."""
    return min(timedelta(seconds=2 ** min(tries, 16)), LONGEST)


def begun(draft: Draft, author: Author) -> Decide[OrderRecord]:
    """Begin an order; one that there is already is answered as it stands."""

    def decide(standing: Standing) -> Decision[OrderRecord]:
        if standing.record is not None:
            return Decision(standing.record)
        return _wrote(None, [Drafted(draft)], author)

    return decide


def frozen(said: ReadBack, author: Author) -> Decide[OrderRecord]:
    """Freeze an order as it is read back. Raises LawBroken for one that is authorised or over."""
    return lambda standing: _wrote(standing.record, [Heard(said)], author)


def authorised(
    digest: str,
    at: datetime,
    limits: Sequence[Allowance],
    reference: str,
    case: str,
    author: Author,
) -> Decide[Authorised]:
    """Authorise what was read back. A request becomes the case with the number `case` at once."""

    def decide(standing: Standing) -> Decision[Authorised]:
        answer = _may_authorise(standing, digest, at, limits)
        record = standing.record
        if answer is not Authorised.YES or record is None or record.said is None:
            return Decision(answer)
        task = record.said.task
        if task.case:
            opened = _case(record, case, task.case, task.owner, author, {"reference": reference})
            acts = [Agreed(reference), Done(Booked(), case)]
            return Decision(answer, _wrote(record, acts, author, case=opened).change)
        agreed = _wrote(record, [Agreed(reference)], author, due=author.now + LEASE)
        return Decision(answer, agreed.change)

    return decide


def _may_authorise(
    standing: Standing, digest: str, at: datetime, limits: Sequence[Allowance]
) -> Authorised:
    record = standing.record
    if record is None or record.state is not OrderState.READ_BACK or record.said is None:
        return Authorised.OVER
    said = record.said
    if said.digest != digest:
        return Authorised.CHANGED
    if not timedelta() <= at - said.at <= timedelta(seconds=READ_BACK_S):
        return Authorised.STALE
    for limit, spent in zip(limits, standing.spent, strict=True):
        if spent.minor + said.amount.minor > limit.most.minor:
            return limit.per.above
    return Authorised.YES


def sent(author: Author) -> Decide[OrderRecord]:
    """Note that an order is handed over now. Raises LawBroken for one that is over."""

    def decide(standing: Standing) -> Decision[OrderRecord]:
        record = _there(standing)
        return _wrote(record, [Sent(record.attempts + 1)], author, due=author.now + LEASE)

    return decide


def done(booked: Booked, author: Author) -> Decide[OrderRecord]:
    """Note that an order was done; its case, if any, is solved, and the customer is told.

    Done already is no error: another engine was told the same. Raises LawBroken for a refused one.
    """
    return _result(Done(booked), OrderState.POSTED, author)


def refused(reason: str, author: Author) -> Decide[OrderRecord]:
    """Note that an order was not done; its case, if any, is solved, and the customer is told.

    Raises LawBroken for one that was done.
    """
    return _result(Refused(reason), OrderState.REJECTED, author)


def _result(act: Act, state: OrderState, author: Author) -> Decide[OrderRecord]:
    def decide(standing: Standing) -> Decision[OrderRecord]:
        record = _there(standing)
        return Decision(record) if record.state is state else _wrote(record, [act], author)

    return decide


def lost(problem: str, case: str, owner: str, author: Author) -> Decide[OrderRecord]:
    """Note that nobody knows what came of an order: open the case, and have the customer told.

    Whose result is known meanwhile, or who has a case, stays as it is.
    """

    def decide(standing: Standing) -> Decision[OrderRecord]:
        record = _there(standing)
        if record.state is OrderState.UNKNOWN or record.state.over:
            return Decision(record)
        # What a bank says of its trouble may have a whole account number in it.
        said = masked(problem)
        facts = {"reference": record.reference, "problem": said}
        opened = _case(record, case, UNKNOWN_CASE, owner, author, facts)
        due = author.now + patience(0)
        return _wrote(record, [Lost(said, case)], author, due=due, case=opened)

    return decide


def withdrawn(why: str, author: Author) -> Decide[None]:
    """Take back an order that is not authorised; any other stays as it is."""

    def decide(standing: Standing) -> Decision[None]:
        record = standing.record
        if record is None or record.state not in Withdrawn.leads:
            return Decision(None)
        return Decision(None, _wrote(record, [Withdrawn(why)], author).change)

    return decide


def told(key: str, result: str, delivered: bool, author: Author) -> Decide[OrderRecord]:
    """Note that the customer was told a result: the notice leaves the outbox."""

    def decide(standing: Standing) -> Decision[OrderRecord]:
        record = _there(standing)
        if result in record.told:
            return Decision(record)
        return _wrote(record, [Told(result, delivered)], author, sent=key)

    return decide


def _there(standing: Standing) -> OrderRecord:
    if standing.record is None:
        raise LawBroken("there is no such order")
    return standing.record


def _wrote(
    record: OrderRecord | None,
    acts: list[Act],
    author: Author,
    *,
    due: datetime | None = None,
    case: Case | None = None,
    sent: str = "",
) -> Decision[OrderRecord]:
    """Return the change that acts make, with what follows of a new state: a receipt, a solved case."""
    entries: list[SealedEntry] = []
    after = record
    for act in acts:
        entry, after = written(after, act, author.now, author.by)
        entries.append(entry)
    if after is None:
        raise ValueError("a change without an act")
    before = record.state if record else OrderState.DRAFT
    known = before is not after.state and after.state in RESULTS
    change = Change(
        tuple(entries),
        after,
        author.now,
        due=due,
        case=case,
        solved=after.case if before is OrderState.UNKNOWN and after.state.over else "",
        notice=author.receipt(before, after) if known else None,
        sent=sent,
    )
    return Decision(after, change)


def _case(
    record: OrderRecord, number: str, kind: str, owner: str, author: Author, facts: dict[str, str]
) -> Case:
    about = {"order": record.draft.kind, "amount": str(record.order.amount), **facts}
    customer = record.draft.customer
    return Case(number, kind, customer, owner, author.now, record.draft.id, about)
