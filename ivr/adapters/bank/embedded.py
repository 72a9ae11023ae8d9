"""The embedded bank: customers and accounts in an SQLite file of its own."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

from ivr.adapters.bank.attempts import Attempts
from ivr.adapters.bank.factors import FactorDesk
from ivr.adapters.bank.file import BankFile
from ivr.adapters.bank.identity import IdentityDesk
from ivr.adapters.bank.pins import PinHasher, read_pepper
from ivr.adapters.bank.shared import Shared
from ivr.centre.pin import Lockout
from ivr.model.errors import PortError
from ivr.model.values import Money
from ivr.ports.bank import Matter, MatterState
from ivr.ports.clock import Clock
from ivr.ports.notify import Notify


class EmbeddedBank(IdentityDesk, FactorDesk):
    """The Bank port on an SQLite file; any number of nodes may share the file.

    Every method raises PortError, with `retryable` when the file was only busy.
    """

    @classmethod
    async def open(
        cls,
        path: Path,
        clock: Clock,
        pepper: Path | None = None,
        notify: Notify | None = None,
        lockout: Lockout = Lockout(),  # noqa: B008  (frozen)
        chance: Random | None = None,
    ) -> EmbeddedBank:
        """Open the bank, making the database and its PIN secret at the first use.

        The secret is `pepper`, by default a file beside the database. Codes go out by `notify`; `chance`
        chooses them. Raises PortError.
        """
        file = await BankFile.open(path)
        try:
            pepper = pepper or path.with_suffix(".pepper")
            pins = PinHasher(await asyncio.to_thread(read_pepper, pepper))
            attempts = Attempts(file, clock, lockout)
            bank = cls(Shared(file, clock, pins, attempts, notify, chance or SystemRandom()))
            await bank._check_pepper(pepper)
        except PortError:
            await file.close()
            raise
        return bank

    async def close(self) -> None:
        """Close the file."""
        self._shared.pins.close()
        await self._shared.file.close()

    async def balance(self, account: str) -> Money:
        """Return the available balance of an account the caller is authenticated for."""
        found = await self._shared.file.row(
            "SELECT balance, currency FROM accounts WHERE number = ?", account
        )
        if found is None:
            raise PortError("bank", "there is no such account")
        return Money(*found)

    async def products(self, customer: str) -> tuple[str, ...]:
        """Return what a customer holds, in alphabetical order."""
        found = await self._shared.file.rows(
            "SELECT product FROM holdings WHERE customer = ? ORDER BY product", customer
        )
        return tuple(product for (product,) in found)

    async def matters(self, customer: str, now: datetime) -> tuple[Matter, ...]:
        """Return a customer's open matters as of `now`, the latest first."""
        found = await self._shared.file.rows(
            """SELECT id, kind, coalesce(opened_at, ? - age_s) AS opened, level, state, amount, currency
               FROM matters WHERE customer = ? ORDER BY opened DESC, id""",
            int(now.timestamp()),
            customer,
        )
        return tuple(_matter(row, now) for row in found)

    async def _check_pepper(self, pepper: Path) -> None:
        """PINs hashed with another secret would all be wrong: say so at the start, not to callers."""
        file, fingerprint = self._shared.file, self._shared.pins.fingerprint
        async with file.writing() as database:
            await database.execute(
                "INSERT OR IGNORE INTO facts VALUES ('pepper', ?)", (fingerprint,)
            )
        found = await file.row("SELECT value FROM facts WHERE name = 'pepper'")
        if found is None or found[0] != fingerprint:
            raise PortError(
                "bank",
                f"the PINs in {file.path} were made with another secret than {pepper}: "
                "restore that file from the backup of the database",
            )


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
