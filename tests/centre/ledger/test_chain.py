"""Entries are what was written, or nobody believes them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from ivr.centre.chain import digest
from ivr.centre.ledger.acts import Act, Agreed, Drafted, Heard, Sent
from ivr.centre.ledger.chain import LawBroken, NotGenuine, fold, opened, written
from ivr.ports.ledger import OrderRecord, SealedEntry
from tests.contracts.ledger_kit import MONDAY, draft, order_id, said


def chain() -> list[SealedEntry]:
    acts: list[Act] = [Drafted(draft()), Heard(said()), Agreed("12345670"), Sent(1)]
    record: OrderRecord | None = None
    entries = []
    for number, act in enumerate(acts):
        entry, record = written(record, act, MONDAY + timedelta(seconds=number), "test")
        entries.append(entry)
    return entries


def resealed(entry: SealedEntry, old: bytes, new: bytes) -> SealedEntry:
    body = entry.body.replace(old, new)
    assert body != entry.body
    return replace(entry, body=body, hash=digest(body))


def test_an_entry_comes_back_as_it_was() -> None:
    first, second, *_ = [opened(entry) for entry in chain()]
    assert (first.order, first.number, first.at, first.by) == (order_id(1), 1, MONDAY, "test")
    assert first.act == Drafted(draft())
    assert second.act == Heard(said())


def test_changed_bytes_are_seen() -> None:
    entries = chain()
    entries[1] = replace(entries[1], body=entries[1].body.replace(b"50000", b"60000"))
    with pytest.raises(NotGenuine, match="was changed"):
        fold(entries)


def test_a_changed_entry_under_its_own_new_hash_breaks_the_chain() -> None:
    entries = chain()
    entries[1] = resealed(entries[1], b"50000", b"60000")
    with pytest.raises(LawBroken, match="entry 3 does not follow"):
        fold(entries)


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_missing_entry_is_seen(missing: int) -> None:
    entries = chain()
    del entries[missing]
    with pytest.raises(LawBroken):
        fold(entries)


def test_entries_in_another_order_are_seen() -> None:
    entries = chain()
    entries[1], entries[2] = entries[2], entries[1]
    with pytest.raises(LawBroken):
        fold(entries)


def test_an_entry_of_another_order_is_seen() -> None:
    with pytest.raises(NotGenuine, match="was entry 1 of order 0"):
        opened(replace(chain()[0], order=order_id(2)))


def test_an_act_of_another_time_is_told() -> None:
    strange = resealed(chain()[3], b'"Sent"', b'"Teleported"')
    with pytest.raises(NotGenuine, match="a kind that this OneCall does not know"):
        opened(strange)
