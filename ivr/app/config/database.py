"""Where OneCall keeps its own data."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from ivr.app.config.section import Section


class DatabaseConfig(Section):
    """Where calls, releases, surveys, the floor, callbacks, campaigns, cases, people and orders are
    written down: SQLite files in the state folder if nothing is said, or a PostgreSQL that several
    engines share (docs/nodes.md)."""

    url_file: Path | None = Field(
        None,
        description="A file of mode 0600 that holds the URL only: "
        "postgresql://USER:PASSWORD@HOST:5432/DATABASE.",
    )
