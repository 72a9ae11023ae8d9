"""What files that are installed have otherwise than those that are wanted.

The order of sections means nothing to Asterisk, nor does that of most settings within one. It does where
a setting comes more than once (`allow`, `permit`, `exten`): the row of its values is compared then.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping

import msgspec

from ivr.adapters.asterisk.sections import Section, sections

_SECRETS = ("secret", "password", "md5_cred", "auth_pass")
HIDDEN = "•••"
"""Stands for a password."""


class How(enum.StrEnum):
    """How something differs: it lacks, it is there besides, or it is set to something else."""

    LACKS = "lacks"
    FOREIGN = "foreign"
    OTHER = "other"


class Difference(msgspec.Struct, frozen=True):
    """One difference. `section` is empty where the whole file is meant, `key` where the whole section is;
    the values are those of a key, several in order."""

    file: str
    section: str
    key: str
    how: How
    wanted: tuple[str, ...] = ()
    there: tuple[str, ...] = ()


def differences(wanted: Mapping[str, str], there: Mapping[str, str]) -> tuple[Difference, ...]:
    """Return what is different in the files that are wanted, by file, section and key. Other files that
    are there are nobody's business here."""
    return tuple(one for name, text in sorted(wanted.items()) for one in _file(name, text, there))


def _file(name: str, wanted: str, there: Mapping[str, str]) -> Iterator[Difference]:
    if name not in there:
        yield Difference(name, "", "", How.LACKS)
        return
    ours, theirs = ({one.name: one for one in sections(text)} for text in (wanted, there[name]))
    for section in (*ours, *(one for one in theirs if one not in ours)):
        yield from _section(name, section, ours.get(section), theirs.get(section))


def _section(
    file: str, name: str, ours: Section | None, theirs: Section | None
) -> Iterator[Difference]:
    if ours is None or theirs is None:
        yield Difference(file, name, "", How.LACKS if theirs is None else How.FOREIGN)
        return
    wanted, there = _rows(ours), _rows(theirs)
    for key in (*wanted, *(one for one in there if one not in wanted)):
        mine, found = wanted.get(key, ()), there.get(key, ())
        if mine != found:
            how = How.LACKS if not found else How.FOREIGN if not mine else How.OTHER
            shown = (_hidden(mine), _hidden(found)) if key in _SECRETS else (mine, found)
            yield Difference(file, name, key, how, *shown)


def _hidden(values: tuple[str, ...]) -> tuple[str, ...]:
    return (HIDDEN,) * len(values)


def _rows(section: Section) -> dict[str, tuple[str, ...]]:
    """Return the values of each key in order; those of an extension by its number."""
    rows: dict[str, tuple[str, ...]] = {}
    for key, value in section.settings:
        name = key
        if key == "exten":
            number, _, value = value.partition(",")
            name = f"exten {number.strip()}"
        rows[name] = (*rows.get(name, ()), value)
    return rows
