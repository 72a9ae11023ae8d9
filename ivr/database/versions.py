"""Which version a database is of, without touching it, and which OneCalls can use it.

A script only adds: tables, columns with defaults, indexes. So whoever knows one version less goes on
using the database, while nodes are upgraded one by one, and afterwards, when the upgrade is taken back.
"""

from __future__ import annotations

from pathlib import Path

from ivr.database import Place, explained, sqlite
from ivr.database.kind import Kind, scripts
from ivr.model.errors import PortError


def found(place: Place, kind: Kind) -> int:
    """Return the version of a database; 0: there is none. Raises PortError."""
    if isinstance(place, Path):
        return sqlite.version_found(place, kind)
    from ivr.database import upgrading

    with explained(place, kind), upgrading.connected(place) as raw:
        return upgrading.version_found(raw, kind)


def known(place: Place, kind: Kind) -> dict[int, str]:
    """Return the scripts that lead to each version of a database there. Raises PortError for a kind that
    cannot be kept there."""
    folder = kind.scripts if isinstance(place, Path) else kind.postgres
    if folder is None:
        raise PortError(kind.port, "is kept in an SQLite file only")
    return scripts(folder)
