"""The step type `collect`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from ivr.centre.input import NO_INPUT_PROMPTS, Ended, Entry, Question, gather
from ivr.model.commands import Script
from ivr.model.digits import MAX_DIGITS, Digits
from ivr.model.fields import VariableName
from ivr.model.inputfields import InputFields
from ivr.model.outcome import Outcome
from ivr.model.problem import BadValue
from ivr.model.speech import Escalating, Speech, first
from ivr.model.step import Context, Step

SECRETS = ("pin", "otp", "pan", "cvv")
_LONGEST_NUMBER = 18
"""Digits of the largest number an expression may hold."""


class Collect(Step, InputFields):
    """Ask for digits and keep them in a variable.

    The terminator (`#`) ends an entry; one of `most` digits ends by itself. The cancel key (`*`)
    clears the entry and asks again, which counts as no failure, at most ten times; pressed twice
    (`**`) it means back, where `back` has an edge. The secret types (pin, otp, pan, cvv) forget keys
    typed ahead, and what is keyed goes into a secret variable, which only the step that consumes it
    can read.
    """

    verb: ClassVar[str] = "collect"
    outcomes: ClassVar[dict[str, str]] = {
        "done": "The entry is in the variable.",
        "no_input": "The last try, or the one that was too many, heard no key.",
        "invalid": "The last try, or the one that was too many, was no valid entry.",
    }
    optional: ClassVar[dict[str, str]] = {"back": "The caller pressed the cancel key twice (`**`)."}
    normal: ClassVar[str | None] = "done"
    example: ClassVar[str] = """\
which-branch:
  collect: {prompt: enter-branch, type: digits, least: 3, most: 3, into: branch}
  on: {done: look-up, no_input: agent, invalid: agent, back: main-menu}
"""

    prompt: Escalating = Field(
        description="What is asked; by count, how often it was asked (once: 1)."
    )
    into: VariableName = Field(description="The variable the entry is kept in.")
    type: Literal["digits", "number", "pin", "otp", "pan", "cvv"] = Field(
        "digits",
        description="`digits`: a text of digits; `number`: a whole number; the rest are secret.",
    )
    least: int = Field(1, ge=1, le=MAX_DIGITS, strict=True, description="The fewest digits.")
    most: int = Field(ge=1, le=MAX_DIGITS, strict=True, description="The most digits.")
    no_input: Escalating = Field(
        default=dict(NO_INPUT_PROMPTS), description="Said after silence, by count of silences."
    )
    invalid: Escalating = Field(
        default={1: Speech(("invalid-entry",))},
        description="Said after an entry that is not valid, by count of those.",
    )
    cleared: Speech = Field(
        default=Speech(("entry-cleared",)), description="Said when the caller cleared the entry."
    )

    @model_validator(mode="after")
    def _fits(self) -> Collect:
        if self.least > self.most:
            raise BadValue("`least` is more than `most`", f"least: {self.most}")
        if self.type == "number" and self.most > _LONGEST_NUMBER:
            raise BadValue(
                f"a number of more than {_LONGEST_NUMBER} digits", "type: digits keeps it as a text"
            )
        return self

    def run(self, context: Context) -> Script[Outcome]:
        rules = context.rules(self.properties())
        question = Question(
            prompt=self.prompt,
            grammar=Digits(self.least, self.most, rules.terminator, rules.cancel),
            no_input=self.no_input,
            invalid=self.invalid,
            cleared=self.cleared,
            back="back" in context.wired,
            secret=self.type in SECRETS,
        )
        entry = yield from gather(context, question, rules)
        if entry.ended is not Ended.ENTERED:
            return Outcome(entry.ended, failures=entry.failures)
        return self._done(entry)

    def _done(self, entry: Entry) -> Outcome:
        if entry.secret is not None:
            return Outcome("done", secrets={self.into: entry.secret}, failures=entry.failures)
        value = int(entry.digits) if self.type == "number" else entry.digits
        return Outcome("done", variables={self.into: value}, failures=entry.failures)

    def speeches(self) -> Iterator[Speech]:
        for speeches in (self.prompt, self.no_input, self.invalid):
            yield from speeches.values()
        yield self.cleared

    def questions(self) -> tuple[tuple[Speech, int], ...]:
        return ((first(self.prompt), self.least),)

    def assigns(self) -> Mapping[str, str]:
        if self.type in SECRETS:
            return {self.into: "secret"}
        return {self.into: "number" if self.type == "number" else "text"}
