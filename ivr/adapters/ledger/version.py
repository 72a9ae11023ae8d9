"""Of which version a ledger on PostgreSQL is. It is older than the other schemas, and keeps its own
account."""

from __future__ import annotations

from ivr.adapters.ledger.sqlite import KIND
from ivr.database import Server, explained
from ivr.database.upgrading import connected


def found(server: Server) -> int:
    """Return the version of a ledger, without touching it; 0: there is none. Raises PortError."""
    with explained(server, KIND), connected(server) as raw:
        (there,) = raw.execute("SELECT to_regclass('public.versions') IS NOT NULL").fetchone() or (
            0,
        )
        rows = raw.execute("SELECT max(version) FROM public.versions") if there else ()
        return max((int(version or 0) for (version,) in rows), default=0)
