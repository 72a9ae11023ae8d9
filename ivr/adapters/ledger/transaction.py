"""What can be done within one transaction of an SQLite ledger."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, TypeVar

from ivr.adapters.ledger.codec import decode_record, encode
from ivr.centre.chain import seal
from ivr.model.values import Money
from ivr.ports.ledger import (
    LONGEST_MS,
    Change,
    Decide,
    Index,
    NumberTaken,
    OrderRecord,
    SealedEntry,
    Standing,
    millis,
)
from ivr.ports.notify import Notice
from ivr.ports.orders import Allowance

T = TypeVar("T")

_SPENT = """SELECT coalesce(sum(amount), 0) FROM orders
  WHERE customer = ? AND kind = ? AND authorised_at >= ? AND id <> ? AND currency = ?
    AND state IN ('authorised', 'posting', 'unknown', 'posted')"""
_PUT = """INSERT INTO orders (id, state, desk, kind, customer, reference, opened_at, authorised_at,
    amount, currency, booked_on, record, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET state = excluded.state, reference = excluded.reference,
    authorised_at = excluded.authorised_at, amount = excluded.amount, currency = excluded.currency,
    booked_on = excluded.booked_on, record = excluded.record,
    due_at = iif(?, coalesce(excluded.due_at, due_at), NULL)"""
_CLAIM = """UPDATE orders SET due_at = :until, tries = tries + 1 WHERE id IN (
    SELECT id FROM orders WHERE desk = :desk AND due_at IS NOT NULL
      AND (due_at <= :now OR due_at > :now + :longest) ORDER BY due_at LIMIT :most)
  RETURNING record, tries"""
_OUTBOX = """UPDATE outbox SET due_at = :until, tries = tries + 1 WHERE key IN (
    SELECT key FROM outbox WHERE due_at <= :now OR due_at > :now + :longest
      ORDER BY due_at LIMIT :most)
  RETURNING order_id, body, tries"""


class Transaction:
    """A transaction that was begun on a connection. Raises sqlite3.Error."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._began, self._seal = database.execute("SELECT n, seal FROM head").fetchone()
        self._n = self._began

    def change(self, order: str, decide: Decide[T], limits: Sequence[Allowance]) -> T:
        """Decide on an order and write what was decided. Raises what `decide` raises, NumberTaken."""
        found = self._one("SELECT record FROM orders WHERE id = ?", order)
        record = decode_record(found[0]) if found else None
        spent = tuple(self._spent(record, one) for one in limits) if record else ()
        decision = decide(Standing(record, spent))
        if decision.change is not None:
            self._refuse_taken(record, decision.change)
            self._write(decision.change)
        return decision.answer

    def claim(self, desk: str, now: int, until: int, most: int) -> list[Any]:
        """Take orders that are due; return each one's record and tries."""
        return self._take(_CLAIM, desk=desk, now=now, until=until, most=most)

    def outbox(self, now: int, until: int, most: int) -> list[Any]:
        """Take notices that are due; return each one's order, body and tries."""
        return self._take(_OUTBOX, now=now, until=until, most=most)

    def put_off(self, order: str, due: int) -> None:
        """Let an order that is not over be claimed from `due` on."""
        self._do("UPDATE orders SET due_at = ? WHERE id = ? AND due_at IS NOT NULL", due, order)

    def put_off_notice(self, key: str, due: int) -> None:
        """Let a notice be taken from `due` on."""
        self._do("UPDATE outbox SET due_at = ? WHERE key = ?", due, key)

    def finish(self) -> None:
        """Write down how far the entries go."""
        if self._n != self._began:
            self._do("UPDATE head SET n = ?, seal = ?", self._n, self._seal)

    def _spent(self, record: OrderRecord, limit: Allowance) -> Money:
        draft, currency = record.draft, limit.most.currency
        since = millis(limit.since)
        found = self._one(_SPENT, draft.customer, draft.kind, since, draft.id, currency)
        return Money(found[0], currency)

    def _refuse_taken(self, before: OrderRecord | None, change: Change) -> None:
        """See to it that numbers are nobody else's, before anything is written."""
        reference = change.record.reference
        new = reference and (before is None or before.reference != reference)
        if new and self._one("SELECT 1 FROM orders WHERE reference = ?", reference):
            raise NumberTaken(f"the reference {reference} is taken")
        case = change.case
        if case and self._one("SELECT 1 FROM cases WHERE number = ?", case.number):
            raise NumberTaken(f"the case {case.number} is there already")

    def _write(self, change: Change) -> None:
        for entry in change.entries:
            self._append(entry)
        record, index = change.record, Index.of(change.record)
        columns = [getattr(index, name) for name in index.__struct_fields__]
        due = None if change.due is None else millis(change.due)
        open_ = record.state.binding and not record.state.over
        self._do(_PUT, record.draft.id, *columns, encode(record), due if open_ else None, open_)
        at = millis(change.at)
        if change.case:
            self._do(
                "INSERT INTO cases VALUES (?, ?, NULL, ?)",
                change.case.number,
                at,
                encode(change.case),
            )
        if change.solved:
            self._do("UPDATE cases SET closed_at = ? WHERE number = ?", at, change.solved)
        if change.notice:
            self._post(record.draft.id, change.notice, at)
        if change.sent:
            self._do("DELETE FROM outbox WHERE key = ?", change.sent)

    def _post(self, order: str, notice: Notice, at: int) -> None:
        """Put a notice in the outbox; one before that was not sent yet says nothing any more."""
        self._do("DELETE FROM outbox WHERE order_id = ?", order)
        self._do("INSERT INTO outbox VALUES (?, ?, ?, ?, 0)", notice.key, order, encode(notice), at)

    def _append(self, entry: SealedEntry) -> None:
        self._n += 1
        self._seal = seal(self._seal, entry.hash)
        row = (self._n, entry.order, entry.number, entry.hash, entry.body, self._seal)
        self._do("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", *row)

    def _take(self, sql: str, **values: object) -> list[Any]:
        return self._database.execute(sql, {**values, "longest": LONGEST_MS}).fetchall()

    def _one(self, sql: str, *values: object) -> Any:
        return self._database.execute(sql, values).fetchone()

    def _do(self, sql: str, *values: object) -> None:
        self._database.execute(sql, values)
