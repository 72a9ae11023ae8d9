"""What can be done within one transaction of a PostgreSQL ledger.

Every trip to the server costs more than what is done there, so what is written is gathered, and sent
together before anything is read that could depend on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import asyncpg

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
    Standing,
    millis,
)
from ivr.ports.orders import Allowance

T = TypeVar("T")

_SPENT = """SELECT coalesce(sum(amount), 0)::bigint FROM orders
  WHERE customer = $1 AND kind = $2 AND authorised_at >= $3 AND id <> $4 AND currency = $5
    AND state IN ('authorised', 'posting', 'unknown', 'posted')"""
_PUT = """INSERT INTO orders (id, state, desk, kind, customer, reference, opened_at, authorised_at,
    amount, currency, booked_on, record, due_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
  ON CONFLICT (id) DO UPDATE SET state = excluded.state, reference = excluded.reference,
    authorised_at = excluded.authorised_at, amount = excluded.amount, currency = excluded.currency,
    booked_on = excluded.booked_on, record = excluded.record,
    due_at = CASE WHEN $14::boolean THEN coalesce(excluded.due_at, orders.due_at) END"""
_RECORDS = "SELECT id, record FROM orders WHERE id = ANY($1)"
_ENTRY = "INSERT INTO entries VALUES ($1, $2, $3, $4, $5, $6)"
_OPEN_CASE = "INSERT INTO cases VALUES ($1, $2, NULL, $3)"
_CLOSE_CASE = "UPDATE cases SET closed_at = $1 WHERE number = $2"
_FORGET = "DELETE FROM outbox WHERE order_id = $1"
_NOTE = "INSERT INTO outbox VALUES ($1, $2, $3, $4, 0)"
_SENT = "DELETE FROM outbox WHERE key = $1"
_CLAIM = """UPDATE orders SET due_at = $1, tries = tries + 1 WHERE id IN (
    SELECT id FROM orders WHERE desk = $2 AND due_at IS NOT NULL
      AND (due_at <= $3 OR due_at > $3 + $4) ORDER BY due_at LIMIT $5)
  RETURNING record, tries"""
_OUTBOX = """UPDATE outbox SET due_at = $1, tries = tries + 1 WHERE key IN (
    SELECT key FROM outbox WHERE due_at <= $2 OR due_at > $2 + $3 ORDER BY due_at LIMIT $4)
  RETURNING order_id, body, tries"""


class PostgresTransaction:
    """A transaction that was begun on a connection, and has locked the head of the ledger."""

    def __init__(
        self, connection: asyncpg.Connection, n: int, sealed: str, records: dict[str, OrderRecord]
    ) -> None:
        self._connection = connection
        self._began = self._n = n
        self._seal = sealed
        self._records = records
        self._numbers: set[str] = set()
        self._gathered: dict[str, list[tuple[object, ...]]] = {}
        self._changed: set[str] = set()

    @classmethod
    async def begun(
        cls, connection: asyncpg.Connection, orders: Iterable[str]
    ) -> PostgresTransaction:
        """Lock the head, where other writers wait, and read the orders that are to be changed."""
        n, sealed = await connection.fetchrow("SELECT n, seal FROM head FOR UPDATE")
        rows = await connection.fetch(_RECORDS, list(orders))
        records = {order: decode_record(record) for order, record in rows}
        return cls(connection, n, sealed, records)

    async def change(self, order: str, decide: Decide[T], limits: Sequence[Allowance]) -> T:
        """Decide on an order and write what was decided. Raises what `decide` raises, NumberTaken."""
        if order in self._changed:
            await self._flush()
        record = self._records.get(order)
        spent = [await self._spent(record, one) for one in limits] if record else []
        decision = decide(Standing(record, tuple(spent)))
        if decision.change is not None:
            await self._refuse_taken(record, decision.change)
            self._write(decision.change)
        return decision.answer

    async def claim(self, desk: str, now: int, until: int, most: int) -> list[Any]:
        """Take orders that are due; return each one's record and tries."""
        return await self._fetch(_CLAIM, until, desk, now, LONGEST_MS, most)

    async def outbox(self, now: int, until: int, most: int) -> list[Any]:
        """Take notices that are due; return each one's order, body and tries."""
        return await self._fetch(_OUTBOX, until, now, LONGEST_MS, most)

    async def put_off(self, order: str, due: int) -> None:
        """Let an order that is not over be claimed from `due` on."""
        sql = "UPDATE orders SET due_at = $1 WHERE id = $2 AND due_at IS NOT NULL"
        await self._fetch(sql, due, order)

    async def put_off_notice(self, key: str, due: int) -> None:
        """Let a notice be taken from `due` on."""
        await self._fetch("UPDATE outbox SET due_at = $1 WHERE key = $2", due, key)

    async def finish(self) -> None:
        """Write what was gathered, and how far the entries go now."""
        if self._n != self._began:
            self._do("UPDATE head SET n = $1, seal = $2", self._n, self._seal)
        await self._flush()

    async def _spent(self, record: OrderRecord, limit: Allowance) -> Money:
        draft, currency = record.draft, limit.most.currency
        since = millis(limit.since)
        (found,) = await self._fetch(_SPENT, draft.customer, draft.kind, since, draft.id, currency)
        return Money(found[0], currency)

    async def _refuse_taken(self, before: OrderRecord | None, change: Change) -> None:
        """See to it that numbers are nobody else's, before anything is written."""
        reference = change.record.reference
        if reference and (before is None or before.reference != reference):
            await self._refuse(reference, "SELECT 1 FROM orders WHERE reference = $1")
        if change.case:
            await self._refuse(change.case.number, "SELECT 1 FROM cases WHERE number = $1")

    async def _refuse(self, number: str, sql: str) -> None:
        # A reference and the case of the same order may be one number; they are counted apart.
        kind = f"{sql} {number}"
        if kind in self._numbers or await self._connection.fetchval(sql, number):
            raise NumberTaken(f"the number {number} is taken")
        self._numbers.add(kind)

    def _write(self, change: Change) -> None:
        record, index = change.record, Index.of(change.record)
        order, at = record.draft.id, millis(change.at)
        self._changed.add(order)
        self._records[order] = record
        for entry in change.entries:
            self._n += 1
            self._seal = seal(self._seal, entry.hash)
            self._do(_ENTRY, self._n, order, entry.number, entry.hash, entry.body, self._seal)
        columns = [getattr(index, name) for name in index.__struct_fields__]
        due = None if change.due is None else millis(change.due)
        open_ = record.state.binding and not record.state.over
        self._do(_PUT, order, *columns, encode(record), due if open_ else None, open_)
        if change.case:
            self._do(_OPEN_CASE, change.case.number, at, encode(change.case))
        if change.solved:
            self._do(_CLOSE_CASE, at, change.solved)
        if change.notice:
            self._do(_FORGET, order)
            self._do(_NOTE, change.notice.key, order, encode(change.notice), at)
        if change.sent:
            self._do(_SENT, change.sent)

    def _do(self, sql: str, *values: object) -> None:
        """Gather what is to be written. Of one order nothing is gathered twice, so whatever is of one
        kind can be written together."""
        self._gathered.setdefault(sql, []).append(values)

    async def _flush(self) -> None:
        gathered, self._gathered = self._gathered, {}
        self._changed.clear()
        for sql, rows in gathered.items():
            await self._connection.executemany(sql, rows)

    async def _fetch(self, sql: str, *values: object) -> list[Any]:
        await self._flush()
        return list(await self._connection.fetch(sql, *values))
