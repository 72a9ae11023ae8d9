"""Whom Asterisk runs as, and what that user may do with files."""

from __future__ import annotations

import stat
from pathlib import Path


def account(logs: Path) -> int:
    """Return the uid of who writes Asterisk's logs; root's where there are none yet."""
    return logs.stat().st_uid if logs.is_dir() else 0


def may_read(uid: int, path: Path) -> bool:
    """Whether a user may read a file or enter a folder. Groups are not looked at but the file's own:
    packages put Asterisk into none but its own."""
    wanted = (
        (stat.S_IXUSR, stat.S_IXOTH | stat.S_IXGRP)
        if path.is_dir()
        else (stat.S_IRUSR, stat.S_IROTH)
    )
    return _may(uid, path, *wanted)


def may_write(uid: int, folder: Path) -> bool:
    """Whether a user may make files in a folder, also as one of its group."""
    return _may(uid, folder, stat.S_IWUSR, stat.S_IWGRP | stat.S_IWOTH)


def _may(uid: int, path: Path, own: int, other: int) -> bool:
    status = path.stat()
    return uid == 0 or bool(status.st_mode & (own if status.st_uid == uid else other))
