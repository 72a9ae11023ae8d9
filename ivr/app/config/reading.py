"""Reading the configuration, and what it names."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import msgspec
from pydantic import ValidationError

from ivr.adapters.flowfile.complaints import problems
from ivr.adapters.flowfile.nodes import Table
from ivr.adapters.flowfile.reader import read
from ivr.app.config.environment import overlaid
from ivr.app.config.whole import Config
from ivr.model.codes import Code
from ivr.model.errors import OneCallError
from ivr.model.place import Place
from ivr.model.problem import Problem

DEFAULT_FILE = Path("onecall.yaml")


class ConfigError(OneCallError):
    """The configuration cannot be used: what, where, and what to write instead."""


class Read(msgspec.Struct, frozen=True):
    """A configuration, and what was written of it: by the file, and by the environment instead."""

    config: Config
    written: Table


def load_config(file: Path | None) -> Config:
    """Read a configuration; without a file and without `onecall.yaml` here, the defaults. What the
    environment says (`ONECALL__AGI__PORT=4600`) holds before the file.

    Raises ConfigError.
    """
    return read_config(file).config


def read_config(file: Path | None) -> Read:
    """Read a configuration with the places of what was written. Raises ConfigError."""
    path = file or DEFAULT_FILE
    there = file is not None or path.exists()
    tree, found = read(_text(path) if there else "", str(path), fractions=True)
    if [one.code for one in found] == [Code.EMPTY_FILE]:
        tree, found = Table({}, Place(str(path), 1, 1)), []
    _refuse(found)
    if not isinstance(tree, Table):
        raise ConfigError(f"{path}: no mapping (write `key: value`, as docs/config.md shows)")
    written, found = overlaid(tree, os.environ)
    _refuse(found)
    try:
        config = Config.model_validate(written.plain())
    except ValidationError as error:
        _refuse(problems(error, written, Config))
        raise
    return Read(config.resolved(path.resolve().parent if there else Path.cwd()), written)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 (save the file as UTF-8)") from error


def _refuse(found: Sequence[Problem]) -> None:
    """Raise ConfigError if anything is wrong: a line for each."""
    if found:
        lines = (
            f"{one.place}: {one.message}" + (f" ({one.hint})" if one.hint else "") for one in found
        )
        raise ConfigError("\n".join(lines))


def read_secret(file: Path) -> str:
    """Return the secret in a file that only its owner may read. Raises ConfigError."""
    try:
        mode = file.stat().st_mode
        secret = file.read_text("utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{file}: the secret cannot be read: {error.strerror}") from error
    if mode & 0o077:
        raise ConfigError(f"{file}: others may read this secret; run: chmod 600 {file}")
    if not secret:
        raise ConfigError(f"{file}: holds no secret")
    return secret


def folder(path: Path) -> Path:
    """Return the folder, made if there is none. Raises ConfigError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be made a folder: {error.strerror}; "
            "move away what is there, or choose another `state` folder"
        ) from error
    return path


def make_token(file: Path) -> None:
    """Make a token that nobody else may read, unless there is one. It belongs to whom its folder belongs
    to: root may make it for the engine's user. Raises ConfigError."""
    folder(file.parent)
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return
    except OSError as error:
        raise ConfigError(f"{file}: the token cannot be made: {error.strerror}") from error
    with os.fdopen(descriptor, "w") as opened_file:
        if os.geteuid() == 0:
            owner = file.parent.stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        opened_file.write(secrets.token_urlsafe(32) + "\n")
