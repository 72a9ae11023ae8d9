"""What the sandbox gateway holds: its SQLite file."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import aiosqlite

from ivr.adapters.payments.demo import ON_FILE, ORDERS
from ivr.adapters.payments.reading import Known
from ivr.adapters.payments.testcards import BLIND_QUERIES, Mishap
from ivr.database import Kind
from ivr.database.sqlite import connect, explain, prepare, transaction
from ivr.model.errors import PortError
from ivr.model.values import Money
from ivr.ports.payments import Decline, MerchantOrder, Payment, PaymentState

KIND = Kind("payments", 0x4F435031, files(__package__) / "migrations")


class Book:
    """Orders, cards and payments by key. Everything is asked and written within `writing`."""

    def __init__(self, path: Path, database: aiosqlite.Connection) -> None:
        self._path = path
        self._database = database
        self._one = asyncio.Lock()

    @classmethod
    async def open(cls, path: Path) -> Book:
        """Open the file, making it with the demo's orders at the first use. Raises PortError."""
        await asyncio.to_thread(prepare, path, KIND)
        book = cls(path, await connect(path, KIND.port))
        async with book.writing():
            for one in ORDERS:
                await book.put_order(one)
            for card in ON_FILE:
                await book.put_card(Known(card.brand, card.tail, card.token), None)
        return book

    async def close(self) -> None:
        """Close the file."""
        await self._database.close()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Ask and write, with nobody in between: all of the block or nothing. Raises PortError."""
        try:
            async with self._one, transaction(self._database):
                yield
        except sqlite3.Error as error:
            raise explain(error, KIND.port, self._path) from error

    async def put_order(self, order: MerchantOrder) -> None:
        """Take a merchant's order; one that is there stays as it is."""
        amount, months = order.amount, " ".join(map(str, order.instalments))
        await self._database.execute(
            "INSERT OR IGNORE INTO merchant_orders VALUES (?, ?, ?, ?, ?, ?)",
            (order.number, order.merchant, amount.minor, amount.currency, months, order.open),
        )

    async def order(self, number: str) -> MerchantOrder | None:
        """Return an order: what is reserved or paid for cannot be paid again."""
        row = await self._row(
            """SELECT number, merchant, amount, currency, instalments, open AND NOT EXISTS (
                   SELECT 1 FROM payments WHERE merchant_order = merchant_orders.number
                   AND refunds = '' AND state IN ('authorised', 'captured'))
               FROM merchant_orders WHERE number = ?""",
            number,
        )
        if row is None:
            return None
        number, merchant, amount, currency, months, open_ = row
        instalments = tuple(map(int, months.split()))
        return MerchantOrder(number, merchant, Money(amount, currency), instalments, bool(open_))

    async def put_card(self, card: Known, mark: str | None) -> None:
        """Keep a card under its token."""
        await self._database.execute(
            "INSERT OR IGNORE INTO cards VALUES (?, ?, ?, ?)",
            (card.token, card.brand, card.tail, mark),
        )

    async def card(self, token: str) -> Known | None:
        """Return the card that has a token."""
        row = await self._row("SELECT brand, tail, token FROM cards WHERE token = ?", token)
        return None if row is None else Known(*row)

    async def put(
        self, payment: Payment, card: Known, instalments: int = 0, refunds: str = ""
    ) -> None:
        """Hold a payment under its key, for ever; `refunds` is the key of the one it gives back from."""
        mishap = card.does.mishap
        await self._database.execute(
            """INSERT INTO payments (key, state, merchant_order, amount, currency, instalments, brand,
                   tail, token, decline, refunds, mishap, blind)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (
                payment.key,
                payment.state,
                payment.order,
                payment.amount.minor,
                payment.amount.currency,
                instalments,
                card.brand,
                card.tail,
                card.token,
                payment.decline,
                refunds,
                mishap,
                BLIND_QUERIES if mishap is Mishap.BLIND else 0,
            ),
        )

    async def move(self, key: str, state: PaymentState) -> None:
        """Have what is AUTHORISED under a key be in another state; anything else stays."""
        await self._database.execute(
            "UPDATE payments SET state = ? WHERE key = ? AND state = 'authorised'", (state, key)
        )

    async def find(self, key: str) -> Payment | None:
        """Return what is held under a key."""
        return _payment(await self._row("SELECT * FROM held WHERE key = ?", key))

    async def held(self, key: str) -> Payment:
        """Return what is held under a key. Raises PortError when there is nothing."""
        payment = await self.find(key)
        if payment is None:
            raise PortError(KIND.port, "nothing is held under this key")
        return payment

    async def referred(self, reference: str) -> Payment | None:
        """Return the payment that has a reference."""
        return _payment(await self._row("SELECT * FROM held WHERE reference = ?", reference))

    async def mishap(self, key: str) -> Mishap:
        """Return what goes wrong with a payment."""
        return Mishap((await self._row("SELECT mishap FROM payments WHERE key = ?", key))[0])

    async def blind(self, key: str) -> bool:
        """Whether a query fails now; it is counted."""
        row = await self._row(
            "UPDATE payments SET blind = blind - 1 WHERE key = ? AND blind > 0 RETURNING 1", key
        )
        return row is not None

    async def _row(self, sql: str, *values: object) -> Any:
        rows = list(await self._database.execute_fetchall(sql, values))
        return rows[0] if rows else None


def _payment(row: Any) -> Payment | None:
    if row is None:
        return None
    key, state, amount, currency, reference, brand, tail, token, decline, order, refunded = row
    return Payment(
        key,
        PaymentState(state),
        Money(amount, currency),
        reference,
        brand,
        tail,
        token,
        Decline(decline),
        order,
        Money(refunded, currency),
    )
