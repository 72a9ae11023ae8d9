"""The embedded bank: customers and accounts in an SQLite file of its own."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import aiosqlite

from ivr.adapters.bank.pins import PinHasher, read_pepper
from ivr.centre.pin import ANI_WINDOW, MAX_ATTEMPTS, MAX_ATTEMPTS_ANI
from ivr.model.errors import PortError
from ivr.model.secret import Secret
from ivr.model.values import Money
from ivr.ports.bank import Matter, MatterState
from ivr.ports.clock import Clock
from ivr.ports.identity import Customer, PinAnswer, PinResult
from ivr.sqlite import Kind, connect, explain, prepare, transaction

KIND = Kind("bank", 0x4F434231, files(__package__) / "migrations")

_NUMBER = re.compile(r"[0-9]{1,64}")
_CALLING = re.compile(r"\+?[0-9]{3,32}")
_MOBILE = re.compile(r"(?:\+|00)86(1[3-9][0-9]{9})")
"""A mobile number of the bank's country, as carriers elsewhere write it."""

_COUNT_ACCOUNT = """
    INSERT INTO account_attempts (account, made) VALUES (?, 1)
    ON CONFLICT (account) DO UPDATE SET made = made + 1 WHERE made < ?
    RETURNING made"""
_COUNT_ANI = """
    INSERT INTO ani_attempts (ani, made, since) VALUES (:ani, 1, :now)
    ON CONFLICT (ani) DO UPDATE SET
      made = iif(since <= :expired, 1, made + 1), since = iif(since <= :expired, :now, since)
      WHERE made < :most OR since <= :expired
    RETURNING made"""


class EmbeddedBank:
    """The Bank port on an SQLite file; any number of nodes may share the file.

    Every method raises PortError, with `retryable` when the file was only busy.
    """

    def __init__(
        self,
        path: Path,
        writer: aiosqlite.Connection,
        reader: aiosqlite.Connection,
        pins: PinHasher,
        clock: Clock,
    ) -> None:
        self._path = path
        self._writer = writer
        self._reader = reader
        self._pins = pins
        self._clock = clock
        self._one_writer = asyncio.Lock()

    @classmethod
    async def open(cls, path: Path, clock: Clock, pepper: Path | None = None) -> EmbeddedBank:
        """Open the bank, making the database and its PIN secret at the first use.

        The secret is `pepper`, by default a file beside the database. Raises PortError.
        """
        await asyncio.to_thread(prepare, path, KIND)
        pepper = pepper or path.with_suffix(".pepper")
        pins = PinHasher(await asyncio.to_thread(read_pepper, pepper))
        writer = await connect(path, KIND.port)
        try:
            reader = await connect(path, KIND.port)
        except PortError:
            await writer.close()
            raise
        bank = cls(path, writer, reader, pins, clock)
        try:
            await bank._check_pepper(pepper)
        except PortError:
            await bank.close()
            raise
        return bank

    async def close(self) -> None:
        """Close the file."""
        self._pins.close()
        await self._reader.close()
        await self._writer.close()

    async def verify_pin(
        self, account: str, pin: Secret, ani: str, trunk: str = "", binds: str = ""
    ) -> PinAnswer:
        """Check a PIN (see `ivr.ports.bank.Bank`).

        The attempt is on the disk before the PIN is looked at. A right PIN clears the account's
        counter and is taken off the calling number's.
        """
        account = account if _NUMBER.fullmatch(account) else ""
        ani = ani if _CALLING.fullmatch(ani) else ""
        if not await self._count(account, ani):
            return PinAnswer(PinResult.LOCKED)
        found = await self._row(
            """SELECT pin_hash, customers.number, name, segment, language FROM accounts
               JOIN customers ON customers.number = customer WHERE accounts.number = ?""",
            account,
        )
        if not await self._pins.verify(found and found[0], account, pin) or found is None:
            return PinAnswer(PinResult.WRONG)
        await self._forgive(account, ani)
        return PinAnswer(PinResult.RIGHT, Customer(*found[1:]))

    async def balance(self, account: str) -> Money:
        """Return the available balance of an account the caller is authenticated for."""
        found = await self._row("SELECT balance, currency FROM accounts WHERE number = ?", account)
        if found is None:
            raise PortError("bank", "there is no such account")
        return Money(*found)

    async def identify(self, ani: str) -> Customer | None:
        """Return the one customer who has this calling number on file (see `ivr.ports.bank.Bank`).

        Numbers are compared as they are, but for the country code of the bank's own country.
        """
        if not _CALLING.fullmatch(ani):
            return None
        domestic = _MOBILE.fullmatch(ani)
        found = await self._rows(
            """SELECT customers.number, name, segment, language FROM phones
               JOIN customers ON customers.number = customer WHERE phones.number = ? LIMIT 2""",
            domestic[1] if domestic else ani,
        )
        return Customer(*found[0]) if len(found) == 1 else None

    async def products(self, customer: str) -> tuple[str, ...]:
        """Return what a customer holds, in alphabetical order."""
        found = await self._rows(
            "SELECT product FROM holdings WHERE customer = ? ORDER BY product", customer
        )
        return tuple(product for (product,) in found)

    async def matters(self, customer: str, now: datetime) -> tuple[Matter, ...]:
        """Return a customer's open matters as of `now`, the latest first."""
        found = await self._rows(
            """SELECT id, kind, coalesce(opened_at, ? - age_s) AS opened, level, state, amount, currency
               FROM matters WHERE customer = ? ORDER BY opened DESC, id""",
            int(now.timestamp()),
            customer,
        )
        return tuple(_matter(row, now) for row in found)

    async def unlock(self, account: str) -> bool:
        """Let an account's PIN be tried again; tells whether anything was counted."""
        async with self._writing():
            rows = await self._writer.execute_fetchall(
                "DELETE FROM account_attempts WHERE account = ? RETURNING made", (account,)
            )
        return bool(list(rows))

    async def _count(self, account: str, ani: str) -> bool:
        """Count an attempt durably; False, and nothing counted, when there is none left."""
        now = int(self._clock.now().timestamp())
        window = {
            "ani": ani,
            "now": now,
            "expired": now - int(ANI_WINDOW.total_seconds()),
            "most": MAX_ATTEMPTS_ANI,
        }
        try:
            async with self._writing():
                if not await self._returned(_COUNT_ACCOUNT, (account, MAX_ATTEMPTS)):
                    raise _NoneLeft
                if ani and not await self._returned(_COUNT_ANI, window):
                    raise _NoneLeft
        except _NoneLeft:
            return False
        return True

    async def _forgive(self, account: str, ani: str) -> None:
        async with self._writing():
            await self._writer.execute("DELETE FROM account_attempts WHERE account = ?", (account,))
            await self._writer.execute(
                "UPDATE ani_attempts SET made = made - 1 WHERE ani = ? AND made > 0", (ani,)
            )

    async def _check_pepper(self, pepper: Path) -> None:
        """PINs hashed with another secret would all be wrong: say so at the start, not to callers."""
        async with self._writing():
            await self._writer.execute(
                "INSERT OR IGNORE INTO facts VALUES ('pepper', ?)", (self._pins.fingerprint,)
            )
        found = await self._row("SELECT value FROM facts WHERE name = 'pepper'")
        if found is None or found[0] != self._pins.fingerprint:
            raise PortError(
                "bank",
                f"the PINs in {self._path} were made with another secret than {pepper}: "
                "restore that file from the backup of the database",
            )

    async def _returned(self, sql: str, values: Any) -> bool:
        return bool(list(await self._writer.execute_fetchall(sql, values)))

    async def _row(self, sql: str, *values: object) -> Any:
        rows = await self._rows(sql, *values)
        return rows[0] if rows else None

    async def _rows(self, sql: str, *values: object) -> list[Any]:
        try:
            return list(await self._reader.execute_fetchall(sql, values))
        except sqlite3.Error as error:
            raise explain(error, KIND.port, self._path) from error

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[None]:
        try:
            async with self._one_writer, transaction(self._writer):
                yield
        except sqlite3.Error as error:
            raise explain(error, KIND.port, self._path) from error


class _NoneLeft(Exception):
    """No attempt is left: undo what was counted."""


def _matter(row: Any, now: datetime) -> Matter:
    number, kind, opened, level, state, amount, currency = row
    return Matter(
        number,
        kind,
        datetime.fromtimestamp(opened, now.tzinfo),
        level,
        MatterState(state),
        None if amount is None else Money(amount, currency),
    )


BACKEND = EmbeddedBank
