"""What a YAML file says, with the place of everything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from ivr.model.place import Place

Loc = tuple[int | str, ...]


class Text(msgspec.Struct, frozen=True):
    """A scalar: its value (None, bool, int or str), and how it was written.

    `inset` is how many columns after `place` its first character stands (1 when it is quoted), or
    None when its characters do not stand side by side in the file.
    """

    value: bool | int | str | None
    place: Place
    source: str
    inset: int | None = 0

    def plain(self) -> Any:
        """Return the value without places."""
        return self.value


class Row(msgspec.Struct, frozen=True):
    """A list."""

    items: tuple[Tree, ...]
    place: Place

    def plain(self) -> Any:
        """Return the value without places."""
        return [item.plain() for item in self.items]


class Entry(msgspec.Struct, frozen=True):
    """A key of a mapping, and what it stands for."""

    place: Place
    value: Tree


class Table(msgspec.Struct, frozen=True):
    """A mapping. Keys are texts, however they look. `again` holds what stands under a key that was
    there before."""

    entries: dict[str, Entry]
    place: Place
    again: tuple[tuple[str, Entry], ...] = ()

    def plain(self) -> Any:
        """Return the value without places."""
        return {key: entry.value.plain() for key, entry in self.entries.items()}


Tree = Text | Row | Table


class Found(msgspec.Struct, frozen=True):
    """Where a `loc` leads: the deepest tree it names, and how far it got."""

    tree: Tree
    place: Place
    depth: int


def follow(tree: Tree, loc: Loc) -> Found:
    """Walk along `loc`, passing over what names nothing in the file (a union's tag, a wrapper)."""
    place, depth = tree.place, 0
    for part in loc:
        if isinstance(tree, Table) and str(part) in tree.entries:
            tree = tree.entries[str(part)].value
        elif isinstance(tree, Row) and isinstance(part, int) and part < len(tree.items):
            tree = tree.items[part]
        else:
            continue
        place, depth = tree.place, depth + 1
    return Found(tree, place, depth)


def key_place(tree: Tree, loc: Loc) -> Place:
    """Return the place of the key that `loc` ends with."""
    owner = follow(tree, loc[:-1]).tree
    entry = owner.entries.get(str(loc[-1])) if isinstance(owner, Table) else None
    return entry.place if entry else owner.place


def places(tree: Tree, path: str = "") -> Iterator[tuple[str, Place]]:
    """Yield the places of all keys (`on.invalid`) and texts (`=welcome`) of a step."""
    if isinstance(tree, Table):
        for key, entry in tree.entries.items():
            yield path + key, entry.place
            yield from places(entry.value, f"{path}{key}.")
    elif isinstance(tree, Row):
        for item in tree.items:
            yield from places(item, path)
    else:
        yield f"={tree.source.strip()}", tree.place


def index(tree: Tree) -> dict[str, Place]:
    """Return the places of all keys and texts by name; of several alike, that of the first."""
    found: dict[str, Place] = {}
    for name, place in places(tree):
        found.setdefault(name, place)
    return found


def empties(tree: Tree, loc: Loc = ()) -> Iterator[tuple[Loc, Place]]:
    """Yield where nothing stands: `key:` with no value, `~`, `null`."""
    if isinstance(tree, Table):
        for key, entry in tree.entries.items():
            yield from empties(entry.value, (*loc, key))
    elif isinstance(tree, Row):
        for number, item in enumerate(tree.items):
            yield from empties(item, (*loc, number))
    elif tree.value is None:
        yield loc, tree.place
