"""What a preflight looks at: an Asterisk's settings, wherever they were found, and its machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

_TRUE = ("yes", "true", "y", "t", "1", "on")


class Setting(msgspec.Struct, frozen=True):
    """One setting. `section` and `name` are in lower case; `where` is its file and line, or the
    console command that told it of the running Asterisk."""

    section: str
    name: str
    value: str
    where: str

    @property
    def on(self) -> bool:
        """Whether Asterisk takes the value for a yes."""
        return self.value.lower() in _TRUE

    @property
    def words(self) -> tuple[str, ...]:
        """The parts of a list, in lower case."""
        return tuple(word.strip().lower() for word in self.value.split(",") if word.strip())


class Blind(msgspec.Struct, frozen=True):
    """What could not be seen through: `where`, and `why`."""

    where: str
    why: str


class Facts(msgspec.Struct, frozen=True):
    """All of it. `settings` are by file name (`manager.conf`), those of the running Asterisk among
    them; a file that is not there is not among them.

    `blind` is what could not be seen through; `unreached` why the running Asterisk could not be
    asked; `exposed` the files with secrets that others may read, by path; `core_pattern` the
    kernel's; `core_limit` the most bytes of a core file of the running Asterisk, -1 for any (None:
    not asked).
    """

    settings: Mapping[str, tuple[Setting, ...]]
    blind: tuple[Blind, ...] = ()
    unreached: str = ""
    exposed: tuple[str, ...] = ()
    core_pattern: str = ""
    core_limit: int | None = None

    def has(self, file: str) -> bool:
        """Whether there is such a file."""
        return file in self.settings

    def all(self, file: str, section: str = "", name: str = "") -> Iterator[Setting]:
        """Yield the settings of a file, of a section, of a name."""
        for one in self.settings.get(file, ()):
            if section in ("", one.section) and name in ("", one.name):
                yield one

    def sections(self, file: str) -> dict[str, list[Setting]]:
        """Return the settings of a file by section. In Asterisk several may have one name, and are
        then told apart by their `type`: they are one here."""
        found: dict[str, list[Setting]] = {}
        for one in self.settings.get(file, ()):
            found.setdefault(one.section, []).append(one)
        return found


class Finding(msgspec.Struct, frozen=True):
    """Something that could write down, tell or keep what a caller keys.

    `code` never changes its meaning; `what` is wrong, `where`; `why` it matters; `fix` what to do.
    """

    code: str
    what: str
    where: str
    why: str
    fix: str
