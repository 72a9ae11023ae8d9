"""From a file that is no flow to a Sheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from pydantic import ValidationError

from ivr.adapters.flowfile.complaints import problems
from ivr.adapters.flowfile.nodes import Row, Table, Tree
from ivr.model.document import Document
from ivr.model.place import Place
from ivr.model.problem import Problem
from ivr.model.sheet import Sheet

D = TypeVar("D", bound=Document)


def read_sheet(tree: Table, kind: type[D]) -> tuple[Sheet[D] | None, list[Problem]]:
    """Return what a file says, and everything that is wrong with it; None if anything is."""
    try:
        document = kind.model_validate(tree.plain())
    except ValidationError as error:
        return None, problems(error, tree, kind)
    return Sheet(document, tree.place, dict(places(tree))), []


def places(tree: Tree, path: str = "") -> Iterator[tuple[str, Place]]:
    """Yield the places of all keys and list items: `queues.wealth.agents.0`."""
    if isinstance(tree, Table):
        for key, entry in tree.entries.items():
            yield path + key, entry.place
            yield from places(entry.value, f"{path}{key}.")
    elif isinstance(tree, Row):
        for number, item in enumerate(tree.items):
            yield f"{path}{number}", item.place
            yield from places(item, f"{path}{number}.")
