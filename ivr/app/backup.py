"""Backups: every database of the hotline, copied while it is in use, and put back.

Each copy is a database at one moment; two of them may be some milliseconds apart, which every part of the
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

from ivr.app import dumps
from ivr.app.config import Config
from ivr.app.databases import databases, shown
from ivr.database import Place, Server
from ivr.database.sqlite import connect_now, explain
from ivr.model.errors import OneCallError

MANIFEST = "backup.json"
DUMP = "postgres{}.dump"
"""What the dump of a server is called: the second one `postgres-2.dump`."""
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


class Source(msgspec.Struct, frozen=True):
    """What is copied: an SQLite file, or a database of a server, under the name that it has in a backup."""

    name: str
    place: Place


def sources(config: Config) -> tuple[Source, ...]:
    """Return the databases that there are to copy. Raises ConfigError."""
    places = [one.place for one in databases(config)]
    others = set(config.state.glob("*.sqlite"))
    files = others | {one for one in places if isinstance(one, Path) and one.is_file()}
    servers = {one.url.reveal(): one for one in places if isinstance(one, Server)}
    dumped = [
        Source(DUMP.format("" if number == 1 else f"-{number}"), one)
        for number, one in enumerate(servers.values(), 1)
    ]
    return (*dumped, *(Source(one.name, one) for one in sorted(files)))


def take(config: Config, to: Path, now: datetime) -> Iterator[Copy]:
    """Copy every database into a new folder, yielding each as it is done. Raises BackupError, DumpError,
    ConfigError, PortError."""
    found = sources(config)
    if not found:
        raise BackupError(f"{config.state}: there is no database to copy; see `ivr config show`")
    names = [one.name for one in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise BackupError(f"two databases are called {min(twice)}; rename one in the configuration")
    try:
        to.mkdir(mode=0o700, parents=True)
    except OSError as error:
        problem = f"{to}: cannot be made: {error.strerror}; name a folder that is not there yet"
        raise BackupError(problem) from error
    copies = []
    for one in found:
        copies.append(_copied(one.place, to / one.name))
        yield copies[-1]
    folders = {config.state, *(one.place.parent for one in found if isinstance(one.place, Path))}
    secrets = sorted(str(one) for folder in folders for one in _files(folder) if _secret(one))
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


def in_use(config: Config) -> tuple[str, ...]:
    """Return the addresses from which the servers of a configuration are used now. Raises ConfigError,
    PortError."""
    servers = [one.place for one in sources(config) if isinstance(one.place, Server)]
    return tuple(address for server in servers for address in dumps.users(server))


def restore(config: Config, folder: Path, now: datetime) -> Iterator[tuple[Copy, str]]:
    """Put a backup back, yielding each file with where it is now. What is there now is moved aside, and
    what a server holds is dumped there first.

    No engine may run. Raises BackupError before anything is touched where the backup is damaged, or is of
    a server that the configuration does not name; DumpError, ConfigError, PortError.
    """
    backup = read(folder)
    places = {one.name: one.place for one in sources(config)}
    for copy in backup.files:
        if problem := _wrong(folder / copy.name, copy):
            raise BackupError(f"{folder / copy.name}: {problem}; nothing was changed")
        if _is_dump(copy.name) and copy.name not in places:
            hint = "name one (`database: {url_file: …}`); nothing was changed"
            raise BackupError(f"{copy.name} is of a server, and the configuration has none: {hint}")
    aside = config.state / f"before-restore-{now:%Y%m%dT%H%M%S}"
    # Servers come first, in the order of the backup: one that refuses leaves the files as they are.
    for copy in backup.files:
        place = places.get(copy.name, config.state / copy.name)
        try:
            if isinstance(place, Server):
                aside.mkdir(mode=0o700, parents=True, exist_ok=True)
                dumps.dump(place, aside / copy.name)
                dumps.put_back(place, folder / copy.name, aside)
            else:
                _move_aside(place, aside)
                shutil.copyfile(folder / copy.name, place)
                place.chmod(0o600)
        except OSError as error:
            problem = f"{place}: cannot be put back: {error.strerror}; the old files are in {aside}"
            raise BackupError(problem) from error
        yield copy, shown(place)


def _is_dump(name: str) -> bool:
    return name.endswith(".dump")


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _secret(file: Path) -> bool:
    return file.suffix in (".key", ".pepper", ".secret", ".token")


def _copied(place: Place, to: Path) -> Copy:
    try:
        if isinstance(place, Server):
            dumps.dump(place, to)
        else:
            _copy_file(place, to)
        return Copy(to.name, shown(place), _sha256(to), to.stat().st_size)
    except OSError as error:
        raise BackupError(f"{to}: cannot be written: {error.strerror}; see to the disk") from error


def _copy_file(file: Path, to: Path) -> None:
    try:
        os.close(os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(connect_now(file, PORT)) as source, closing(sqlite3.connect(to)) as target:
            source.backup(target, pages=_PAGES)
            # One file, without a journal beside it.
            target.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise explain(error, PORT, file) from error


def _wrong(file: Path, copy: Copy) -> str:
    try:
        if _sha256(file) != copy.sha256:
            return "not as it was copied; take another backup"
        if _is_dump(file.name):
            return dumps.unsound(file)
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
