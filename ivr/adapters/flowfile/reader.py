"""Reading YAML: safe, bounded, and with the place of everything.

libyaml splits the text into events; the tree is built here, so that nothing of PyYAML's own
construction (tags, aliases, merge keys, silent duplicates, YAML 1.1 scalars, recursion) is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from ivr.adapters.flowfile.nodes import Entry, Row, Table, Text, Tree
from ivr.adapters.flowfile.scalars import UnclearNumber, resolve
from ivr.adapters.flowfile.syntax import explain
from ivr.model.codes import Code
from ivr.model.place import Place
from ivr.model.problem import Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_NODES = 100_000
MAX_PROBLEMS = 100
"""Problems told of one file."""

# The events of PyYAML say too little of themselves in their stubs: here they are Any.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_HIDDEN_KEY = re.compile(r"^\s*(?:- +)?(#\s*:)(?:\s|$)")
_HIDDEN_VALUE = re.compile(r":\s+(#)\s*(?:[,}].*)?$")


class _Stop(Exception):
    """Reading ends here; the problem is noted already."""


def read(text: str, file: str, *, fractions: bool = False) -> tuple[Tree | None, list[Problem]]:
    """Read one YAML document; return its tree (None if there is none to trust) and the problems.

    With `fractions`, numbers may have some (`0.05`) and are texts; flows have none.
    """
    reader = _Reader(text, file, fractions=fractions)
    tree = reader.read()
    return tree, reader.problems


class _Open:
    """A list or mapping that is still being read."""

    __slots__ = ("again", "entries", "items", "key", "place")

    def __init__(self, place: Place, *, table: bool) -> None:
        self.place = place
        self.items: list[Tree] = []
        self.entries: dict[str, Entry] | None = {} if table else None
        self.again: list[tuple[str, Entry]] = []
        self.key: tuple[str, Place] | None = None

    @property
    def wants_key(self) -> bool:
        return self.entries is not None and self.key is None

    def close(self) -> Tree:
        if self.entries is None:
            return Row(tuple(self.items), self.place)
        return Table(self.entries, self.place, tuple(self.again))


class _Reader:
    def __init__(self, text: str, file: str, *, fractions: bool) -> None:
        self.problems: list[Problem] = []
        self._file = file
        self._fractions = fractions
        self._text = text
        self._lines = text.splitlines()
        self._stack: list[_Open] = []
        self._nodes = 0
        self._root: Tree | None = None
        self._block_lines: set[int] = set()

    def read(self) -> Tree | None:
        if len(self._text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
            self._note(Code.TOO_LARGE, 0, 0, f"more than {MAX_BYTES} bytes", "split the flow")
            return None
        try:
            self._control_characters()
            for event in self._events():
                self._take(event)
        except _Stop:
            return None
        self._hidden_by_comments()
        if self._root is None:
            self._note(Code.EMPTY_FILE, 0, 0, "an empty file", "write `flow: NAME` or delete it")
        return self._root

    def _events(self) -> Iterator[Any]:
        try:
            yield from yaml.parse(self._text.removeprefix("\ufeff"), Loader=_LOADER)
        except yaml.YAMLError as error:
            line, column, message, hint = explain(error, self._lines)
            self._note(Code.SYNTAX, line, column, message, hint)
            raise _Stop from None

    def _control_characters(self) -> None:
        for number, line in enumerate(self._text.split("\n")):
            found = _CONTROL.search(line.removesuffix("\r"))
            if found:
                char = f"the control character U+{ord(found[0]):04X}"
                self._note(Code.CONTROL_CHARACTER, number, found.start(), char, "delete it")
                raise _Stop

    # --- events ------------------------------------------------------------------------------

    def _take(self, event: Any) -> None:
        take = _TAKERS.get(type(event))
        if take is not None:
            take(self, event)

    def _document(self, event: Any) -> None:
        if event.version or event.tags:
            self._note_at(Code.TAG, event, "a % directive", "delete the line; nothing needs it")
        if self._root is not None:
            hint = "one file, one flow: move what follows `---` to a file of its own"
            self._note_at(Code.SEVERAL_DOCUMENTS, event, "a second document", hint)
            raise _Stop

    def _alias(self, event: Any) -> None:
        hint = f"write out what it stands for; if the text *{event.anchor} was meant, quote it"
        self._note_at(Code.ALIAS, event, f"the alias *{event.anchor}", hint)
        self._count(event)
        self._put(Text("", self._place(event), "", None))

    def _scalar(self, event: Any) -> None:
        self._count(event)
        self._marked(event)
        place = self._place(event)
        for line in range(event.start_mark.line + 1, event.end_mark.line):
            self._block_lines.add(line)
        open_ = self._stack[-1] if self._stack else None
        if open_ is not None and open_.wants_key:
            self._key(event.value, place, plain=event.implicit[0])
            return
        self._put(self._text_of(event, place))

    def _text_of(self, event: Any, place: Place) -> Text:
        value: bool | int | str | None = event.value
        if event.implicit[0]:
            try:
                value = resolve(event.value, fractions=self._fractions)
            except UnclearNumber as error:
                self._problem(error.code, place, error.problem, error.hint)
        elif _CONTROL.search(event.value):
            self._problem(
                Code.CONTROL_CHARACTER, place, "a control character in a text", "delete it"
            )
        return Text(value, place, event.value, self._inset(event))

    def _inset(self, event: Any) -> int | None:
        """How far the text's characters are from its place; None where they are not side by side."""
        written = event.end_mark.column - event.start_mark.column
        quotes = 0 if event.implicit[0] else 1
        one_line = event.start_mark.line == event.end_mark.line
        return quotes if one_line and written == len(event.value) + 2 * quotes else None

    def _key(self, key: str, place: Place, *, plain: bool) -> None:
        entries = self._stack[-1].entries
        self._stack[-1].key = (key, place)
        if plain and key == "<<":
            self._problem(Code.MERGE, place, "a merge key <<", "write the keys out")
        elif plain and key == "":
            hint = 'write the key, e.g. "#" in quotes'
            self._problem(Code.STRANGE_KEY, place, "a value without a key", hint)
        elif entries is not None and key in entries:
            first = entries[key].place
            hint = f"the first is in line {first.line}; delete or rename one of them"
            self._problem(Code.DUPLICATE_KEY, place, f"the key {key!r} stands here twice", hint)

    def _begin(self, event: Any) -> None:
        self._count(event)
        self._marked(event)
        if self._stack and self._stack[-1].wants_key:
            self._strange_key(event)
        if len(self._stack) >= MAX_DEPTH:
            message = f"nested more than {MAX_DEPTH} deep"
            self._note_at(Code.TOO_LARGE, event, message, "split the flow")
            raise _Stop
        table = isinstance(event, yaml.MappingStartEvent)
        self._stack.append(_Open(self._place(event), table=table))

    def _strange_key(self, event: Any) -> None:
        mark = event.start_mark
        line = self._lines[mark.line] if mark.line < len(self._lines) else ""
        if "{{" in line:
            message, hint = "an expression without quotes", 'put it in quotes: "{{ … }}"'
        else:
            message, hint = "a key that is no text", "write a plain text before the colon"
        self._note_at(Code.STRANGE_KEY, event, message, hint)
        raise _Stop

    def _end(self, event: Any) -> None:
        self._put(self._stack.pop().close())

    def _put(self, tree: Tree) -> None:
        if not self._stack:
            self._root = tree
            return
        open_ = self._stack[-1]
        if open_.entries is None:
            open_.items.append(tree)
            return
        if open_.key is None:  # an alias as key
            open_.key = ("", tree.place)
            return
        key, place = open_.key
        entry = Entry(place, tree)
        if open_.entries.setdefault(key, entry) is not entry:
            open_.again.append((key, entry))
        open_.key = None

    # --- limits and notes --------------------------------------------------------------------

    def _count(self, event: Any) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            message = f"more than {MAX_NODES} values"
            self._note_at(Code.TOO_LARGE, event, message, "split the flow")
            raise _Stop

    def _marked(self, event: Any) -> None:
        if event.anchor is not None:
            hint = f"delete &{event.anchor}; if a text was meant, quote it"
            self._note_at(Code.ALIAS, event, f"the anchor &{event.anchor}", hint)
        if event.tag is not None:
            hint = "delete it; if a text beginning with ! was meant, quote it"
            self._note_at(Code.TAG, event, f"the tag {event.tag}", hint)

    def _hidden_by_comments(self) -> None:
        for number, line in enumerate(self._lines):
            if number in self._block_lines:
                continue
            key = _HIDDEN_KEY.match(line)
            if key:
                hint = 'write "#": in quotes; if a comment was meant, leave out the colon'
                self._note(
                    Code.HIDDEN_BY_COMMENT, number, key.start(1), "the key # begins a comment", hint
                )
            value = _HIDDEN_VALUE.search(line)
            if value and not line.lstrip().startswith("#"):
                hint = 'write "#" in quotes; if nothing was meant, leave out the key'
                self._note(
                    Code.HIDDEN_BY_COMMENT, number, value.start(1), "the # begins a comment", hint
                )

    def _place(self, event: Any) -> Place:
        return Place(self._file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _note_at(self, code: Code, event: Any, message: str, hint: str) -> None:
        self._problem(code, self._place(event), message, hint)

    def _note(self, code: Code, line: int, column: int, message: str, hint: str) -> None:
        self._problem(code, Place(self._file, line + 1, column + 1), message, hint)

    def _problem(self, code: Code, place: Place, message: str, hint: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(code, place, message, hint))


_TAKERS: dict[type[yaml.Event], Any] = {
    yaml.DocumentStartEvent: _Reader._document,
    yaml.AliasEvent: _Reader._alias,
    yaml.ScalarEvent: _Reader._scalar,
    yaml.MappingStartEvent: _Reader._begin,
    yaml.SequenceStartEvent: _Reader._begin,
    yaml.MappingEndEvent: _Reader._end,
    yaml.SequenceEndEvent: _Reader._end,
}
