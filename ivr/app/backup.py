"""Backups: every SQLite file of the hotline, copied while it is in use, and put back.

Each copy is a file at one moment; two files may be some milliseconds apart, which every part of the
hotline bears: it is what a crash leaves as well. Secrets are not copied: a backup goes where they must not.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import msgspec

from ivr.app.config import Config
from ivr.database.sqlite import connect_now, explain
from ivr.model.errors import OneCallError

MANIFEST = "backup.json"
PORT = "backup"
_PAGES = 512
"""Copied at a time: writers wait for no more than these."""
_BLOCK = 1 << 20


class BackupError(OneCallError):
    """A backup cannot be made, read or put back: what, where, what to do."""


class Copy(msgspec.Struct, frozen=True):
    """A file of a backup: its name there, where it came from, its SHA-256 (hex) and its bytes."""

    name: str
    source: str
    sha256: str
    size: int


class Backup(msgspec.Struct, frozen=True):
    """What a backup holds, and when (aware) it was taken. `secrets` are the files that belong to it and
    are not in it."""

    taken_at: datetime
    files: tuple[Copy, ...]
    secrets: tuple[str, ...] = ()


def databases(config: Config) -> tuple[Path, ...]:
    """Return the SQLite files that there are: those of the state folder, and of embedded backends."""
    named = (config.bank.file, config.payments.file, config.notify.file, config.knowledge.file)
    found = {*config.state.glob("*.sqlite"), *(one for one in named if one.is_file())}
    return tuple(sorted(found))


def take(config: Config, to: Path, now: datetime) -> Iterator[Copy]:
    """Copy every database into a new folder, yielding each as it is done. Raises BackupError, PortError."""
    files = databases(config)
    if not files:
        raise BackupError(f"{config.state}: there is no database to copy; see `ivr config show`")
    names = [one.name for one in files]
    if twice := {name for name in names if names.count(name) > 1}:
        raise BackupError(f"two databases are called {min(twice)}; rename one in the configuration")
    try:
        to.mkdir(mode=0o700, parents=True)
    except OSError as error:
        problem = f"{to}: cannot be made: {error.strerror}; name a folder that is not there yet"
        raise BackupError(problem) from error
    copies = []
    for file in files:
        copies.append(_copied(file, to / file.name))
        yield copies[-1]
    folders = {one.parent for one in files}
    secrets = sorted(str(one) for folder in folders for one in folder.iterdir() if _secret(one))
    _write(to / MANIFEST, Backup(now, tuple(copies), tuple(secrets)))


def read(folder: Path) -> Backup:
    """Return what a backup says it holds. Raises BackupError."""
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Backup)
    except OSError as error:
        problem = f"{folder}: no backup of `ivr db backup`: {MANIFEST}: {error.strerror}"
        raise BackupError(problem) from error
    except msgspec.DecodeError as error:
        raise BackupError(f"{folder / MANIFEST}: damaged: {error}; take another backup") from error


def check(folder: Path) -> Iterator[tuple[Copy, str]]:
    """Yield each file of a backup with what is wrong with it, empty for nothing. Raises BackupError."""
    for copy in read(folder).files:
        yield copy, _wrong(folder / copy.name, copy)


def restore(config: Config, folder: Path, now: datetime) -> Iterator[tuple[Copy, Path]]:
    """Put a backup back, yielding each file with where it is now. What is there now is moved aside.

    No engine may run. Raises BackupError before anything is touched where the backup is damaged.
    """
    backup = read(folder)
    for copy in backup.files:
        if problem := _wrong(folder / copy.name, copy):
            raise BackupError(f"{folder / copy.name}: {problem}; nothing was changed")
    aside = config.state / f"before-restore-{now:%Y%m%dT%H%M%S}"
    places = {one.name: one for one in databases(config)}
    for copy in backup.files:
        place = places.get(copy.name, config.state / copy.name)
        try:
            _move_aside(place, aside)
            shutil.copyfile(folder / copy.name, place)
            place.chmod(0o600)
        except OSError as error:
            problem = f"{place}: cannot be put back: {error.strerror}; the old files are in {aside}"
            raise BackupError(problem) from error
        yield copy, place


def _secret(file: Path) -> bool:
    return file.suffix in (".key", ".pepper", ".secret", ".token")


def _copied(file: Path, to: Path) -> Copy:
    try:
        os.close(os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(connect_now(file, PORT)) as source, closing(sqlite3.connect(to)) as target:
            source.backup(target, pages=_PAGES)
            # One file, without a journal beside it.
            target.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise explain(error, PORT, file) from error
    except OSError as error:
        raise BackupError(f"{to}: cannot be written: {error.strerror}; see to the disk") from error
    return Copy(to.name, str(file), _sha256(to), to.stat().st_size)


def _wrong(file: Path, copy: Copy) -> str:
    try:
        if _sha256(file) != copy.sha256:
            return "not as it was copied; take another backup"
        with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as database:
            (said,) = database.execute("PRAGMA integrity_check(1)").fetchone()
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    except sqlite3.Error as error:
        return f"no sound database: {error}"
    return "" if said == "ok" else f"no sound database: {said}"


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while block := opened.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _move_aside(place: Path, aside: Path) -> None:
    """Move a database with what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        file = place.with_name(place.name + suffix)
        if file.exists():
            aside.mkdir(mode=0o700, exist_ok=True)
            file.rename(aside / file.name)


def _write(file: Path, backup: Backup) -> None:
    try:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(backup), indent=2))
        file.chmod(0o600)
    except OSError as error:
        problem = f"{file}: cannot be written: {error.strerror}; see to the disk"
        raise BackupError(problem) from error
