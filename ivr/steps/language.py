"""The step type `language`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from ivr.model.commands import Script
from ivr.model.outcome import Outcome
from ivr.model.step import Context, Step


class Language(Step):
    """Speak another language from here on.

    To let the caller choose, lead the choices of a menu to one `language` step each.
    """

    verb: ClassVar[str] = "language"
    shorthand: ClassVar[str | None] = "to"
    outcomes: ClassVar[dict[str, str]] = {"done": "The language is set."}
    normal: ClassVar[str | None] = "done"
    example: ClassVar[str] = """\
in-english:
  language: en
  next: main-menu
"""

    to: str = Field(pattern=r"^[a-z]{2,3}$", description="The language, one of the flow's.")

    def run(self, context: Context) -> Script[Outcome]:
        yield from ()
        return Outcome("done", language=self.to)

    def languages(self) -> tuple[str, ...]:
        return (self.to,)
