"""What the environment says of the configuration: `ONECALL__AGI__PORT=4600` is `agi: {port: 4600}`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from ivr.adapters.flowfile.nodes import Entry, Table, Tree
from ivr.adapters.flowfile.reader import read
from ivr.model.codes import Code
from ivr.model.problem import Problem

PREFIX = "ONECALL__"


def overlaid(table: Table, environ: Mapping[str, str]) -> tuple[Table, list[Problem]]:
    """Return what a file says with what the environment says instead, and what is wrong with that.

    Values are YAML. Their places name the variable.
    """
    problems: list[Problem] = []
    for variable in sorted(name for name in environ if name.startswith(PREFIX)):
        path = variable.removeprefix(PREFIX).lower().split("__")
        value, wrong = read(environ[variable], variable, fractions=True)
        if [one.code for one in wrong] == [Code.EMPTY_FILE]:
            hint = "write a value, or unset the variable"
            wrong = [replace(wrong[0], message="nothing stands here", hint=hint)]
        problems += wrong
        if value is not None:
            table = _with(table, path, value)
    return table, problems


def _with(table: Table, path: Sequence[str], value: Tree) -> Table:
    """Return the table with a value at a path; what is no mapping on the way there gives place."""
    key, *rest = path
    if rest:
        there = table.entries.get(key)
        inner = there.value if there is not None else None
        value = _with(inner if isinstance(inner, Table) else Table({}, value.place), rest, value)
    return replace(table, entries={**table.entries, key: Entry(value.place, value)})
