"""Which branch of a union an author meant.

pydantic reports every branch of a union that did not fit. Only the branch that comes nearest to what
is written tells the author anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ivr.adapters.flowfile.nodes import Loc, Row, Table, Tree
from ivr.model.problem import BadValue

_OTHER_KIND = {
    "string_type",
    "int_type",
    "int_from_float",
    "bool_type",
    "dict_type",
    "list_type",
    "tuple_type",
    "model_type",
    "model_attributes_type",
}
"""Complaints of a value that is of another kind altogether."""
_FIELDS = {"missing", "extra_forbidden"}


class Complaint(msgspec.Struct, frozen=True):
    """One complaint of pydantic.

    `path` is the part of its `loc` that is in the file; `turns` are the branches it is in, each with
    the path of its union. `branches` names all branches of a union none of which is near.
    """

    details: ErrorDetails
    path: Loc = ()
    turns: tuple[tuple[Loc, str], ...] = ()
    branches: tuple[str, ...] = ()


def chosen(error: ValidationError, tree: Tree) -> list[Complaint]:
    """Return the complaints of the branches that come nearest."""
    found = filter(_own, error.errors(include_url=False, include_input=True))
    return list(_choose([_complaint(details, tree) for details in found], 0))


def _own(details: ErrorDetails) -> bool:
    """Whether a complaint is more than the echo of another: a list is too short only when it is so
    as it is written, not when none of its items can be used."""
    given = details["input"]
    least = details.get("ctx", {}).get("min_length", 0)
    too_short = details["type"] == "too_short" and isinstance(given, list | tuple | dict)
    return not (too_short and len(given) >= least)


def _complaint(details: ErrorDetails, tree: Tree) -> Complaint:
    path: list[int | str] = []
    turns: list[tuple[Loc, str]] = []
    loc = details["loc"]
    named = loc[:-1] if details["type"] == "missing" or (loc and loc[-1] == "[key]") else loc
    for part in named:
        inner = _inner(tree, part)
        if inner is not None:
            tree = inner
            path.append(part)
        elif isinstance(part, str):
            turns.append((tuple(path), part))
    return Complaint(details, tuple(path), tuple(turns))


def _inner(tree: Tree, part: int | str) -> Tree | None:
    if isinstance(tree, Table) and str(part) in tree.entries:
        return tree.entries[str(part)].value
    if isinstance(tree, Row) and isinstance(part, int) and part < len(tree.items):
        return tree.items[part]
    return None


def _choose(complaints: Sequence[Complaint], level: int) -> Iterator[Complaint]:
    """Yield the complaints of the nearest branch of each union at this level, and below."""
    unions: dict[tuple[object, ...], dict[str, list[Complaint]]] = {}
    for complaint in complaints:
        if len(complaint.turns) <= level:
            yield complaint
            continue
        union = (complaint.turns[:level], complaint.turns[level][0])
        branches = unions.setdefault(union, {})
        branches.setdefault(complaint.turns[level][1], []).append(complaint)
    for (_, at), branches in unions.items():
        ranked = sorted(branches.values(), key=lambda branch: _distance(branch, at))
        if len(branches) > 1 and _distance(ranked[0], at)[0]:
            yield msgspec.structs.replace(ranked[0][0], branches=tuple(branches))
        else:
            yield from _choose(ranked[0], level + 1)


def _distance(branch: Sequence[Complaint], at: object) -> tuple[bool, int, int]:
    here = [complaint for complaint in branch if complaint.path == at]
    fields = [c for c in branch if c.details["type"] in _FIELDS]
    return any(map(_of_another_kind, here)), len(fields), len(branch)


def _of_another_kind(complaint: Complaint) -> bool:
    details = complaint.details
    cause = details.get("ctx", {}).get("error")
    if isinstance(cause, BadValue):
        return not isinstance(details["input"], str | dict)
    return details["type"] in _OTHER_KIND
