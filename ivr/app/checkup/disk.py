"""Room to write: for the store, callers' messages, and what Asterisk keeps."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ivr.app.checkup import Finding, Site

SUBJECT = "disk"
LEAST_BYTES = 1 << 30
LEAST_SHARE = 0.05
LEAST_INODES = 0.05


async def look(site: Site) -> tuple[str, tuple[Finding, ...]]:
    """Look at the file systems of the state folder, and of Asterisk's logs and recordings."""
    own = site.config.asterisk
    folders = [one for one in (site.config.state, own.spool, own.log) if one.is_dir()]
    found = {finding: None for one in folders for finding in _findings(one)}
    free = [
        f"{one}: {os.statvfs(one).f_bavail * os.statvfs(one).f_frsize / 1e9:.1f} GB"
        for one in folders
    ]
    return f"free at {', '.join(free)}" if free else "nothing is written yet", tuple(found)


def _findings(folder: Path) -> Iterator[Finding]:
    system = os.statvfs(folder)
    free = system.f_bavail * system.f_frsize
    why = "new orders are refused when it is full; events and recordings are lost"
    if free < LEAST_BYTES or system.f_bavail < LEAST_SHARE * system.f_blocks:
        yield Finding(
            "DOC601",
            f"only {free / 1e9:.1f} GB are free ({system.f_bavail / max(1, system.f_blocks):.0%})",
            str(folder),
            why,
            "free space, or a larger disk; `ivr db prune` and `ivr recordings prune` drop what is old",
        )
    if system.f_files and system.f_favail < LEAST_INODES * system.f_files:
        yield Finding(
            "DOC602",
            f"only {system.f_favail} more files can be made",
            str(folder),
            why,
            "remove small files: `ivr recordings prune`, old logs",
        )
