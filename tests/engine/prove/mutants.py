"""The demo hotline with one safety edge taken away: each that its files have, found mechanically."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

FLOWS = Path(__file__).parents[3] / "flows"
ORDERS = {
    *("orders-menu", "transfers", "savings", "bills", "others", "order-status", "fees", "payments"),
    *("trading", "bonds", "alone"),
}
"""The flows of dictated orders and payments: a proof of them takes minutes, and a hundred are made."""
APART = {"taxonomy"}
"""What names surveys, which are in a folder of their own."""
_WITHOUT_ORDERS = {
    "subflow: {flow: orders-menu}\n    on: {done: anything-else, person: agent-hours}": "subflow: "
    "{flow: change-pin}\n    on: {done: anything-else}",
    "      errand: alone\n": "",
    ", errand: alone": "",
    "  alone:\n    subflow: {flow: alone}\n    on: {done: agent}\n": "",
}


def _sources() -> Iterator[tuple[str, str]]:
    """Yield the files of the flows that callers come to, taking no order."""
    for path in sorted(FLOWS.glob("*.yaml")):
        text = path.read_text("utf-8")
        if path.stem in ORDERS | APART or '\nnumbers: ["*' in text:
            continue
        for old, new in _WITHOUT_ORDERS.items() if path.stem == "main" else ():
            assert old in text, old
            text = text.replace(old, new)
        yield path.name, text


FILES: Mapping[str, str] = dict(_sources())
RULES = ("tries", "no_input_tries", "invalid_tries", "max_failures", "timeout", "interdigit")
"""What bounds how often and how long a caller is asked."""


class Mutant(NamedTuple):
    """What was taken away, and from which file; or, with `to`, where an edge was led instead."""

    file: str
    path: tuple[str, ...]
    to: str = ""

    def __str__(self) -> str:
        changed = f" to {self.to}" if self.to else ""
        return f"{self.file.removesuffix('.yaml')}: {'.'.join(self.path)}{changed}"

    def files(self) -> dict[str, str]:
        """Return the flow files without it."""
        body = copy.deepcopy(_loaded(self.file))
        held = body
        for name in self.path[:-1]:
            held = held[name]
        if self.to:
            held[self.path[-1]] = self.to
        else:
            del held[self.path[-1]]
        return {**FILES, self.file: yaml.safe_dump(body, allow_unicode=True, sort_keys=False)}


def _loaded(file: str) -> Any:
    """Return a file's body, its keys as texts: a menu's `1` is a key of the telephone."""
    return _texts(yaml.safe_load(FILES[file]))


def _texts(body: Any) -> Any:
    if isinstance(body, dict):
        return {_text(key): _texts(one) for key, one in body.items()}
    if isinstance(body, list):
        return [_texts(one) for one in body]
    return body


def _text(key: Any) -> str:
    return "on" if key is True else str(key)  # YAML 1.1 reads the word `on` as a truth


def removals() -> Iterator[Mutant]:
    """Yield every edge, handler, requirement, bound and choice of the demo's flows, taken away."""
    for file in FILES:
        body = _loaded(file)
        if "steps" not in body:
            continue
        for handler in body.get("on", {}):
            yield Mutant(file, ("on", handler))
        for rule in body.get("defaults", {}):
            yield Mutant(file, ("defaults", rule))
        for name, step in body["steps"].items():
            yield from (Mutant(file, ("steps", name, *path)) for path in _edges(step))


def detours() -> Iterator[Mutant]:
    """Yield every edge that no key takes, led back to its own step."""
    for file in FILES:
        for name, step in _loaded(file).get("steps", {}).items():
            for path in _edges(step):
                if path[0] in ("next", "on"):
                    yield Mutant(file, ("steps", name, *path), name)


def _edges(step: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for key in ("next", "requires"):
        if key in step:
            yield (key,)
    for outcome in step.get("on", {}):
        yield "on", outcome
    for verb, fields in step.items():
        if isinstance(fields, dict) and verb not in ("on", "requires"):
            yield from ((verb, "choices", choice) for choice in fields.get("choices", {}))
            yield from ((verb, rule) for rule in RULES if rule in fields)
