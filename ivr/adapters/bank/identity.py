"""Who a caller is, and the proof of it by PIN: the embedded bank's part."""

from __future__ import annotations

import re
from typing import Any

from ivr.adapters.bank.attempts import forgive_line
from ivr.adapters.bank.audit import What, note
from ivr.adapters.bank.shared import Part
from ivr.centre.pin import is_weak
from ivr.model.secret import Secret
from ivr.ports.identity import By, Claimed, Customer, PinAnswer, PinChange, PinResult

_NUMBER = re.compile(r"[0-9]{1,64}")
_CALLING = re.compile(r"\+?[0-9]{3,32}")
_MOBILE = re.compile(r"(?:\+|00)86(1[3-9][0-9]{9})")
"""A mobile number of the bank's country, as carriers elsewhere write it."""

_BY_ACCOUNT = """
    SELECT accounts.number, customers.number, name, segment, language FROM accounts
    JOIN customers ON customers.number = customer WHERE accounts.number = ?"""
_BY_CARD = """
    SELECT account, customers.number, name, segment, language FROM card_numbers
    JOIN customers ON customers.number = customer WHERE keyed = ?"""
_BY_CUSTOMER = """
    SELECT min(accounts.number), customers.number, name, segment, language FROM accounts
    JOIN customers ON customers.number = customer
    WHERE ltrim(customers.number, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') = ?
    GROUP BY customers.number"""
_CLAIMED = {By.ACCOUNT: _BY_ACCOUNT, By.CARD: _BY_CARD, By.CUSTOMER: _BY_CUSTOMER}


class IdentityDesk(Part):
    """The part of the Identity port that needs no second factor (see `ivr.ports.identity`)."""

    async def identify(self, ani: str) -> Customer | None:
        """Return the one customer who has this calling number on file.

        Numbers are compared as they are, but for the country code of the bank's own country.
        """
        if not _CALLING.fullmatch(ani):
            return None
        domestic = _MOBILE.fullmatch(ani)
        found = await self._shared.file.rows(
            """SELECT customers.number, name, segment, language FROM phones
               JOIN customers ON customers.number = customer
                WHERE phones.number = ? LIMIT 2""",
            domestic[1] if domestic else ani,
        )
        return Customer(*found[0]) if len(found) == 1 else None

    async def look_up(self, by: By, number: Secret, ani: str, trunk: str) -> Claimed:
        """Return whose number this is; one that is nobody's has an account that there is not."""
        keyed = number.reveal()
        keyed = keyed if _NUMBER.fullmatch(keyed) else ""
        tail = number.tail() if by is By.CARD else ""
        nobody = Claimed(keyed if by is By.ACCOUNT else self._no_account(by, keyed), None, tail)
        if not await self._shared.attempts.line(ani, trunk):
            return nobody
        found = await self._claimed(by, keyed)
        async with self._shared.file.writing() as database:
            # As much is written whether it is anybody's or not: it takes as long either way.
            await forgive_line(database, ani, trunk, attempts=1 if len(found) == 1 else 0)
        if len(found) != 1:
            return nobody
        account, *customer = found[0]
        return Claimed(account, Customer(*customer), tail)

    async def verify_pin(
        self, account: str, pin: Secret, ani: str, trunk: str = "", binds: str = ""
    ) -> PinAnswer:
        """Check a PIN. A right one clears the account's counter, is taken off the calling number's and
        the trunk's, and authorises what it `binds`."""
        account = account if _NUMBER.fullmatch(account) else ""
        customer, result = await self._evaluated(account, pin, ani, trunk)
        if customer is not None:
            await self._accept(account, customer, ani, trunk, binds)
        return PinAnswer(result, customer)

    async def change_pin(
        self, account: str, old: Secret, new: Secret, ani: str, trunk: str
    ) -> PinChange:
        """Replace a PIN, and write that down."""
        customer, result = await self._evaluated(account, old, ani, trunk)
        if customer is None:
            return PinChange.LOCKED if result is PinResult.LOCKED else PinChange.WRONG
        await self._accept(account, customer, ani, trunk, "")
        born = await self._shared.file.row(
            "SELECT born FROM births WHERE customer = ?", customer.number
        )
        wanted = new.reveal()
        if old.matches(wanted) or is_weak(wanted, account, born[0] if born else ""):
            return PinChange.WEAK
        hashed = await self._shared.pins.hashed(account, new)
        async with self._shared.file.writing() as database:
            await database.execute(
                "UPDATE accounts SET pin_hash = ? WHERE number = ?", (hashed, account)
            )
            await note(database, self._shared.clock.now(), What.PIN_CHANGED, account)
        return PinChange.CHANGED

    async def unlock(self, account: str, by: str, reason: str) -> bool:
        """Let an account's PIN, and its customer's second factors, be tried again; tells whether
        anything was counted. It is written down also where nothing was."""
        async with self._shared.file.writing() as database:
            freed = [
                await database.execute(sql, (account,))
                for sql in (
                    "DELETE FROM account_attempts WHERE account = ?",
                    """DELETE FROM factor_attempts
                       WHERE customer = (SELECT customer FROM accounts WHERE number = ?)""",
                )
            ]
            await note(database, self._shared.clock.now(), What.UNLOCKED, account, by, reason)
        return any(one.rowcount for one in freed)

    async def _evaluated(
        self, account: str, pin: Secret, ani: str, trunk: str
    ) -> tuple[Customer | None, PinResult]:
        """Count an attempt, then look at the PIN; the customer is there only where it is right."""
        shared = self._shared
        made = await shared.attempts.pin(account, ani, trunk)
        if not made:
            return None, PinResult.LOCKED
        found = await shared.file.row(
            """SELECT pin_hash, customers.number, name, segment, language FROM accounts
                JOIN customers ON customers.number = customer WHERE accounts.number = ?""",
            account,
        )
        if await shared.pins.verify(found and found[0], account, pin) and found is not None:
            return Customer(*found[1:]), PinResult.RIGHT
        if shared.attempts.last(made):
            async with shared.file.writing() as database:
                await note(database, shared.clock.now(), What.LOCKED, account)
        return None, PinResult.WRONG

    async def _accept(
        self, account: str, customer: Customer, ani: str, trunk: str, binds: str
    ) -> None:
        async with self._shared.file.writing() as database:
            await database.execute("DELETE FROM account_attempts WHERE account = ?", (account,))
            await forgive_line(database, ani, trunk)
            if binds:
                at = int(self._shared.clock.now().timestamp())
                await database.execute(
                    "INSERT OR REPLACE INTO authorisations VALUES (?, ?, ?, ?)",
                    (binds, customer.number, account, at),
                )

    async def _claimed(self, by: By, keyed: str) -> list[Any]:
        found = self._shared.pins.keyed("card", keyed) if by is By.CARD else keyed
        return await self._shared.file.rows(_CLAIMED[by], found)

    def _no_account(self, by: By, keyed: str) -> str:
        """Return an account number that there is not, the same one for the same number: its PINs are
        counted and refused like any other's."""
        return "000" + str(int(self._shared.pins.keyed(by.value, "nobody", keyed)[:16], 16))
