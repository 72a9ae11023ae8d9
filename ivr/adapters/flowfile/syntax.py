"""libyaml's complaints in plain words, with what to write instead."""

from __future__ import annotations

import re
from collections.abc import Sequence

import yaml

_HIDDEN = re.compile(r"""^[^"']*[{\[,:]\s*(#)\s*[:,\]}]""")
_FULL_WIDTH = {"：": ("colon", ""), "，": ("comma", "expected ','")}
"""Signs of a Chinese keyboard: what was meant, and the complaint that tells that it lacks."""

_FOREIGN = re.compile(r"^ *([\u3000\u00a0])|:([\u3000\u00a0])|[:\[{,-] *([｛［“”‘’「『])")
"""What of a Chinese keyboard, or of a text processor, stands where only plain signs may."""
_SPACES = "\u3000\u00a0"

_EXPLAINED: tuple[tuple[str, str, str], ...] = (
    (
        "scanning an alias",
        "a * that begins no name",
        'put it in quotes: "*"',
    ),
    (
        "scanning an anchor",
        "a & that begins no name",
        'put it in quotes: "&"',
    ),
    (
        "mapping values are not allowed",
        "a colon that cannot stand here",
        "indent the keys of one mapping alike; put a text with `: ` in it in quotes",
    ),
    (
        "block sequence entries are not allowed",
        "a list item that cannot stand here",
        "begin the list on its own line, or write [a, b]",
    ),
    (
        "scanning a quoted scalar found unexpected end",
        "a quote that is never closed",
        "close it, on the same line",
    ),
    (
        "found unknown escape character",
        "a backslash that means nothing",
        "write \\\\ for a backslash, or use single quotes",
    ),
    (
        "expected ',' or ']'",
        "a [ that is not closed, or a missing comma",
        "write [a, b, c]",
    ),
    (
        "expected ',' or '}'",
        "a { that is not closed, or a missing comma",
        'write {a: b, c: d}; put "#" and "*" in quotes',
    ),
    (
        "could not find expected ':'",
        "a line that is no key and no value",
        "write key: value, with a plain colon and a space",
    ),
    (
        "expected '-' indicator",
        "no list item where the list goes on",
        "indent what belongs to the list, or begin the line with `- `",
    ),
    (
        "expected key",
        "no key where the mapping goes on",
        "indent the keys of one mapping alike; nothing may follow a closing quote or bracket",
    ),
    (
        "expected node content",
        "no value can begin like this",
        "put the text in quotes",
    ),
    (
        "cannot start any token",
        "a character that no value can begin with, or a quote that was closed too early",
        'put the text in quotes; within "…" write \\" for a quote',
    ),
    (
        "tab character",
        "a tab",
        "indent with spaces",
    ),
    (
        "scanning a directive",
        "a % line",
        "put a text that begins with % in quotes",
    ),
    (
        "scanning a block scalar",
        "a text that cannot follow | or >",
        "begin the text on the next line, indented",
    ),
)


def explain(error: yaml.YAMLError, lines: Sequence[str]) -> tuple[int, int, str, str]:
    """Return line and column (from 0), what is wrong, and what to write instead."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line, column = (mark.line, mark.column) if mark else (0, 0)
    said = f"{getattr(error, 'context', '') or ''} {getattr(error, 'problem', '') or error}".strip()
    opened = getattr(error, "context_mark", None)
    if any(part in said for part in ("never closed", "unexpected end", "expected ':'")):
        line, column = (opened.line, opened.column) if opened else (line, column)
    hidden = _hidden(lines[: line + 1])
    if hidden is not None:
        return *hidden, "the # begins a comment", 'write "#" in quotes'
    foreign = _foreign(lines, line)
    if foreign is not None:
        return foreign
    message, hint = _of_the_text(lines, line, column, said) or _of_the_complaint(said)
    return line, column, message, hint


def _hidden(lines: Sequence[str]) -> tuple[int, int] | None:
    """Where a # within { } or [ ] swallowed the rest of its line."""
    for number, line in enumerate(lines):
        found = _HIDDEN.search(line)
        if found:
            return number, found.start(1)
    return None


def _foreign(lines: Sequence[str], line: int) -> tuple[int, int, str, str] | None:
    """Where a sign that only looks like a plain one stands, in the line or the one before."""
    for number in (line, line - 1):
        found = _FOREIGN.search(lines[number]) if 0 <= number < len(lines) else None
        if found is not None and found.lastindex is not None:
            sign, column = found[found.lastindex], found.start(found.lastindex)
            if sign in _SPACES:
                return number, column, "a space that is none to YAML", "write a plain space"
            hint = "write a plain bracket or quote"
            return number, column, f"{sign}, which is only a sign like any letter to YAML", hint
    return None


def _of_the_text(lines: Sequence[str], line: int, column: int, said: str) -> tuple[str, str] | None:
    here = lines[line] if line < len(lines) else ""
    before = lines[line - 1] if 0 < line <= len(lines) else ""
    for sign, (meant, lacking) in _FULL_WIDTH.items():
        if sign in here + before and lacking in said:
            return f"a full-width {meant} {sign}", f"write a plain {meant} and a space"
    if here[column : column + 1] == "\t":
        return "a tab", "indent with spaces"
    if here[column : column + 1] in ("@", "`", "%"):
        return f"a text that begins with {here[column]}", "put it in quotes"
    return None


def _of_the_complaint(said: str) -> tuple[str, str]:
    for part, message, hint in _EXPLAINED:
        if part in said:
            return message, hint
    return said, "see docs/errors/IVR101.md"
