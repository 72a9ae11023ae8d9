"""The choices of a menu, and what may be promoted in it, as authors write them."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ivr.model.expressions import Expression
from ivr.model.fields import StepName
from ivr.model.problem import BadValue
from ivr.model.speech import Speech

KEYS = re.compile(r"[0-9*#]{1,8}")
SPOKEN_KEYS = tuple("1234567")
"""The keys that there are prompts for (`press-1` …)."""
IDENTIFIED = 1
AUTHENTICATED = 2
CHOICE_ID = r"^[a-z0-9][a-z0-9_-]{0,63}$"


class Choice(BaseModel):
    """What a key leads to."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        arbitrary_types_allowed=True,
        json_schema_extra={"type": ["object", "string"]},
    )

    goto: StepName = Field(description="The step the key leads to.", examples=["balance"])
    label: str = Field(
        "",
        max_length=100,
        description="What the choice is called in reports.",
        examples=["balance"],
    )
    say: Speech | None = Field(
        None,
        description="What it is called aloud, e.g. item-balance: with it, the choice may stand in "
        "callers' own menus.",
        examples=["item-balance"],
    )
    id: str = Field(
        "",
        pattern=rf"{CHOICE_ID}|^$",
        description="Its name in callers' own menus, which must stay the same for ever (goto).",
        examples=["balance"],
    )
    when: Expression | None = Field(
        None,
        description="Offered only where this is true, and announced after the menu's prompt. What "
        "is said of a customer is not true while nobody is identified.",
    )

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, body: Any) -> Any:
        return {"goto": body} if isinstance(body, str) else body

    @model_validator(mode="after")
    def _can_be_announced(self) -> Choice:
        if self.when is not None and self.say is None:
            raise BadValue("a condition on a choice that cannot be announced", "say: item-…")
        return self

    @property
    def name(self) -> str:
        """Its stable id."""
        return self.id or self.goto

    @cached_property
    def condition(self) -> Expression | None:
        """The condition, which is false where a name in it is not known."""
        return self.when and self.when.where_known()


class Promoted(BaseModel):
    """What may be offered first, to whom. All conditions that are given must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    goto: StepName = Field(description="The step it leads to.", examples=["transfer-matter"])
    say: Speech = Field(
        description="What it is called aloud, e.g. matter-transfer.", examples=["matter-transfer"]
    )
    label: str = Field(
        "", max_length=100, description="What it is called in reports.", examples=["open transfer"]
    )
    matter: str = Field(
        "",
        examples=["transfer"],
        pattern=rf"{CHOICE_ID}|^$",
        description="A kind of matter: there is one that is open, less than 72 hours old, and the "
        "caller is at the level to hear of it.",
    )
    auth: int | None = Field(
        None,
        ge=1,
        le=3,
        examples=[2],
        strict=True,
        description="The caller is at this level or above: 1 identified, 2 PIN, 3 PIN and another (2 "
        "for a matter, else 1).",
    )
    segments: tuple[str, ...] = Field(
        (), description="The customer is of one of these segments.", examples=[["vip"]]
    )
    products: tuple[str, ...] = Field(
        (), description="The customer holds one of these products.", examples=[["fund"]]
    )
    lacks: tuple[str, ...] = Field(
        (), description="The customer holds none of these products.", examples=[["card"]]
    )
    languages: tuple[str, ...] = Field(
        (), description="The call is in one of these languages.", examples=[["zh"]]
    )

    @property
    def level(self) -> int:
        """The auth level that a caller needs to hear of it."""
        return self.auth or (AUTHENTICATED if self.matter else IDENTIFIED)

    @model_validator(mode="after")
    def _for_somebody(self) -> Promoted:
        if not (self.matter or self.segments or self.products or self.lacks or self.languages):
            raise BadValue(
                "promoted to everybody", "name a matter, segments, products, lacks or languages"
            )
        return self


def by_keys(value: Any) -> Any:
    """Make texts of the keys: YAML reads an unquoted 1 as a number."""
    if not isinstance(value, dict):
        return value
    if not value:
        raise BadValue("a menu without choices", "1: step")
    choices = {str(key): choice for key, choice in value.items()}
    for key in choices:
        if KEYS.fullmatch(key) is None:
            raise BadValue(f"`{key[:20]}` cannot be keyed", 'keys are 0-9, "*" and "#"')
    return choices


def told_apart(choices: dict[str, Choice]) -> dict[str, Choice]:
    """Check that choices can be announced, and told apart in callers' own menus."""
    names = [choice.name for choice in choices.values() if choice.say is not None]
    for key, choice in choices.items():
        if choice.say is not None and names.count(choice.name) > 1:
            raise BadValue(f"two choices are called `{choice.name}`", "give one an `id`")
        if choice.when is not None and key not in SPOKEN_KEYS:
            raise BadValue(
                f"the choice {key} has a condition, and there is no prompt for its key",
                "give it one of the keys 1 to 7",
            )
    return choices
