"""Databases: each can be read, is whole, and of the version that this OneCall writes."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from ivr.app.checkup import Finding, Site
from ivr.app.config import Config
from ivr.app.databases import Database, DatabaseState, databases, state

SUBJECT = "databases"
WHOLE = 1 << 29
"""Bytes of a file that is read as a whole; larger ones take too long (`ivr db backup` reads them too)."""


async def look(site: Site) -> tuple[str, tuple[Finding, ...]]:
    """Read the version of each that there is, and the whole of each file."""
    return await asyncio.to_thread(_look, site.config)


def _look(config: Config) -> tuple[str, tuple[Finding, ...]]:
    found = [(one, state(one)) for one in databases(config)]
    made = [one for _, one in found if one.version]
    findings = tuple(finding for one, how in found for finding in _findings(one, how))
    places = "PostgreSQL" if any(not isinstance(one.place, Path) for one, _ in found) else "SQLite"
    return f"{len(made)} of {len(found)} are made, in {places}", findings


def _findings(one: Database, how: DatabaseState) -> Iterator[Finding]:
    if wrong := how.wrong or _damage(one, how):
        yield Finding(
            "DOC801",
            f"{how.name}: {wrong}",
            how.place,
            "what depends on it is refused to callers",
            "ivr db restore, from a backup of `ivr db backup`; docs/backup.md has the whole way",
        )
    elif how.scripts:
        yield Finding(
            "DOC802",
            f"{how.name} is of version {how.version}, the newest is {how.newest}",
            how.place,
            "an engine brings it there when it starts: without a backup there is no way back",
            "ivr db backup FOLDER && ivr db upgrade",
        )


def _damage(one: Database, how: DatabaseState) -> str:
    """Return what SQLite finds in a file that it reads as a whole, or nothing."""
    if not how.version or not isinstance(one.place, Path) or one.place.stat().st_size > WHOLE:
        return ""
    try:
        with closing(sqlite3.connect(f"file:{one.place}?mode=ro", uri=True)) as database:
            (said,) = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        said = str(error)
    return "" if said == "ok" else f"damaged: {said}"
