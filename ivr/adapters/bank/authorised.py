"""Whether what is to be posted was authorised by a PIN."""

from __future__ import annotations

import sqlite3


def authorised(database: sqlite3.Connection, digest: str, customer: str) -> bool:
    """Whether a right PIN of this customer has bound the digest of this read-back."""
    found = database.execute(
        "SELECT 1 FROM authorisations WHERE digest = ? AND customer = ?", (digest, customer)
    )
    return found.fetchone() is not None
