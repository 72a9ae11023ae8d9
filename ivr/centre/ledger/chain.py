"""The chain of an order: each entry's hash is over all it says, the hash of the entry before included.

Folding the entries gives the order's record; the law of `acts` is asked at each.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Generic, TypeVar, Union

import msgspec
from msgspec.structs import replace

from ivr.centre.chain import canonical, digest
from ivr.centre.ledger.acts import Act, Drafted
from ivr.model.errors import OneCallError
from ivr.ports.ledger import FIRST, OrderRecord, SealedEntry
from ivr.ports.orders import OrderState

A = TypeVar("A", bound=Act)


class LawBroken(OneCallError):
    """Something cannot happen to an order as it stands: which order, what, and why."""


class NotGenuine(OneCallError):
    """An entry is not what was written, or nothing that this OneCall understands."""


class Entry(msgspec.Struct, Generic[A], frozen=True, forbid_unknown_fields=True):
    """What happened to an order, the `number`th thing: `at` what time, written by which engine
    (`by`), after the entry with the hash `previous`."""

    order: str
    number: int
    at: datetime
    by: str
    act: A
    previous: str


_KINDS: Any = Union[tuple(Act.__subclasses__())]  # noqa: UP007 - the members are found at run time
_ENTRY: msgspec.json.Decoder[Entry[Act]] = msgspec.json.Decoder(Entry[_KINDS])


def written(
    record: OrderRecord | None, act: Act, at: datetime, by: str
) -> tuple[SealedEntry, OrderRecord]:
    """Return the entry of an act that follows those of a record, and the record with it.

    Raises LawBroken.
    """
    order = act.draft.id if isinstance(act, Drafted) else _known(record, act).draft.id
    number, previous = (record.entries + 1, record.head) if record else (1, FIRST)
    entry = Entry(order, number, at, by, act, previous)
    body = canonical(entry)
    sealed = SealedEntry(order, number, digest(body), body)
    return sealed, follow(record, entry, sealed.hash)


def opened(sealed: SealedEntry) -> Entry[Act]:
    """Read an entry. Raises NotGenuine."""
    if digest(sealed.body) != sealed.hash:
        raise NotGenuine("was changed after it was written")
    try:
        entry = _ENTRY.decode(sealed.body)
    except msgspec.DecodeError as error:
        raise NotGenuine(
            f"is of a kind that this OneCall does not know ({error}); run the newer OneCall that wrote it"
        ) from error
    if (entry.order, entry.number) != (sealed.order, sealed.number):
        raise NotGenuine(f"was entry {entry.number} of order {entry.order} when it was written")
    return entry


def follow(record: OrderRecord | None, entry: Entry[Act], hash_: str) -> OrderRecord:
    """Return the record after one more entry. Raises LawBroken."""
    number, previous = (record.entries + 1, record.head) if record else (1, FIRST)
    if (entry.number, entry.previous) != (number, previous):
        raise LawBroken(f"order {entry.order}: entry {entry.number} does not follow {number - 1}")
    act = entry.act
    if isinstance(act, Drafted):
        if record is not None:
            raise LawBroken(f"order {entry.order}: was begun already")
        return OrderRecord(act.draft, OrderState.DRAFT, 1, hash_)
    known = _known(record, act)
    state = act.leads.get(known.state)
    if state is None:
        raise LawBroken(
            f"order {entry.order}: is {known.state}; {type(act).__name__} cannot happen to it"
        )
    return replace(act.upon(known, entry.at), state=state, entries=number, head=hash_)


def fold(entries: Iterable[SealedEntry]) -> OrderRecord | None:
    """Return what an order's entries come to. Raises NotGenuine, LawBroken."""
    record: OrderRecord | None = None
    for sealed in entries:
        record = follow(record, opened(sealed), sealed.hash)
    return record


def _known(record: OrderRecord | None, act: Act) -> OrderRecord:
    if record is None:
        raise LawBroken(f"there is no such order; {type(act).__name__} cannot happen to it")
    return record
