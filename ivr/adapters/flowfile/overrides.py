"""From a file of overridden hours to overrides."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec
from pydantic import ValidationError

from ivr.adapters.flowfile.complaints import problems
from ivr.adapters.flowfile.days import DayReader, read_date
from ivr.adapters.flowfile.nodes import key_place
from ivr.adapters.flowfile.reader import MAX_BYTES, read
from ivr.model.calendar import Override
from ivr.model.codes import Code
from ivr.model.document import OverridesDocument
from ivr.model.errors import FlowError
from ivr.model.hints import closest
from ivr.model.problem import Problem

HOLIDAY = "holiday"


class OverridesRead(msgspec.Struct, frozen=True):
    """What came of reading: `overrides` is empty when there is any problem."""

    overrides: tuple[Override, ...]
    problems: tuple[Problem, ...]


def load_overrides(file: Path, calendars: Collection[str]) -> OverridesRead:
    """Read a file of overrides of these calendars. Raises FlowError when it cannot be read at all."""
    try:
        if file.stat().st_size > MAX_BYTES:
            raise FlowError(f"{file}: more than {MAX_BYTES} bytes; write several files")
        text = file.read_bytes().decode("utf-8")
    except OSError as error:
        raise FlowError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FlowError(f"{file}: not UTF-8; save the file as UTF-8") from error
    return read_overrides(text, str(file), calendars)


def read_overrides(text: str, file: str, calendars: Collection[str]) -> OverridesRead:
    """Read overrides of these calendars, and say what is wrong, at its place in the file."""
    tree, found = read(text, file)
    if tree is None or found:
        return OverridesRead((), tuple(found))
    try:
        document = OverridesDocument.model_validate(tree.plain())
    except ValidationError as error:
        return OverridesRead((), tuple(problems(error, tree, OverridesDocument)))
    reader = OverridesReader(tree)
    overrides = tuple(reader.overrides(document, calendars))
    return OverridesRead(() if reader.problems else overrides, tuple(reader.problems))


class OverridesReader(DayReader):
    """Makes overrides of a document, collecting what is wrong with it."""

    def overrides(
        self, document: OverridesDocument, calendars: Collection[str]
    ) -> Iterator[Override]:
        """Yield the overrides; they are to be used only if `problems` stays empty."""
        for calendar, days in document.overrides.items():
            if calendar not in calendars:
                place = key_place(self._tree, ("overrides", calendar))
                message = f"there is no calendar `{calendar}` in the release in force"
                hint = closest(calendar, calendars)
                self.problems.append(Problem(Code.UNKNOWN_CALENDAR, place, message, hint))
            for key, written in days.items():
                loc = ("overrides", calendar, key)
                day = self._try(read_date, key, loc, key=True)
                hours = None if written == HOLIDAY else self._spans(written, loc)
                if day:
                    yield Override(calendar, day, hours)
