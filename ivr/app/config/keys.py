"""Every key of the configuration: what it means, what holds, and who says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec
from pydantic import BeforeValidator
from pydantic.fields import FieldInfo

from ivr.adapters.flowfile.nodes import Table, Tree
from ivr.app.config.environment import PREFIX
from ivr.app.config.reading import Read
from ivr.app.config.section import Section
from ivr.app.config.whole import Config
from ivr.model.duration import milliseconds, some_milliseconds, spelled

DEFAULT = "default"


class Key(msgspec.Struct, frozen=True):
    """A key by its path (`agi.port`), with the meaning and the default of its field."""

    path: str
    meaning: str
    default: Any


class Setting(msgspec.Struct, frozen=True):
    """The value of a key that holds, and where it was written; `source` is DEFAULT where nowhere."""

    path: str
    value: Any
    source: str


def keys(kind: type[Section] = Config, path: str = "") -> Iterator[Key]:
    """Yield all keys that may be written, in the order of the sections."""
    for name, field in kind.model_fields.items():
        section = section_of(field)
        if section is None:
            default = None if field.is_required() else plain(field.default, field)
            yield Key(path + name, field.description or "", default)
        else:
            yield from keys(section, f"{path}{name}.")


def section_of(field: FieldInfo) -> type[Section] | None:
    """Return the section that a field is, if it is one, or may be left out."""
    for one in (field.annotation, *get_args(field.annotation)):
        if isinstance(one, type) and issubclass(one, Section):
            return one
    return None


def settings(read: Read) -> Iterator[Setting]:
    """Yield what holds; sections that are left out have no values."""
    yield from _settings(read.config, read.written, "")


def _settings(section: Section, written: Tree | None, path: str) -> Iterator[Setting]:
    entries: Mapping[str, Any] = written.entries if isinstance(written, Table) else {}
    for name, value in section:
        entry = entries.get(name)
        if isinstance(value, Section):
            yield from _settings(value, entry.value if entry else None, f"{path}{name}.")
        elif section_of(field := type(section).model_fields[name]) is None:
            source = _source(entry.value) if entry else DEFAULT
            yield Setting(path + name, plain(value, field), source)


def _source(tree: Tree) -> str:
    variable = tree.place.file
    return variable if variable.startswith(PREFIX) else str(tree.place)


def plain(value: Any, field: FieldInfo | None = None) -> Any:
    """Return a value as it is written: durations with their units, paths as texts."""
    if field is not None and isinstance(value, int) and _lasts(field):
        return spelled(value)
    match value:
        case Path():
            return str(value)
        case tuple():
            return [plain(one) for one in value]
        case dict():
            return {key: plain(one) for key, one in value.items()}
    return value


def _lasts(field: FieldInfo) -> bool:
    return any(
        isinstance(one, BeforeValidator) and one.func in (milliseconds, some_milliseconds)
        for one in field.metadata
    )
