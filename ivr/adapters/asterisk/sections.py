"""A configuration file as Asterisk takes it: sections, and what is set in them.

Comments are dropped, continued lines joined, `=` and `=>` mean the same. In the dialplan `same =>` names
the extension of the line before it. Sections of one name (`[trunk]` thrice in pjsip.conf) are told
apart by their `type`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

_SECTION = re.compile(r"\[(?P<name>[^\]]*)\](?P<marks>\(.*\))?")
_SETTING = re.compile(r"(?P<key>[^=]*?)\s*\+?=>?\s*(?P<value>.*)")
_BLOCK = re.compile(r";--(?!-).*?--;", re.DOTALL)
_COMMENT = re.compile(r"(?<!\\);.*")
_SAME = re.compile(r"same", re.IGNORECASE)


class Section(msgspec.Struct, frozen=True):
    """A section: its name (with its `type` in brackets, where it has one), and what it sets in order.
    What stands before any section is in one without a name."""

    name: str
    settings: tuple[tuple[str, str], ...]


def sections(text: str) -> tuple[Section, ...]:
    """Return the sections of a file, in order; those that come twice are one."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, settings in _raw(_BLOCK.sub("", text)):
        kind = dict(settings).get("type")
        found.setdefault(f"{name} (type {kind})" if kind else name, []).extend(settings)
    return tuple(Section(name, tuple(settings)) for name, settings in found.items())


def _raw(text: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    name, settings = "", list[tuple[str, str]]()
    for line in text.splitlines():
        said = _COMMENT.sub("", line).strip()
        if head := _SECTION.fullmatch(said):
            if name or settings:
                yield name, settings
            name, settings = head["name"] + (head["marks"] or ""), []
        elif said:
            settings.append(_setting(said, settings))
    if name or settings:
        yield name, settings


def _setting(said: str, before: list[tuple[str, str]]) -> tuple[str, str]:
    """Return a line's key and value; an include is a key of its own."""
    match = _SETTING.fullmatch(said)
    if said.startswith("#") or match is None:
        return said, ""
    key, value = match["key"].lower(), match["value"]
    if _SAME.fullmatch(key) and before:
        return before[-1][0], f"{before[-1][1].partition(',')[0]},{value}"
    return key, value
