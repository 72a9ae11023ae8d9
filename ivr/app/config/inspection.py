"""Whether what the configuration names is there, and as it must be."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from ivr.app.config.keys import Setting, settings
from ivr.app.config.reading import ConfigError, Read, read_secret

_SECRETS = ("secret_file", "token_file", "password_file", "url_file")
_FOLDERS = ("flows", "prompts", "notify.texts", "window.asterisk_conf")
_FILES = ("ca_file", "queue_log", "forecast", "seal")


class Finding(msgspec.Struct, frozen=True):
    """What is not as it must be: the key, what is wrong and what to do; `source` says who named it."""

    path: str
    problem: str
    hint: str
    source: str


def inspect(read: Read) -> Iterator[Finding]:
    """Yield what of the files and folders that a configuration names cannot be used."""
    for one in settings(read):
        for path in _paths(one.value):
            yield from _finding(one, path)


def _paths(value: object) -> list[Path]:
    values = value if isinstance(value, list) else [value]
    return [Path(one) for one in values if isinstance(one, str) and one]


def _finding(one: Setting, path: Path) -> Iterator[Finding]:
    name = one.path.rpartition(".")[2]
    if name in _SECRETS:
        try:
            read_secret(path)
        except ConfigError as error:
            hint = "write the secret into it, readable by the engine's user only"
            yield Finding(one.path, str(error), hint, one.source)
    elif one.path in _FOLDERS and not path.is_dir():
        yield Finding(one.path, f"{path}: no such folder", "make it, or name another", one.source)
    elif name in _FILES and not path.is_file():
        yield Finding(
            one.path, f"{path}: no such file", "put it there, or name another", one.source
        )
    elif one.path == "state" and not _writable(path):
        hint = "make it writable for the engine's user, or name another"
        yield Finding(one.path, f"{path}: cannot be written to", hint, one.source)


def _writable(folder: Path) -> bool:
    """Whether files can be made in a folder, which may be made at the first use."""
    there = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)
