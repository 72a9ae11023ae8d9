"""Attempts at credentials, counted durably before anything is looked at."""

from __future__ import annotations

from datetime import datetime, timedelta

from ivr.database import Connection

MOST = 5
"""Wrong credentials of one person in a row; then none is looked at until `LOCKED` after the first."""
MOST_SOURCE = 20
"""Wrong credentials from one place, whoever's they are."""
LOCKED = timedelta(minutes=30)
"""PCI DSS 8.3.4: at least 30 minutes, or until somebody's identity is confirmed."""

_COUNT = """
    INSERT INTO attempts (of, made, since) VALUES (?, 1, ?)
    ON CONFLICT (of) DO UPDATE SET made = attempts.made + 1 WHERE attempts.made < ?
    RETURNING made"""
_FORGET = "DELETE FROM attempts WHERE of = ? AND since <= ?"
_FORGIVE = "UPDATE attempts SET made = made - 1 WHERE of = ? AND made > 0"


class NoneLeft(Exception):
    """No attempt is left: undo what was counted."""


def count(database: Connection, of: str, source: str, now: datetime) -> None:
    """Count an attempt at a credential of somebody: `of` is hashed, since what was keyed as a name may
    be a secret in the wrong field. Raises NoneLeft."""
    at = int(now.timestamp())
    expired = at - int(LOCKED.total_seconds())
    for counted, most in ((of, MOST), (_place(source), MOST_SOURCE)):
        database.execute(_FORGET, (counted, expired))
        if not database.execute(_COUNT, (counted, at, most)).fetchall():
            raise NoneLeft


def forgive(database: Connection, of: str, source: str) -> None:
    """Take a right one off: all of the person's, and one of the place's."""
    database.execute("DELETE FROM attempts WHERE of = ?", (of,))
    database.execute(_FORGIVE, (_place(source),))


def _place(source: str) -> str:
    return f"place {source}"
