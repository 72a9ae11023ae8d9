"""Reference documentation of step types, written from their classes: Markdown, one page each."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from ivr.model.digits import KEYS
from ivr.model.inputfields import InputFields
from ivr.model.step import Step

INDEX = "README.md"
MARK = "<!-- Written by `ivr reference` from the step type's class: edit that, not this page. -->"
"""Stands in every page."""

_INHERITED = frozenset(InputFields.model_fields)
_VALUE = {"expression", "true or false", "number", "text"}
_ITEM = {"text", "prompt item", "pick item", "spoken item"}


def pages(steps: Mapping[str, type[Step]]) -> dict[str, str]:
    """Return every page of docs/steps/ by its file name."""
    written = {f"{verb}.md": page(step) for verb, step in steps.items()}
    return {INDEX: index(steps), **written}


def index(steps: Mapping[str, type[Step]]) -> str:
    """Return the page that lists the step types."""
    rows = [f"| [{verb}]({verb}.md) | {summary(step)} |" for verb, step in sorted(steps.items())]
    return "\n".join(
        [
            "# Step types",
            "",
            MARK,
            "",
            "| step | what it does |",
            "|---|---|",
            *rows,
            "",
            "Every step may have an edge for `error` (a port failed, an expression has no value) and",
            "for `hangup` (the caller is gone) in its `on:`; without one, the flow's handlers take it.",
            "What an `order` step takes is said by [order types](order-types.md), for whom callers wait by",
            "[queues and agents](queues-and-agents.md).",
            "",
        ]
    )


def page(step: type[Step]) -> str:
    """Return the page of one step type."""
    schema = step.model_json_schema(by_alias=True)
    parts = [
        f"# `{step.verb}`",
        MARK,
        prose(step),
        f"```yaml\n{step.example.strip()}\n```",
        *fields("## Fields", schema, schema, step.shorthand),
        *_outcomes(step),
    ]
    return "\n\n".join(parts) + "\n"


def summary(step: type[Step]) -> str:
    """Return the first sentence about a step type."""
    first = prose(step).split("\n\n")[0]
    return re.split(r"(?<=\.)\s", first)[0]


def prose(step: type[BaseModel]) -> str:
    """Return the docstring without the line breaks of the source."""
    paragraphs = inspect.cleandoc(step.__doc__ or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split("\n")) for paragraph in paragraphs)


def fields(
    title: str, schema: dict[str, Any], whole: dict[str, Any], shorthand: str | None = None
) -> Iterator[str]:
    """Yield the tables of the fields of a model, and of the models in them."""
    properties: dict[str, dict[str, Any]] = schema.get("properties", {})
    if not properties:
        return
    needed = set(schema.get("required", ()))
    rows = [
        f"| `{name}` | {_kind(field, whole)} | {'yes' if name in needed else ''} "
        f"| {_cell(field.get('description', ''))} |"
        for name, field in sorted(
            properties.items(), key=lambda item: (item[0] not in needed, item[0] in _INHERITED)
        )
    ]
    table = "\n".join(["| field | takes | needed | meaning |", "|---|---|---|---|", *rows])
    short = f"`{shorthand}` alone may be written instead of a mapping." if shorthand else ""
    yield "\n\n".join(part for part in (title, table, short) if part)
    for name in _parts(properties, whole):
        part = whole["$defs"][name]
        called = _words(name)
        article = "An" if called[0] in "aeiou" else "A"
        yield from fields(f"### {article} {called}", part, whole)


def _words(name: str) -> str:
    """Return the name of a model in words: `OpenHours` → `open hours`."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()


def _parts(properties: dict[str, Any], whole: dict[str, Any]) -> list[str]:
    """Return the definitions that the fields consist of and that have fields of their own."""
    found = re.findall(r"'#/\$defs/(\w+)'", repr(properties))
    definitions = whole.get("$defs", {})
    own = [name for name in dict.fromkeys(found) if "properties" in definitions.get(name, {})]
    return [name for name in own if name != "SpokenItem"]


def _kind(field: dict[str, Any], whole: dict[str, Any]) -> str:
    """Say in a few words what a field takes."""
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        definition = whole["$defs"][name]
        return _kind(definition, whole) if "enum" in definition else _words(name)
    if "enum" in field or "const" in field:
        values = field.get("enum", [field.get("const")])
        return "key" if set(KEYS) <= set(values) else ", ".join(f"`{value}`" for value in values)
    if "anyOf" in field:
        return _either([_kind(one, whole) for one in field["anyOf"] if one.get("type") != "null"])
    if field.get("type") == "array":
        return f"list of {_kind(field.get('items', {}), whole)}"
    if field.get("type") == "object":
        values = _kind(field.get("additionalProperties", {}), whole)
        return "speeches by count" if values == "speech" else f"mapping to {values}"
    return _scalar(field)


def _either(kinds: list[str]) -> str:
    if set(kinds) == _VALUE:
        return "value or expression"
    if set(kinds) >= _ITEM:
        kinds = ["speech item", *(kind for kind in kinds if kind not in _ITEM)]
    return "key" if "key" in kinds else " or ".join(dict.fromkeys(kinds))


def _scalar(field: dict[str, Any]) -> str:
    for example, name in (("5s", "duration"), ("{{ balance }}", "expression")):
        if example in field.get("examples", ()):
            return name
    kinds = {"string": "text", "integer": "number", "boolean": "true or false"}
    return kinds.get(str(field.get("type")), "anything")


def _outcomes(step: type[Step]) -> Iterator[str]:
    rows = [
        f"| `{name}` | {_cell(when)} | {'`next:` or `on:`' if name == step.normal else '`on:`'} |"
        for name, when in step.outcomes.items()
    ]
    rows += [
        f"| `{name}` | {_cell(when)} | may stand in `on:` |" for name, when in step.optional.items()
    ]
    if rows:
        yield "## Outcomes"
        yield "\n".join(["| outcome | when | edge |", "|---|---|---|", *rows])
    elif step.ends:
        yield "## Outcomes\n\nNone: the flow ends or is left here."


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
