"""Opening and closing matters of the embedded bank, from the command line."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from ivr.adapters.bank.file import KIND
from ivr.database.sqlite import prepare, writing
from ivr.model.errors import PortError
from ivr.ports.bank import Matter


def open_matter(path: Path, customer: str, matter: Matter) -> None:
    """Open a matter between a customer and the bank. Raises PortError."""
    prepare(path, KIND)
    with writing(path, KIND.port) as database:
        known = database.execute("SELECT 1 FROM customers WHERE number = ?", (customer,))
        if known.fetchone() is None:
            raise PortError("bank", f"there is no customer {customer}: see `ivr bank show`")
        try:
            database.execute(
                """INSERT INTO matters (id, customer, kind, level, opened_at, state, amount, currency)
                   VALUES (?, ?, ?, ?, ?, ?, ?, coalesce(?, 'CNY'))""",
                (
                    matter.id,
                    customer,
                    matter.kind,
                    matter.level,
                    int(matter.opened_at.timestamp()),
                    matter.state.value,
                    matter.amount and matter.amount.minor,
                    matter.amount and matter.amount.currency,
                ),
            )
        except sqlite3.IntegrityError as error:
            problem = f"there is already a matter {matter.id}: choose another --id"
            raise PortError("bank", problem) from error


def close_matter(path: Path, matter: str) -> bool:
    """Close a matter; tells whether there was one. Raises PortError."""
    prepare(path, KIND)
    with writing(path, KIND.port) as database:
        closed = database.execute("DELETE FROM matters WHERE id = ?", (matter,))
        return closed.rowcount > 0
