"""A question of a survey."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from ivr.model.document import Document, Language, Name
from ivr.model.duration import PositiveDuration
from ivr.model.problem import BadValue
from ivr.model.speech import Speech
from ivr.model.surveys.answers import NO, RECORDED, YES, Answers, Span

Kind = Literal["scale", "nps", "yes_no", "choice", "comment"]
Measure = Literal["csat", "nps", "ces", "fcr"]

_NPS = tuple(map(str, range(11)))
_FITS: dict[Measure, tuple[Kind, ...]] = {
    "csat": ("scale",),
    "nps": ("nps",),
    "ces": ("scale",),
    "fcr": ("yes_no",),
}
_OWN: dict[str, tuple[Kind, ...]] = {
    "scale": ("scale",),
    "options": ("choice",),
    "longest": ("comment",),
    "silence": ("comment",),
}
"""The keys that belong to some kinds only."""


def _by_key(value: object) -> object:
    return {str(key): text for key, text in value.items()} if isinstance(value, dict) else value


Label = Annotated[str, Field(min_length=1, max_length=60)] | dict[Language, str]
"""What reports call something: a text, or one by language."""
Options = Annotated[
    dict[Annotated[str, Field(pattern="^[0-9]$")], Label],
    BeforeValidator(_by_key),
    Field(max_length=9),
]


class Question(Document):
    """What callers are asked, and how they answer: by a key, or aloud (`comment`)."""

    ask: Speech = Field(
        description="What is asked, with the keys that answer it.", examples=["survey-satisfied"]
    )
    answer: Kind = Field(
        description="`scale`: one key, the higher the better. `nps`: 0 to 10; a 1 is taken after the"
        " inter-digit time, or at `1#`. `yes_no`: 1 is yes, 2 is no. `choice`: one of `options`."
        " `comment`: what is said after a tone is recorded.",
        examples=["scale"],
    )
    scale: Span = Field(
        ("1", "2", "3", "4", "5"), description="The scale's keys (1-5).", examples=["1-7"]
    )
    options: Options = Field(
        {},
        description="Of a choice: key → what reports call it.",
        examples=[{1: "waiting", 2: {"zh": "服务态度", "en": "manner"}}],
    )
    longest: PositiveDuration = Field(20_000, description="The longest comment (20s).")
    silence: PositiveDuration = Field(3_000, description="The silence that ends a comment (3s).")
    only: dict[Name, Answers] = Field(
        {},
        description="Asked only where earlier questions have one of these answers.",
        examples=[{"satisfied": "1-2"}, {"solved": "no"}],
    )
    measures: Measure | None = Field(
        None,
        description="The figure that its answers make: csat (top two of a scale), nps, ces (mean of a"
        " scale) or fcr (solved, yes or no).",
    )

    label: Label | None = Field(
        None,
        description="What reports call it (its name).",
        examples=[{"zh": "满意度", "en": "satisfaction"}],
    )

    @model_validator(mode="after")
    def _fits(self) -> Question:
        for key, kinds in _OWN.items():
            if key in self.model_fields_set and self.answer not in kinds:
                raise BadValue(f"`{key}` with an answer of the kind {self.answer}", f"delete {key}")
        if self.answer == "choice" and len(self.options) < 2:
            raise BadValue("a choice of fewer than two options", "options: {1: waiting, 2: advice}")
        if self.answer == "scale" and not (
            len(self.scale) > 1 and all(len(key) == 1 for key in self.scale)
        ):
            raise BadValue("a scale is of two keys at least, 0 to 9", "scale: 1-5; or answer: nps")
        if self.measures is not None and self.answer not in _FITS[self.measures]:
            hint = f"answer: {_FITS[self.measures][0]}"
            raise BadValue(f"{self.measures} is not measured by {self.answer}", hint)
        return self

    def called(self, language: str, otherwise: str) -> str:
        """Return what reports in a language call it."""
        return called(self.label, language) or otherwise

    def answers(self) -> tuple[str, ...]:
        """Return the answers that there are, the worst of a scale first; a refusal is none."""
        match self.answer:
            case "scale":
                return self.scale
            case "nps":
                return _NPS
            case "yes_no":
                return (YES, NO)
            case "choice":
                return tuple(self.options)
            case "comment":
                return (RECORDED,)


def called(label: Label | None, language: str) -> str:
    """Return a label in a language, else in whichever there is; nothing for none."""
    if label is None or isinstance(label, str):
        return label or ""
    return label.get(language) or next(iter(label.values()), "")
