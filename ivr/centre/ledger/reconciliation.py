"""Do the ledger and the bank say the same of a day? Compared both ways."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from ivr.centre.ledger.acts import OPEN
from ivr.ports.ledger import Booked, OrderRecord
from ivr.ports.orders import OrderState
from ivr.ports.posting import Posted


class Sort(enum.StrEnum):
    """What differs."""

    NOT_AUTHORISED = "not_authorised"  # the bank has it, and nobody authorised it here
    NOT_POSTED = "not_posted"  # the bank has it, and it is rejected here
    NOT_BOOKED = "not_booked"  # it is posted here, and the bank does not have it
    OPEN = "open"  # authorised, and not known yet what came of it
    DIFFERS = "differs"  # both have it, and do not say the same


class Difference(msgspec.Struct, frozen=True):
    """One order of which the ledger and the bank do not say the same."""

    sort: Sort
    order: str
    reference: str
    problem: str


def differences(
    day: str, here: Iterable[OrderRecord], booked: Iterable[Posted]
) -> list[Difference]:
    """Return what differs, by order. `booked` is all that the bank did on `day` (ISO); `here` are the
    orders posted on that day, those of all bookings, and those that are open."""
    records = {record.draft.id: record for record in here}
    bookings = {posted.key: posted for posted in booked}
    found = [
        *(one for key in bookings for one in _of_booking(records.get(key), bookings[key])),
        *_missing(day, records, bookings),
    ]
    return sorted(found, key=lambda one: (one.order, one.sort))


def _of_booking(record: OrderRecord | None, posted: Posted) -> Iterator[Difference]:
    if record is None:
        problem = f"booked {posted.amount} under {posted.reference}; no such order is known here"
        yield Difference(Sort.NOT_AUTHORISED, posted.key, "", problem)
    elif not record.state.binding:
        yield _difference(
            Sort.NOT_AUTHORISED, record, f"booked {posted.amount}; it is {record.state} here"
        )
    elif record.state is OrderState.REJECTED:
        yield _difference(
            Sort.NOT_POSTED, record, f"booked {posted.amount}; it is rejected here: {record.reason}"
        )
    elif record.state in OPEN:
        yield _difference(
            Sort.OPEN, record, f"booked {posted.amount}; it is still {record.state} here"
        )
    elif problem := ", ".join(_contradictions(record, posted)):
        yield _difference(Sort.DIFFERS, record, problem)


def _missing(
    day: str, records: Mapping[str, OrderRecord], bookings: Mapping[str, Posted]
) -> Iterator[Difference]:
    for key, record in records.items():
        if key in bookings:
            continue
        if record.state in OPEN:
            yield _difference(Sort.OPEN, record, f"it is still {record.state}; not booked that day")
        elif record.booked is not None and record.booked.day == day:
            problem = f"{record.booked.amount} are posted here; the bank has booked nothing"
            yield _difference(Sort.NOT_BOOKED, record, problem)


def _contradictions(record: OrderRecord, posted: Posted) -> Iterator[str]:
    """Say what the bank has now, where that is neither what it said then nor what was read back."""
    told = record.booked or Booked()
    for name in ("reference", "amount", "fee", "day"):
        then, now = getattr(told, name), getattr(posted, name)
        if then != now:
            yield f"{name} {now} at the bank, {then} here"
    said = record.said
    # Nothing is read back as an amount where units are sold.
    if said is not None and said.amount.minor and said.amount != posted.amount:
        yield f"amount {posted.amount} at the bank, {said.amount} was authorised"
    if said is not None and said.fee != posted.fee:
        yield f"fee {posted.fee} at the bank, {said.fee} was authorised"


def _difference(sort: Sort, record: OrderRecord, problem: str) -> Difference:
    return Difference(sort, record.draft.id, record.reference, problem)
