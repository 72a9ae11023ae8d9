"""What pydantic finds wrong, as problems at the very place in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ivr.adapters.flowfile.nodes import Found, Loc, Text, Tree, follow, key_place
from ivr.model.codes import Code
from ivr.model.expressions import ParseError
from ivr.model.hints import closest
from ivr.model.place import Place
from ivr.model.problem import BadValue, Problem


def problems(error: ValidationError, tree: Tree, model: type[BaseModel]) -> list[Problem]:
    """Return the problems of one validation, at most one a place."""
    made: dict[Place, tuple[int, Problem]] = {}
    for details in _relevant(error, tree):
        problem, rank = _problem(details, tree, model)
        best = made.get(problem.place)
        if best is None or rank > best[0]:
            made[problem.place] = (rank, problem)
    return [problem for _, problem in made.values()]


_MISMATCHES = {
    "string_type",
    "int_type",
    "bool_type",
    "model_type",
    "model_attributes_type",
    "dict_type",
    "list_type",
    "tuple_type",
    "string_pattern_mismatch",
    "int_from_float",
    "bool_parsing",
    "int_parsing",
}


def _relevant(error: ValidationError, tree: Tree) -> Iterator[ErrorDetails]:
    """Drop the branches of a union that did not get as far as another one."""
    found = [
        (details, follow(tree, details["loc"]))
        for details in error.errors(include_url=False, include_input=True)
    ]
    for details, here in found:
        deeper = any(
            there.depth > here.depth and _below(details["loc"], other["loc"])
            for other, there in found
        )
        if not (deeper and details["type"] in _MISMATCHES):
            yield details


def _below(loc: Loc, other: Loc) -> bool:
    """Whether `other` is in another branch of what `loc` is in."""
    return other[: len(loc) - 1] == loc[:-1] and len(other) >= len(loc)


def _problem(details: ErrorDetails, tree: Tree, model: type[BaseModel]) -> tuple[Problem, int]:
    """Return the problem, and how much it says compared with others at its place."""
    kind, loc = details["type"], details["loc"]
    name = str(loc[-1]) if loc else ""
    here = follow(tree, loc)
    if kind == "missing":
        place = follow(tree, loc[:-1]).place
        return Problem(Code.MISSING_FIELD, place, f"`{name}` is missing", _about(model, loc)), 3
    if kind == "extra_forbidden":
        hint = closest(name, fields_at(model, loc[:-1]))
        return Problem(
            Code.UNKNOWN_FIELD, key_place(tree, loc), f"`{name}` is unknown here", hint
        ), 3
    if name == "[key]":
        message, hint = _wording(details)
        place = key_place(tree, loc[:-1])
        return Problem(
            Code.WRONG_VALUE, place, f"`{loc[-2]}` cannot stand here", hint or message
        ), 2
    cause = details.get("ctx", {}).get("error")
    if isinstance(cause, BadValue):
        return _bad_value(cause, here), 2 if details["type"] == "value_error" else 1
    message, hint = _wording(details)
    return Problem(Code.WRONG_VALUE, here.place, message, hint), 1


def _bad_value(cause: BadValue, here: Found) -> Problem:
    code = Code.WRONG_EXPRESSION if isinstance(cause, ParseError) else Code.WRONG_VALUE
    place = here.place
    if cause.offset and isinstance(here.tree, Text) and here.tree.inset is not None:
        column = place.column + here.tree.inset + cause.offset
        place = Place(place.file, place.line, column)
    return Problem(code, place, cause.problem, cause.hint)


def _about(model: type[BaseModel], loc: Loc) -> str:
    """Describe a missing field."""
    for owner in _models_at(model, loc[:-1]):
        for name, field in owner.model_fields.items():
            if (field.alias or name) == loc[-1]:
                return field.description or ""
    return ""


def fields_at(model: type[BaseModel], loc: Loc) -> set[str]:
    """Return the fields that may stand at `loc`."""
    return {
        field.alias or name
        for owner in _models_at(model, loc)
        for name, field in owner.model_fields.items()
    }


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


# --- words -----------------------------------------------------------------------------------


def _wording(details: ErrorDetails) -> tuple[str, str]:
    """Return what is wrong and what to write instead."""
    if details["input"] is None:
        return "nothing stands here", 'write a value, or leave the key out; quote "#" and "*"'
    word = _WORDINGS.get(details["type"])
    if word is not None:
        return word(details["input"], details.get("ctx", {}))
    return details["msg"].removeprefix("Value error, "), ""


def _string(value: Any, ctx: Mapping[str, Any]) -> tuple[str, str]:
    if isinstance(value, bool):
        return "a truth where a text is wanted", f'write "{str(value).lower()}" in quotes'
    if isinstance(value, int):
        return "a number where a text is wanted", f'write "{value}" in quotes'
    return f"{_kind(value)} where a text is wanted", "write one text"


def _pattern(value: Any, ctx: Mapping[str, Any]) -> tuple[str, str]:
    shown = str(value)[:64]
    if "{{" in shown:
        return "an expression cannot stand here", "write the name itself"
    if any(quote in shown for quote in "“”‘’"):
        return f"`{shown}` has curly quotes", 'write plain quotes: "'
    return f"`{shown}` cannot be used here", _PATTERNS.get(ctx.get("pattern", ""), "")


_PATTERNS: Mapping[str, str] = {
    "^[a-z0-9_-]{1,64}$": "a prompt's id: a-z, 0-9, _ and -, at most 64; its text is in prompts/",
    "^[a-z0-9][a-z0-9_-]{0,63}$": "a name: a-z, 0-9, _ and -, at most 64",
    "^[A-Za-z][A-Za-z0-9_]{0,63}$": "a variable: letters, digits and _, beginning with a letter",
    r"^\+?[0-9*#]{1,32}$": 'a number as it is dialled: "95500"',
    "^[a-z]{2,3}$": "a language: zh, en",
    "^[A-Za-z0-9_-]{1,64}$": "a configured name: letters, digits, _ and -",
}


def _choice(value: Any, ctx: Mapping[str, Any]) -> tuple[str, str]:
    return f"`{str(value)[:64]}` cannot be used here", f"one of {ctx.get('expected', '')}"


def _wanted(what: str, hint: str) -> Callable[[Any, Mapping[str, Any]], tuple[str, str]]:
    def words(value: Any, ctx: Mapping[str, Any]) -> tuple[str, str]:
        return f"{_kind(value)} where {what} is wanted", hint

    return words


def _limit(name: str, words: str) -> Callable[[Any, Mapping[str, Any]], tuple[str, str]]:
    def limit(value: Any, ctx: Mapping[str, Any]) -> tuple[str, str]:
        return f"`{str(value)[:64]}` is out of range", f"{words} {ctx.get(name)}"

    return limit


def _length(value: Any, ctx: Mapping[str, Any]) -> tuple[str, str]:
    return "nothing in here", f"at least {ctx.get('min_length')}"


def _table(value: Any, ctx: Mapping[str, Any]) -> tuple[str, str]:
    return f"{_kind(value)} where a mapping is wanted", colon_hint(value)


def colon_hint(value: Any) -> str:
    """Say what a text that should be a mapping may lack."""
    if isinstance(value, str) and "：" in value:
        return "write a plain colon and a space instead of ："
    if isinstance(value, str) and ":" in value:
        return "put a space after the colon"
    return "write key: value"


_WORDINGS: Mapping[str, Callable[[Any, Mapping[str, Any]], tuple[str, str]]] = {
    "string_type": _string,
    "string_pattern_mismatch": _pattern,
    "literal_error": _choice,
    "enum": _choice,
    "int_type": _wanted("a whole number", "write digits only, without quotes"),
    "int_parsing": _wanted("a whole number", "write digits only, without quotes"),
    "bool_type": _wanted("true or false", "write true or false, without quotes"),
    "bool_parsing": _wanted("true or false", "write true or false, without quotes"),
    "list_type": _wanted("a list", "write [a, b]"),
    "tuple_type": _wanted("a list", "write [a, b]"),
    "dict_type": _table,
    "model_type": _table,
    "model_attributes_type": _table,
    "greater_than_equal": _limit("ge", "at least"),
    "less_than_equal": _limit("le", "at most"),
    "too_short": _length,
    "string_too_short": _length,
}


def _kind(value: Any) -> str:
    for kind, word in _KINDS:
        if isinstance(value, kind):
            return word
    return "this"


_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "a truth"),
    (int, "a number"),
    (str, "a text"),
    (dict, "a mapping"),
    (list, "a list"),
)
