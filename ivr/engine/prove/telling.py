"""Whether a proof finds a secret that is told: to a port that does not consume it, or in an outcome."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from itertools import chain
from typing import Any, get_type_hints

import msgspec

from ivr.engine.prove.graph import Graph, Node
from ivr.engine.prove.violation import Proving, Violation
from ivr.model.codes import Code
from ivr.model.secret import Secret

_UNLIKELY = 4
"""So many digits of a secret stand in no text by chance, but for a digest."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


def secrets_are_kept(proving: Proving) -> Iterator[Violation]:
    """IVR504: a secret, or its digits, in what is asked of a port that does not consume it, or in what
    a step ends with."""
    keyed = frozenset(_keyed(proving.space.graphs()))
    if not keyed:
        return
    telling = _Telling(keyed)
    told = {id(graph): telling.where(graph) for graph in proving.space.graphs()}
    for number, one in enumerate(proving.space.visited):
        where = told.get(id(one.graph))
        if where is not None:
            message = f"`{one.state.step}` tells a secret that the caller keyed"
            hint = "a secret goes only to the port that consumes it"
            way = proving.way(number, where)
            yield Violation(Code.SECRET_TOLD, one.state.flow, one.state.step, message, hint, way)


def _keyed(graphs: Iterable[Graph]) -> Iterator[str]:
    for graph in graphs:
        for node in graph.nodes:
            if node.question is not None:
                yield from _keyed([node.question])
            for branch in node.branches:
                secret = getattr(branch.answer.value, "secret", None)
                if isinstance(secret, Secret) and len(secret):
                    yield secret.reveal()


class _Telling:
    """Finds the `keyed` digits of secrets where they may not be."""

    def __init__(self, keyed: Collection[str]) -> None:
        self._long = [one for one in keyed if len(one) >= _UNLIKELY]
        self._texts = dict.fromkeys(keyed, True)
        self._questions: dict[int, bool] = {}

    def where(self, graph: Graph) -> int | None:
        """Return the first target of a graph that tells a secret, if one does."""
        nodes = (at for at, node in enumerate(graph.nodes) if self._asked(node))
        exits = (~at for at, left in enumerate(graph.exits) if self._in(_plain(left.value)))
        return next(chain(nodes, exits), None)

    def _asked(self, node: Node) -> bool:
        return self._in(node.command) or (
            node.question is not None and self._question(node.question)
        )

    def _question(self, graph: Graph) -> bool:
        found = self._questions.get(id(graph))
        if found is None:
            found = any(self._in(node.command) for node in graph.nodes)
            self._questions[id(graph)] = found
        return found

    def _in(self, value: Any) -> bool:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Secret):
            return True
        if isinstance(value, Mapping):
            return any(self._in(one) for pair in value.items() for one in pair)
        if isinstance(value, tuple | list):
            return any(map(self._in, value))
        if isinstance(value, msgspec.Struct):
            fields = _told(type(value)) if _holds_secret(value) else value.__struct_fields__
            return any(self._in(getattr(value, name)) for name in fields)
        return False

    def _text(self, text: str) -> bool:
        found = self._texts.get(text)
        if found is None:
            by_chance = _DIGEST.fullmatch(text) is not None
            found = not by_chance and any(one in text for one in self._long)
            self._texts[text] = found
        return found


def _plain(value: Any) -> Any:
    """Return what a step ended with, but for the secret variables it sets, as it may."""
    if isinstance(value, msgspec.Struct) and hasattr(value, "secrets"):
        return msgspec.structs.replace(value, secrets={})
    return value


@cache
def _told(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """Return the fields of a struct that may hold no secret."""
    hints = get_type_hints(kind)
    return tuple(name for name in kind.__struct_fields__ if hints[name] is not Secret)


def _holds_secret(value: msgspec.Struct) -> bool:
    return any(isinstance(getattr(value, name), Secret) for name in value.__struct_fields__)
