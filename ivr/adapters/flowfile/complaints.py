"""What pydantic finds wrong, as problems at the very place in the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import yaml
from pydantic import BaseModel, RootModel, ValidationError

from ivr.adapters.flowfile.nodes import Found, Loc, Text, Tree, follow, key_place
from ivr.adapters.flowfile.unions import Complaint, chosen
from ivr.adapters.flowfile.wording import KEY_VALUE, wanted, wording
from ivr.model.codes import Code
from ivr.model.expressions import ParseError
from ivr.model.hints import closest
from ivr.model.place import Place
from ivr.model.problem import BadValue, Problem

MOST = 100
"""Problems that one document is told of: who has more has one cause for them."""


def problems(error: ValidationError, tree: Tree, model: type[BaseModel]) -> list[Problem]:
    """Return the problems of one validation, at most one a place."""
    made: dict[Place, tuple[int, Problem]] = {}
    for complaint in chosen(error, tree)[:MOST]:
        problem, rank = _problem(complaint, tree, model)
        best = made.get(problem.place)
        if best is None or rank > best[0]:
            made[problem.place] = (rank, problem)
    return [problem for _, problem in made.values()]


def _problem(complaint: Complaint, tree: Tree, model: type[BaseModel]) -> tuple[Problem, int]:
    """Return the problem, and how much it says compared with others at its place."""
    details = complaint.details
    kind, loc = details["type"], details["loc"]
    name = str(loc[-1]) if loc else ""
    here = follow(tree, loc)
    if complaint.branches:
        message, hint = wanted(details["input"], complaint.branches)
        return Problem(Code.WRONG_VALUE, here.place, message, hint), 2
    if kind == "missing":
        place = follow(tree, loc[:-1]).place
        return Problem(Code.MISSING_FIELD, place, f"`{name}` is missing", _about(model, loc)), 3
    if kind == "extra_forbidden":
        hint = closest(name, fields_at(model, loc[:-1])) or "delete it: nothing can stand here"
        return Problem(
            Code.UNKNOWN_FIELD, key_place(tree, loc), f"`{name}` is unknown here", hint
        ), 3
    if name == "[key]":
        message, hint = wording(details)
        place = key_place(tree, loc[:-1])
        return Problem(
            Code.WRONG_VALUE, place, f"`{loc[-2]}` cannot stand here", hint or message
        ), 2
    cause = details.get("ctx", {}).get("error")
    if isinstance(cause, BadValue):
        return _bad_value(cause, here), 2 if details["type"] == "value_error" else 1
    message, hint = wording(details)
    fields = fields_at(model, loc)
    if kind in ("model_type", "model_attributes_type") and fields and hint == KEY_VALUE:
        hint = f"write {{{fields[0]}: …}}"
    return Problem(Code.WRONG_VALUE, here.place, message, hint), 1


def _bad_value(cause: BadValue, here: Found) -> Problem:
    code = Code.WRONG_EXPRESSION if isinstance(cause, ParseError) else Code.WRONG_VALUE
    place = here.place
    if cause.offset and isinstance(here.tree, Text) and here.tree.inset is not None:
        column = place.column + here.tree.inset + cause.offset
        place = Place(place.file, place.line, column)
    return Problem(code, place, cause.problem, cause.hint)


def _about(model: type[BaseModel], loc: Loc) -> str:
    """Say what to write for a missing field, and what it means."""
    for owner in _models_at(model, loc[:-1]):
        for name, field in owner.model_fields.items():
            if (field.alias or name) == loc[-1]:
                written = _written(field.examples[0]) if field.examples else "…"
                return f"write `{loc[-1]}: {written}`. {field.description or ''}".rstrip()
    return f"write `{loc[-1]}: …`"


def _written(example: Any) -> str:
    """Return an example as one would write it on the rest of a line."""
    dumped = yaml.safe_dump(example, default_flow_style=True, sort_keys=False, width=10_000)
    return dumped.removesuffix("\n").removesuffix("\n...")


def fields_at(model: type[BaseModel], loc: Loc) -> list[str]:
    """Return the fields that may stand at `loc`."""
    return [
        field.alias or name
        for owner in sorted(_models_at(model, loc), key=lambda owner: owner.__name__)
        for name, field in owner.model_fields.items()
        if not issubclass(owner, RootModel)  # what it wraps is written as it is
    ]


def _models_at(model: type[BaseModel], loc: Loc) -> set[type[BaseModel]]:
    models = {model}
    for part in loc:
        inner = {
            found
            for owner in models
            for name, field in owner.model_fields.items()
            if (field.alias or name) == part
            for found in _models_in(field.annotation)
        }
        models = inner or models
    return models


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        root = annotation.model_fields.get("root")
        if root is not None:
            yield from _models_in(root.annotation)
        return
    for argument in get_args(annotation):
        yield from _models_in(argument)
