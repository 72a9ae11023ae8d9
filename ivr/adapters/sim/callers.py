"""Reading scripted callers from YAML files."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import ValidationError

from ivr.model.errors import OneCallError
from ivr.model.scripted import ScriptedCaller

MAX_BYTES = 64_000


class CallerFileError(OneCallError):
    """A scripted caller's file cannot be used. The text names every problem, one a line."""


def load_caller(path: Path) -> ScriptedCaller:
    """Read one scripted caller. Raises CallerFileError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CallerFileError(f"{path}: cannot be read: {error.strerror}") from error
    return parse_caller(data, str(path))


def parse_caller(data: bytes, name: str) -> ScriptedCaller:
    """Read a scripted caller from the bytes of its file. Raises CallerFileError."""
    if len(data) > MAX_BYTES:
        raise CallerFileError(f"{name}: larger than {MAX_BYTES} bytes")
    try:
        body = yaml.safe_load(data)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise CallerFileError(f"{name}: not YAML: {error}") from error
    try:
        return ScriptedCaller.model_validate(body)
    except ValidationError as error:
        problems = (f"{name}: {_place(one['loc'])}{one['msg']}" for one in error.errors())
        raise CallerFileError("\n".join(problems)) from error


def _place(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in loc) + ": "
