"""The embedded bank: customers and accounts in an SQLite file of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random, SystemRandom

from ivr.adapters.bank.attempts import Attempts
from ivr.adapters.bank.factors import FactorDesk
from ivr.adapters.bank.file import BankFile
from ivr.adapters.bank.identity import IdentityDesk
from ivr.adapters.bank.ledger import LedgerDesk
from ivr.adapters.bank.shared import Shared
from ivr.centre.pin import MAX_ATTEMPTS_TRUNK, Lockout
from ivr.model.errors import PortError
from ivr.pins import PinHasher, read_pepper
from ivr.ports.backend import Settings
from ivr.ports.clock import Clock
from ivr.ports.notify import Notify


class EmbeddedBank(IdentityDesk, FactorDesk, LedgerDesk):
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

    @classmethod
    async def opened(
        cls, settings: Settings, clock: Clock, notify: Notify | None = None
    ) -> EmbeddedBank:
        """Open it as the configuration says."""
        most = settings.trunk_attempts or MAX_ATTEMPTS_TRUNK
        lockout = Lockout(trunk=most)
        return await cls.open(settings.file, clock, notify=notify, lockout=lockout)

    async def close(self) -> None:
        """Close the file."""
        await self.close_books()
        self._shared.pins.close()
        await self._shared.file.close()

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


BACKEND = EmbeddedBank
