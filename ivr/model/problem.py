"""Problems: what is wrong in a flow file, and what to write instead."""

from __future__ import annotations

import enum

import msgspec

from ivr.model.place import Place


class Severity(enum.StrEnum):
    """How bad a problem is: an ERROR keeps the flows from being used, a WARNING does not."""

    ERROR = "error"
    WARNING = "warning"


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong with the flow files.

    `code` is stable (`IVR203`, see docs/errors/), `message` says what is wrong, `hint` what to
    write instead.
    """

    code: str
    place: Place
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        text = f"{self.place}: {self.code} {self.message}"
        return f"{text} ({self.hint})" if self.hint else text


class BadValue(ValueError):
    """A value in a flow file that cannot be used, with a hint what to write instead.

    Raised by validators of step fields: pydantic keeps it, and the loader shows the hint. `offset`
    is the index of the wrong character within the value.
    """

    def __init__(self, problem: str, hint: str = "", offset: int = 0) -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint
        self.offset = offset
