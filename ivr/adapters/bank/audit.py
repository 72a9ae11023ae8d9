"""The bank's audit: what was done to PINs and locks, by whom. Append-only."""

from __future__ import annotations

import enum
from datetime import datetime, tzinfo
from pathlib import Path

import aiosqlite
import msgspec

from ivr.adapters.bank.file import KIND
from ivr.database.sqlite import prepare, writing


class What(enum.StrEnum):
    """What can be done to PINs and locks."""

    LOCKED = "locked"
    UNLOCKED = "unlocked"
    PIN_CHANGED = "pin changed"
    FACTORS_LOCKED = "second factors locked"
    CODE_SENT = "code sent"
    CALLBACK_PROMISED = "call back promised"


class Entry(msgspec.Struct, frozen=True):
    """One act: of `what`, on an account or a customer, by whom (`caller`: by telephone), and why."""

    at: datetime
    what: str
    subject: str
    actor: str
    reason: str


class Callback(msgspec.Struct, frozen=True):
    """A customer was promised a call at the `number` on file, to go on with `call` at level 3."""

    at: datetime
    customer: str
    number: str
    call: str


async def note(
    database: aiosqlite.Connection,
    at: datetime,
    what: What,
    subject: str,
    actor: str = "caller",
    reason: str = "",
) -> None:
    """Write an act down, in the transaction that does it."""
    await database.execute(
        "INSERT INTO audit (at, what, subject, actor, reason) VALUES (?, ?, ?, ?, ?)",
        (int(at.timestamp()), what.value, subject, actor, reason),
    )


def entries(path: Path, zone: tzinfo | None) -> list[Entry]:
    """Return all that was written down, the earliest first. Raises PortError."""
    prepare(path, KIND)
    with writing(path, KIND.port) as database:
        rows = database.execute("SELECT at, what, subject, actor, reason FROM audit ORDER BY id")
        return [Entry(datetime.fromtimestamp(at, zone), *rest) for at, *rest in rows]


def callbacks(path: Path, zone: tzinfo | None) -> list[Callback]:
    """Return the calls that were promised, the earliest first. Raises PortError."""
    prepare(path, KIND)
    with writing(path, KIND.port) as database:
        rows = database.execute("SELECT at, customer, number, call FROM callbacks ORDER BY id")
        return [Callback(datetime.fromtimestamp(at, zone), *rest) for at, *rest in rows]
