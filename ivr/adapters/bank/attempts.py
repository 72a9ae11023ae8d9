"""Attempts at PINs and second factors, counted durably before anything is looked at."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import aiosqlite

from ivr.adapters.bank.file import BankFile
from ivr.centre.pin import Lockout
from ivr.ports.clock import Clock

_CALLING = re.compile(r"\+?[0-9]{3,32}")
_TRUNK = re.compile(r"[A-Za-z0-9@_./-]{1,80}")

_COUNT = """
    INSERT INTO {table} ({of}, made) VALUES (?, 1)
    ON CONFLICT ({of}) DO UPDATE SET made = made + 1 WHERE made < ?
    RETURNING made"""
_COUNT_ACCOUNT = _COUNT.format(table="account_attempts", of="account")
_COUNT_FACTOR = _COUNT.format(table="factor_attempts", of="customer")
_COUNT_LINE = """
    INSERT INTO {line}_attempts ({line}, made, since) VALUES (:line, 1, :now)
    ON CONFLICT ({line}) DO UPDATE SET
      made = iif(since <= :expired, 1, made + 1), since = iif(since <= :expired, :now, since)
      WHERE made < :most OR since <= :expired
    RETURNING made"""
_FORGIVE_LINE = "UPDATE {line}_attempts SET made = max(0, made - ?) WHERE {line} = ?"


class Attempts:
    """Counts attempts in the bank's file. What is counted is an attempt until it is forgiven: one
    that was given up, or cut off by a kill, stays counted."""

    def __init__(self, file: BankFile, clock: Clock, lockout: Lockout) -> None:
        self._file = file
        self._clock = clock
        self._lockout = lockout

    async def pin(self, account: str, ani: str, trunk: str) -> int:
        """Count a PIN of an account; return which one it is, or 0, and nothing counted, when there is
        none left for the account, the calling number or the trunk."""
        return await self._all(_COUNT_ACCOUNT, (account, self._lockout.account), ani, trunk)

    async def line(self, ani: str, trunk: str) -> bool:
        """Count a number that was keyed; False, and nothing counted, when there is none left."""
        return bool(await self._all("SELECT 1", (), ani, trunk))

    async def factor(self, customer: str) -> int:
        """Count a second factor of a customer; return which one it is, or 0 when there is none left."""
        return await self._all(_COUNT_FACTOR, (customer, self._lockout.account), "", "")

    async def factors_left(self, customer: str) -> bool:
        """Whether a second factor may be tried yet."""
        found = await self._file.row(
            "SELECT made FROM factor_attempts WHERE customer = ?", customer
        )
        return found is None or found[0] < self._lockout.account

    def last(self, made: int) -> bool:
        """Whether an attempt of an account or a customer was the last one."""
        return made >= self._lockout.account

    async def _all(self, sql: str, values: tuple[Any, ...], ani: str, trunk: str) -> int:
        now = self._clock.now()
        lockout = self._lockout
        lines = (
            ("ani", _clean(_CALLING, ani), lockout.ani, lockout.ani_window),
            ("trunk", _clean(_TRUNK, trunk), lockout.trunk, lockout.trunk_window),
        )
        try:
            async with self._file.writing() as database:
                made = await _made(database, sql, values)
                for line, of, most, window in lines:
                    if of:
                        counted = _window(of, most, window, now)
                        await _made(database, _COUNT_LINE.format(line=line), counted)
        except _NoneLeft:
            return 0
        return made


async def forgive_line(
    database: aiosqlite.Connection, ani: str, trunk: str, attempts: int = 1
) -> None:
    """Take attempts off the calling number and the trunk."""
    for line, of in (("ani", _clean(_CALLING, ani)), ("trunk", _clean(_TRUNK, trunk))):
        await database.execute(_FORGIVE_LINE.format(line=line), (attempts, of))


class _NoneLeft(Exception):
    """No attempt is left: undo what was counted."""


async def _made(database: aiosqlite.Connection, sql: str, values: Any) -> int:
    rows = list(await database.execute_fetchall(sql, values))
    if not rows:
        raise _NoneLeft
    return int(rows[0][0])


def _window(line: str, most: int, window: timedelta, now: datetime) -> dict[str, str | int]:
    at = int(now.timestamp())
    expired = at - int(window.total_seconds())
    return {"line": line, "now": at, "expired": expired, "most": most}


def _clean(pattern: re.Pattern[str], line: str) -> str:
    """Return a line as it is counted: one that may not be written is nobody's, as a withheld one is."""
    return line if pattern.fullmatch(line) else ""
