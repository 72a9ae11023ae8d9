"""Reading scripted callers from YAML files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from yaml._yaml import CParser
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from ivr.model.errors import OneCallError
from ivr.model.problem import BadValue
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
        body = _Loader(data).get_single_data()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise CallerFileError(f"{name}: not YAML: {error}") from error
    if not isinstance(body, dict):
        raise CallerFileError(f"{name}: not a scripted caller: write `caller: …`, `calls: …`")
    try:
        return ScriptedCaller.model_validate(body)
    except ValidationError as error:
        problems = (f"{name}: {_place(one['loc'])}{_said(one)}" for one in error.errors())
        raise CallerFileError("\n".join(problems)) from error


def dump_caller(caller: ScriptedCaller) -> str:
    """Write a scripted caller as the YAML that `load_caller` reads."""
    body = caller.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    body["script"] = [_action(action) for action in body.get("script", ())]
    for name in ("faults", "people"):
        body[name] = {key: _timed(one) for key, one in body.get(name, {}).items()}
    return yaml.safe_dump(
        {key: one for key, one in body.items() if one},
        allow_unicode=True,
        sort_keys=False,
        width=100,
    )


_DURATIONS = ("within", "apart", "waits", "takes", "delay", "after", "talks")


def _timed(body: dict[str, Any]) -> dict[str, Any]:
    return {
        key: f"{one}ms" if key in _DURATIONS and one is not None else one
        for key, one in body.items()
    }


def _action(body: dict[str, Any]) -> dict[str, Any] | str:
    return "hangs_up" if "hangs_up" in body else _timed(body)


class _Loader(Composer, SafeConstructor, Resolver, CParser):
    """Refuses a key that stands twice: the first would be lost without a word.

    libyaml splits the text into events; the tree is built in Python, where one too deep is an error and not
    the end of the process.
    """

    def __init__(self, data: bytes) -> None:
        CParser.__init__(self, data)
        Composer.__init__(self)
        SafeConstructor.__init__(self)
        Resolver.__init__(self)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                problem = f"the key {key.value!r} stands here twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _said(error: ErrorDetails) -> str:
    """Say what is wrong, and what to write instead."""
    cause = error.get("ctx", {}).get("error")
    hint = f" ({cause.hint})" if isinstance(cause, BadValue) and cause.hint else ""
    return error["msg"].removeprefix("Value error, ") + hint


def _place(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in loc) + ": "
