"""The step type `menu`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ivr.centre.input import (
    INVALID_PROMPTS,
    NO_INPUT_PROMPTS,
    Ended,
    Question,
    gather,
)
from ivr.model.commands import Script
from ivr.model.digits import Choices
from ivr.model.fields import OptionalKey, StepName
from ivr.model.inputfields import InputFields
from ivr.model.outcome import Outcome
from ivr.model.problem import BadValue
from ivr.model.speech import Escalating, Speech, first
from ivr.model.step import Context, Step

REPEAT = "9"
_KEYS = re.compile(r"[0-9*#]{1,8}")


class Choice(BaseModel):
    """What a key leads to."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"type": ["object", "string"]}
    )

    goto: StepName = Field(description="The step the key leads to.")
    label: str = Field("", max_length=100, description="What the choice is called in reports.")

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, body: Any) -> Any:
        return {"goto": body} if isinstance(body, str) else body


def _by_keys(value: Any) -> Any:
    """Make texts of the keys: YAML reads an unquoted 1 as a number."""
    if not isinstance(value, dict):
        return value
    if not value:
        raise BadValue("a menu without choices", "1: step")
    choices = {str(key): choice for key, choice in value.items()}
    for key in choices:
        if _KEYS.fullmatch(key) is None:
            raise BadValue(f"`{key[:20]}` cannot be keyed", 'keys are 0-9, "*" and "#"')
    return choices


class Menu(Step, InputFields):
    """Ask for one of several choices.

    A choice whose keys begin no other choice is taken at once; where `1` and `10` are both choices,
    `1` is taken after the inter-digit time, or at `1#`. Silence and wrong keys are counted apart, each up to its
    number of tries, and together up to `max_failures`; the counts begin anew whenever the menu is
    entered. Where `back` has an edge, the cancel key leads there.
    """

    verb: ClassVar[str] = "menu"
    outcomes: ClassVar[dict[str, str]] = {
        "no_input": "The last try, or the one that was too many, heard no key.",
        "invalid": "The last try, or the one that was too many, heard keys that are no choice.",
    }
    optional: ClassVar[dict[str, str]] = {"back": "The caller pressed the cancel key (`*`)."}
    example: ClassVar[str] = """\
main-menu:
  menu:
    prompt: {1: main-menu, 2: main-menu-short}
    choices:
      1: {goto: balance, label: balance}
      2: branch-hours
      0: agent
    no_input: {1: no-input, 2: no-input-again}
    tries: 3
  on: {no_input: agent, invalid: agent}
"""

    prompt: Escalating = Field(
        description="What is asked; by count, how often it was asked (once: 1)."
    )
    choices: Annotated[dict[str, Choice], BeforeValidator(_by_keys)] = Field(
        description="Keys → the step they lead to, or `{goto: step, label: text}`."
    )
    repeat: OptionalKey | None = Field(
        None,
        description='The key that has the menu played again, at most ten times; "" for none '
        "(9, unless a choice begins with it).",
    )
    no_input: Escalating = Field(
        default=dict(NO_INPUT_PROMPTS), description="Said after silence, by count of silences."
    )
    invalid: Escalating = Field(
        default=dict(INVALID_PROMPTS), description="Said after wrong keys, by count of those."
    )

    @model_validator(mode="after")
    def _repeat_is_free(self) -> Menu:
        if self.repeat and self.repeat in self.choices:
            raise BadValue(
                f"{self.repeat} is both a choice and the repeat key", 'repeat: "" for no repeat key'
            )
        return self

    def run(self, context: Context) -> Script[Outcome]:
        rules = context.rules(self.properties())
        question = Question(
            prompt=self.prompt,
            grammar=Choices(tuple(self.choices), rules.terminator),
            no_input=self.no_input,
            invalid=self.invalid,
            repeat=self._repeat_key(),
            back="back" in context.wired,
        )
        entry = yield from gather(context, question, rules)
        outcome = entry.digits if entry.ended is Ended.ENTERED else entry.ended.value
        return Outcome(outcome, failures=entry.failures)

    def exits(self) -> Mapping[str, str]:
        keyed = {key: f"The caller keyed {key}." for key in self.choices}
        return {**keyed, **self.outcomes}

    def edges(self) -> Mapping[str, str]:
        return {key: choice.goto for key, choice in self.choices.items()}

    def speeches(self) -> Iterator[Speech]:
        for speeches in (self.prompt, self.no_input, self.invalid):
            yield from speeches.values()

    def labels(self) -> Mapping[str, str]:
        return {key: choice.label for key, choice in self.choices.items() if choice.label}

    def questions(self) -> tuple[tuple[Speech, int], ...]:
        return ((first(self.prompt), 1),)

    def keys(self) -> tuple[str, ...]:
        repeat = self._repeat_key()
        return (*self.choices, repeat) if repeat else tuple(self.choices)

    def _repeat_key(self) -> str:
        if self.repeat is not None:
            return self.repeat
        return "" if any(key.startswith(REPEAT) for key in self.choices) else REPEAT
