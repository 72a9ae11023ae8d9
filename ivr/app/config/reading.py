"""Reading the configuration, and what it names."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import yaml
from pydantic import ValidationError

from ivr.app.config.whole import Config
from ivr.model.errors import OneCallError

DEFAULT_FILE = Path("onecall.yaml")


class ConfigError(OneCallError):
    """The configuration cannot be used: what, where, and what to write instead."""


def load_config(file: Path | None) -> Config:
    """Read a configuration; without a file and without `onecall.yaml` here, the defaults.

    Raises ConfigError.
    """
    path = file or DEFAULT_FILE
    if file is None and not path.exists():
        return Config().resolved(Path.cwd())
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not YAML: {error}") from error
    try:
        return Config.model_validate(data or {}).resolved(path.resolve().parent)
    except ValidationError as error:
        lines = [
            f"{path}: {'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors()
        ]
        raise ConfigError("\n".join(lines)) from None


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
    """Make a token that nobody else may read, unless there is one. Raises ConfigError."""
    folder(file.parent)
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return
    except OSError as error:
        raise ConfigError(f"{file}: the token cannot be made: {error.strerror}") from error
    with os.fdopen(descriptor, "w") as opened_file:
        opened_file.write(secrets.token_urlsafe(32) + "\n")
