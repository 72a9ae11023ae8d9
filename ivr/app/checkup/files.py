"""Files: what the configuration names is there, and secrets and databases are for their owner alone."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from ivr.adapters.asterisk.account import account, may_write
from ivr.app.checkup import Finding, Site
from ivr.app.config.inspection import inspect

SUBJECT = "files and permissions"
_CLOSED = (".sqlite", ".key", ".pepper", ".secret", ".token")
_SHARED = ("messages", "conversations")
"""Folders of the state folder that Asterisk writes to."""


async def look(site: Site) -> tuple[str, tuple[Finding, ...]]:
    """Look at every file that the configuration names, and at all of the state folder."""
    state = site.config.state
    closed = [one for one in sorted(state.rglob("*")) if _is_ours(one)] if state.is_dir() else []
    found = (
        *_named(site),
        *(finding for one in closed for finding in _open(one)),
        *_unwritable(state, account(site.config.asterisk.log)),
    )
    return f"{len(closed)} databases and secrets in {state}", found


def _is_ours(file: Path) -> bool:
    name = file.name.removesuffix("-wal").removesuffix("-shm")
    return file.is_file() and name.endswith(_CLOSED)


def _named(site: Site) -> Iterator[Finding]:
    for one in inspect(site.read):
        yield Finding(
            "DOC701",
            f"{one.path}: {one.problem}",
            one.source,
            "what needs it fails when it is first needed",
            one.hint,
        )


def _open(file: Path) -> Iterator[Finding]:
    status = file.stat()
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Finding(
            "DOC702",
            f"others may read or write it (mode {stat.S_IMODE(status.st_mode):04o})",
            str(file),
            "it holds customers' data, or what proves who somebody is",
            f"chmod 600 {file}",
        )
    owner = file.parent.stat().st_uid
    if status.st_uid != owner:
        yield Finding(
            "DOC703",
            f"it belongs to another user (uid {status.st_uid}) than its folder (uid {owner})",
            str(file),
            "somebody ran a command as root, and the engine cannot open what that made",
            f"chown --reference={file.parent} {file}; run commands as the engine's user: "
            "sudo -u onecall ivr …",
        )


def _unwritable(state: Path, user: int) -> Iterator[Finding]:
    """Yield the folders into which Asterisk could not write."""
    for folder in (state / name for name in _SHARED):
        if folder.is_dir() and not may_write(user, folder):
            yield Finding(
                "DOC704",
                "Asterisk may not write there",
                str(folder),
                "what callers say cannot be kept",
                f"adduser asterisk onecall && chmod g+rwxs {folder}, and restart Asterisk",
            )
