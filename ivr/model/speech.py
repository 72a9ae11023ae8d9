"""Speech: what authors write where a caller is to hear something.

say: welcome
say: [balance-is, {money: "{{ balance }}"}]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, get_args

import msgspec
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    Strict,
    model_validator,
)
from pydantic.fields import FieldInfo

from ivr.model.errors import EvaluationError
from ivr.model.expressions import Expression, read_scalar
from ivr.model.problem import BadValue
from ivr.model.prompt import Audible, Prompted, Spoken
from ivr.model.say import TYPES
from ivr.model.values import Money, Scalar, Value

SpokenKind = Literal[
    "money", "figures", "number", "digits", "account", "name", "date", "time", "duration"
]
SPOKEN_KINDS: tuple[str, ...] = get_args(SpokenKind)
PromptId = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,64}$", description="A prompt's id.")]
ScalarField = Annotated[Expression | bool | int | str, BeforeValidator(read_scalar)]
"""A value, or the expression that gives it (`"{{ … }}"`)."""


class Typed(msgspec.Struct, frozen=True):
    """Marks a field whose expression must give a value of one of `types` (`ivr.model.values`)."""

    types: tuple[str, ...]


TextField = Annotated[
    Expression | Annotated[str, Strict()], BeforeValidator(read_scalar), Typed(("text",))
]
"""A text, or the expression that gives it."""
NumberField = Annotated[
    Expression | Annotated[int, Strict()], BeforeValidator(read_scalar), Typed(("number",))
]
"""A whole number, or the expression that gives it."""


def typings(field: FieldInfo) -> Iterator[Typed]:
    """Yield how a field is typed, also where it may be left out (`TextField | None`)."""
    inner = (part for kind in get_args(field.annotation) for part in get_args(kind))
    yield from (part for part in (*field.metadata, *inner) if isinstance(part, Typed))


class SpokenItem(BaseModel):
    """A value for the say-layer: exactly one kind, `{money: "{{ balance }}"}`."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    money: ScalarField | None = Field(None, description="An amount of money.")
    figures: ScalarField | None = Field(
        None, description="An amount of money again, digit by digit: fifteen or fifty?"
    )
    number: ScalarField | None = Field(None, description="A whole number, as a quantity.")
    digits: ScalarField | None = Field(None, description="Digit by digit.")
    account: ScalarField | None = Field(None, description="An account number, digit by digit.")
    name: ScalarField | None = Field(
        None, description="A person's name, masked: the surname, or initials."
    )
    date: ScalarField | None = Field(None, description="A date, ISO 8601.")
    time: ScalarField | None = Field(None, description="A time of day, HH:MM.")
    duration: ScalarField | None = Field(None, description="A duration in seconds.")

    @model_validator(mode="after")
    def _one(self) -> SpokenItem:
        if sum(getattr(self, kind) is not None for kind in SPOKEN_KINDS) != 1:
            raise BadValue("a spoken value has one kind", f"one of {', '.join(SPOKEN_KINDS)}")
        return self

    @cached_property
    def kind(self) -> str:
        """Which kind of value is spoken."""
        return next(kind for kind in SPOKEN_KINDS if getattr(self, kind) is not None)

    @cached_property
    def value(self) -> Expression | Scalar:
        """The value, or the expression that gives it."""
        value: Expression | Scalar = getattr(self, self.kind)
        return value


class PromptItem(BaseModel):
    """A prompt in another language than the call's: `{prompt: for-english, language: en}`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: PromptId = Field(description="The prompt, by its id.", examples=["for-english"])
    language: str = Field(
        pattern=r"^[a-z]{2,3}$", description="The language to speak it in.", examples=["en"]
    )


class PickItem(BaseModel):
    """A prompt chosen by a value: `{pick: "{{ fund.id }}", from: {F001: fund-growth}, else: fund}`.

    A value that is not in `from` is spoken digit by digit where it consists of digits; else the prompt
    `else` is heard, which may be left out only where all that `from` knows are digits.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, populate_by_name=True
    )

    pick: ScalarField = Field(description="The value to choose by.")
    from_: dict[str, PromptId] = Field(
        alias="from",
        min_length=1,
        description="Value → prompt.",
        examples=[{"F001": "fund-growth"}],
    )
    else_: PromptId | None = Field(
        None,
        alias="else",
        description="The prompt for a value that is not in `from`.",
        examples=["fund-other"],
    )

    @model_validator(mode="after")
    def _complete(self) -> PickItem:
        if self.else_ is None and not all(map(_is_digits, self.from_)):
            raise BadValue("a value may be another one than those", "add else: PROMPT")
        return self

    def prompts(self) -> Iterator[Prompted]:
        """Yield every prompt that it may choose."""
        yield from map(Prompted, self.from_.values())
        if self.else_ is not None:
            yield Prompted(self.else_)

    def chosen(self, value: Value) -> Audible:
        """Return what is heard for a value. Raises EvaluationError."""
        text = str(value) if isinstance(value, str | int) else ""
        if text in self.from_:
            return Prompted(self.from_[text])
        if _is_digits(text):
            return Spoken("digits", text)
        if self.else_ is None:
            raise EvaluationError("nothing that can be spoken as one of the values to pick from")
        return Prompted(self.else_)


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdecimal()


SPEAKS: Mapping[str, tuple[str, ...]] = {**TYPES, "pick": ("text", "number")}
"""What is made of a computed value → the types of values that will do."""

SpeechItem = PromptId | PromptItem | PickItem | SpokenItem


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


_Items = Annotated[
    tuple[SpeechItem, ...],
    BeforeValidator(_as_list, json_schema_input_type=SpeechItem | list[SpeechItem]),
]


class Speech(RootModel[_Items]):
    """Prompts and spoken values, heard one after the other: one item or a list."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={"examples": ["welcome", ["balance-is", {"money": "{{ balance }}"}]]},
    )

    @cached_property
    def dynamic(self) -> bool:
        """Whether any item is computed."""
        return any(self.expressions())

    def expressions(self) -> Iterator[Expression]:
        """Yield the expressions it speaks."""
        yield from (expression for _, expression in self._computed)

    def prompts(self) -> Iterator[Prompted]:
        """Yield the prompts it needs, also those of which it picks one."""
        for item in self.root:
            if isinstance(item, str):
                yield Prompted(item)
            elif isinstance(item, PromptItem):
                yield Prompted(item.prompt, item.language)
            elif isinstance(item, PickItem):
                yield from item.prompts()

    def known(self) -> Iterator[Audible]:
        """Yield what is heard whatever is computed."""
        for item in self.root:
            if not any(Speech((item,)).expressions()):
                yield self._heard(item, {})

    def computed(self) -> Iterator[tuple[str, Expression]]:
        """Yield the values that are computed: what is made of them (`SPEAKS`), and the expression."""
        yield from self._computed

    @cached_property
    def _computed(self) -> tuple[tuple[str, Expression], ...]:
        return tuple(self._values())

    def _values(self) -> Iterator[tuple[str, Expression]]:
        for item in self.root:
            if isinstance(item, PickItem) and isinstance(item.pick, Expression):
                yield "pick", item.pick
            elif isinstance(item, SpokenItem) and isinstance(item.value, Expression):
                yield item.kind, item.value

    def literals(self) -> Iterator[Spoken]:
        """Yield the spoken values that are written out."""
        for item in self.root:
            if isinstance(item, SpokenItem) and not isinstance(item.value, Expression):
                yield Spoken(item.kind, item.value)

    def audible(self, scope: Mapping[str, Value]) -> tuple[Audible, ...]:
        """Return what is heard. Raises EvaluationError."""
        if not self.dynamic:
            return self._fixed
        return tuple(self._heard(item, scope) for item in self.root)

    @cached_property
    def _fixed(self) -> tuple[Audible, ...]:
        return tuple(self._heard(item, {}) for item in self.root)

    @staticmethod
    def _heard(item: SpeechItem, scope: Mapping[str, Value]) -> Audible:
        if isinstance(item, str):
            return Prompted(item)
        if isinstance(item, PromptItem):
            return Prompted(item.prompt, item.language)
        value = item.pick if isinstance(item, PickItem) else item.value
        found = value.evaluate(scope) if isinstance(value, Expression) else value
        if isinstance(item, PickItem):
            return item.chosen(found)
        if found is None or not isinstance(found, str | int | Money):
            raise EvaluationError(f"nothing that can be spoken as {item.kind}")
        return Spoken(item.kind, found)


def by_count(value: Any) -> Any:
    """Read one speech as the speech for every count: `welcome` is `{1: welcome}`."""
    if not isinstance(value, dict) or not any(map(_is_count, value)):
        return {1: value}
    found: dict[Any, Any] = {}
    for key, speech in value.items():
        count = int(key) if _is_count(key) else key
        if count in found:
            raise BadValue(f"the count {count} stands here twice", "delete one of the two")
        found[count] = speech
    return found


def _is_count(key: object) -> bool:
    text = str(key)
    return text.isascii() and text.isdecimal() and len(text) <= 9


Escalating = Annotated[
    dict[Annotated[int, Field(ge=1)], Speech],
    BeforeValidator(by_count, json_schema_input_type=Speech | dict[str, Speech]),
    Field(
        description="A speech, or speeches by count: the highest count ≤ the current is heard.",
        examples=["no-input", {1: "no-input", 2: "no-input-again"}],
    ),
]
"""Prompts that escalate, as VoiceXML's `count`."""


def escalate(speeches: Mapping[int, Speech], count: int) -> Speech | None:
    """Return the speech with the highest count ≤ `count`, or None when there is none."""
    if count in speeches:
        return speeches[count]
    fitting = [number for number in speeches if number < count]
    return speeches[max(fitting)] if fitting else None


def first(speeches: Mapping[int, Speech]) -> Speech:
    """Return the speech that is heard first; none at all when the first count has none."""
    return escalate(speeches, 1) or Speech(())
