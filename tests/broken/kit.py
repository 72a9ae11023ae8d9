"""The corpus of seeded defects: a sound hotline (`base/`), and one mistake made in it at a time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec
import yaml

from ivr.adapters.flowfile import try_load_files
from ivr.adapters.sim.prompts import SimPrompts
from ivr.engine.check import Known, check
from ivr.model.place import Place
from ivr.model.problem import Problem

_HERE = Path(__file__).parent

BASE: Mapping[str, str] = {
    path.relative_to(_HERE / "base").as_posix(): path.read_text("utf-8")
    for path in sorted((_HERE / "base").rglob("*.yaml"))
}
"""The sound hotline: path → text. What is in `flows/` are flow files, in `prompts/` texts."""


class Defect(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"new": "with", "where": "in"}
):
    """One mistake.

    In `file`, the text `replace`, which stands there once, becomes `new` (`with:` in YAML); without
    `replace` the file is `new` and nothing else. Then `code` is found where `at` begins, in `file`
    or in `where` (`in:`). `also` are codes of follow-ups that may be told as well. `by` is who finds
    it.
    """

    name: str
    file: str
    new: str
    code: str
    at: str
    replace: str = ""
    where: str = ""
    also: tuple[str, ...] = ()
    by: Literal["check", "prove"] = "check"

    def files(self) -> dict[str, str]:
        """Return the hotline with the mistake in it."""
        if not self.replace:
            return {**BASE, self.file: self.new}
        text = BASE[self.file]
        assert text.count(self.replace) == 1, f"{self.name}: {self.replace!r} is not there once"
        return {**BASE, self.file: text.replace(self.replace, self.new)}

    def place(self) -> Place:
        """Return where the mistake is to be found: first after the change, else anywhere."""
        file = self.where or self.file
        text = self.files()[file]
        changed = BASE[file].index(self.replace) if self.replace and file == self.file else 0
        found = text.find(self.at, changed)
        found = text.index(self.at) if found < 0 else found
        line = text.count("\n", 0, found) + 1
        return Place(file.removeprefix("flows/"), line, found - text.rfind("\n", 0, found))


def _defects() -> tuple[Defect, ...]:
    files = sorted(_HERE.glob("*.yaml"))
    return tuple(
        defect
        for file in files
        for defect in msgspec.convert(
            yaml.load(file.read_text("utf-8"), yaml.CSafeLoader), list[Defect]
        )
    )


DEFECTS = _defects()


def flow_files(files: Mapping[str, str]) -> dict[str, str]:
    """Return the flow files, by path within their folder."""
    return {
        path.removeprefix("flows/"): text
        for path, text in files.items()
        if path.startswith("flows/")
    }


def without_orders(files: Mapping[str, str]) -> dict[str, str]:
    """Return the hotline taking no order, every other step at its line: for defects that have nothing to
    do with orders, whose proofs would look at each way through one."""
    main = files["flows/main.yaml"]
    begins, ends = main.index("  transfer:\n    order:"), main.index("  say-paid:")
    instead = '  transfer: {set: {paid_amount: "{{ balance }}"}, next: say-paid}'
    lines = main.count("\n", begins, ends)
    kept = {path: text for path, text in files.items() if not path.startswith("flows/orders/")}
    return {**kept, "flows/main.yaml": main[:begins] + instead + "\n" * lines + main[ends:]}


def prompts_of(files: Mapping[str, str]) -> SimPrompts:
    """Return the prompts: texts that take as long as it takes to say them."""
    return SimPrompts(_texts(files))


def names(files: Mapping[str, str]) -> Known:
    """Return what the flows may use."""
    return Known(
        prompts={language: frozenset(texts) for language, texts in _texts(files).items()},
        destinations={"front-desk"},
        heard=prompts_of(files),
    )


def told(files: Mapping[str, str]) -> tuple[Problem, ...]:
    """Return everything that `ivr check` finds."""
    loaded = try_load_files(flow_files(files))
    return (*loaded.problems, *check(loaded.sound, names(files), loaded.broken))


def _texts(files: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {
        Path(path).stem: _table(text) for path, text in files.items() if path.startswith("prompts/")
    }


@lru_cache(maxsize=256)
def _table(text: str) -> dict[str, str]:
    return msgspec.convert(yaml.load(text, yaml.CSafeLoader), dict[str, str])
