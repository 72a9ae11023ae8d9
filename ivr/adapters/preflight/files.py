"""Configuration files of Asterisk, read by pyst2: a reader that is not Asterisk's own, and not ours.

It does not know templates, includes, block comments, `+=` and `\\;`, and takes them for something
else or drops them. A file that has any is not seen through, and says so.
"""

from __future__ import annotations

import re
from pathlib import Path

from asterisk.config import Config, ParseError

from ivr.centre.preflight import Blind, Setting

_UNSEEN = {
    "an include or a program's output": re.compile(r"^\s*#\s*\w+"),
    "a template": re.compile(r"^\s*\[[^\]]*\]\s*\("),
    "a block comment": re.compile(r"^\s*;--|--;"),
    "a `;` behind a backslash": re.compile(r"\\;"),
    "a `+=`": re.compile(r"^[^;=]*\+=[^>]"),
}
_SECRETS = ("secret", "password", "md5_cred", "auth_pass")


class _Reading(Config):  # type: ignore[misc]  # pyst2 has no types
    """pyst2's reader over text that is read already: its own leaves the file open."""

    def __init__(self, text: str) -> None:
        self._text = text
        super().__init__("")

    def load(self) -> None:
        self.raw_lines = self._text.splitlines(keepends=True)


def read(path: Path) -> tuple[tuple[Setting, ...], tuple[Blind, ...]]:
    """Return a file's settings, and what could not be seen through in it."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        return (), (Blind(str(path), f"cannot be read: {why}"),)
    blind = tuple(
        Blind(f"{path}:{number}", f"{what} cannot be seen through")
        for number, line in enumerate(text.splitlines(), 1)
        for what, pattern in _UNSEEN.items()
        if pattern.search(line)
    )
    if blind:
        return (), blind
    try:
        reading = _Reading(text)
    except ParseError as error:
        number, why = error.args
        return (), (Blind(f"{path}:{number}", why),)
    first = reading.categories[0].number if reading.categories else len(reading.raw_lines) + 1
    stray = next((line for line in reading.lines if line.line and line.number < first), None)
    if stray is not None:
        return (), (Blind(f"{path}:{stray.number}", "a setting before any section"),)
    settings = tuple(
        Setting(
            category.name.strip().lower(),
            item.name.strip().lower(),
            item.value.strip(),
            f"{path}:{item.number}",
        )
        for category in reading.categories
        for item in category.items
    )
    return settings, ()


def exposed(path: Path, settings: tuple[Setting, ...]) -> bool:
    """Whether everybody on this machine may read passwords in a file."""
    return any(one.name in _SECRETS for one in settings) and bool(path.stat().st_mode & 0o007)
