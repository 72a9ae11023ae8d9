"""What `flows/surveys/NAME.yaml` may hold: what callers are asked, and which callers."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field, model_validator

from ivr.model.document import Document, Language, Name
from ivr.model.duration import PositiveDuration
from ivr.model.fields import ConfiguredName
from ivr.model.problem import BadValue
from ivr.model.speech import Speech
from ivr.model.surveys.answers import Answers
from ivr.model.surveys.question import Question

MOST_QUESTIONS = 3
"""More than this a survey asks of one caller only if its file says so."""
MOST_MS = 60_000
"""Nor is it longer."""


class Kind(enum.StrEnum):
    """What a survey is about."""

    AGENT = "agent"  # a call in which somebody talked with an agent, the whole of it
    SELF_SERVICE = "self_service"  # a call that the machine did alone
    CASE_CLOSED = "case_closed"  # a case: whether the problem is solved
    CAMPAIGN = "campaign"  # what a campaign of the bank asks


class Opens(Document):
    """The answers after which somebody at the bank takes care: they open a case."""

    kind: Name = Field(description="The case's kind.", examples=["complaint"])
    when: dict[Name, Answers] = Field(
        min_length=1,
        description="Question → answers; any of them opens a case, one for the whole survey.",
        examples=[{"satisfied": "1-2", "comment": "recorded"}],
    )


class SurveyDocument(Document):
    """A survey: what callers are asked, in this order, and which callers."""

    survey: Name = Field(
        description="The survey's name: the file's, without .yaml.", examples=["after-agent"]
    )
    kind: Kind = Field(
        description="What it is about: `agent` (calls in which an agent was talked to),"
        " `self_service` (calls without), `case_closed` (a case), `campaign` (what a campaign asks).",
        examples=["agent"],
    )
    for_queues: tuple[ConfiguredName, ...] = Field(
        (),
        description="Of the kind agent: for callers of these queues (of all that no other survey names)."
        " A transferred call counts for the queue of its last agent.",
        examples=[["wealth"]],
    )
    languages: tuple[Language, ...] = Field(
        min_length=1, description="For callers who speak these.", examples=[["zh", "en"]]
    )
    intro: Speech = Field(
        description="Heard before the first question, which follows at once.",
        examples=["survey-intro"],
    )
    thanks: Speech = Field(
        Speech(("survey-thanks",)), description="Heard at the end (survey-thanks)."
    )
    opted_out: Speech = Field(
        Speech(("survey-opted-out",)),
        description="Heard by who opts out (survey-opted-out).",
    )
    refuse: Annotated[str, Field(pattern=r"^[*#]$")] = Field(
        "#", description="The key that refuses one question; the next follows (#).", examples=["#"]
    )
    opt_out: Annotated[str, Field(pattern=r"^[*#]{1,2}$")] = Field(
        "**",
        description="What is keyed to be asked never again, by any survey (**). No digit, which would"
        " be an answer.",
        examples=["**"],
    )
    timeout: PositiveDuration = Field(
        4_000, description="From the end of a question to the first key (4s)."
    )
    interdigit: PositiveDuration = Field(
        1_500, description="From a 1 to the 0 of a 10, and from one * to the next (1500ms)."
    )
    questions: dict[Name, Question] = Field(
        min_length=1,
        max_length=10,
        description="The questions, by name.",
        examples=[
            {"satisfied": {"ask": "survey-satisfied", "answer": "scale", "measures": "csat"}}
        ],
    )
    opens_case: Opens | None = Field(
        None,
        description="The answers that open a case.",
        examples=[{"kind": "complaint", "when": {"satisfied": "1-2"}}],
    )
    most_questions: int = Field(
        MOST_QUESTIONS,
        ge=1,
        le=10,
        strict=True,
        description="How many questions one caller may be asked (3).",
    )
    longest: PositiveDuration = Field(
        MOST_MS,
        description="How long it may take a caller who answers each question when first asked (60s).",
    )
    note: str | None = Field(
        None,
        description="For people; nothing reads it.",
        examples=["Agreed with the works council."],
    )

    @model_validator(mode="after")
    def _keys_apart(self) -> SurveyDocument:
        if self.opt_out.startswith(self.refuse):
            raise BadValue(
                f"{self.opt_out} begins with {self.refuse}, which refuses a question",
                'write opt_out: "**" and refuse: "#"',
            )
        if self.for_queues and self.kind is not Kind.AGENT:
            raise BadValue("for_queues of a survey that is not about agents", "kind: agent")
        return self

    def following(self, answered: Mapping[str, str]) -> str | None:
        """Return the question that comes after what was answered so far; None: that was all.

        `answered` holds all that was asked, in any order, with an empty text for no answer.
        """
        return next((name for name in self.questions if self._asked(name, answered)), None)

    def _asked(self, name: str, answered: Mapping[str, str]) -> bool:
        only = self.questions[name].only.items()
        return name not in answered and all(answered.get(one) in some for one, some in only)

    def branches(self, answered: Mapping[str, str]) -> tuple[tuple[str, tuple[bool, ...]], ...]:
        """Return all that what follows depends on: the questions left, and whether what is answered has
        them asked."""
        return tuple(
            (name, tuple(answered.get(one) in some for one, some in question.only.items()))
            for name, question in self.questions.items()
            if name not in answered
        )

    def spoken(self) -> Iterator[tuple[str, Speech]]:
        """Yield all that it says, with the key where it stands."""
        yield "intro", self.intro
        for name, question in self.questions.items():
            yield f"questions.{name}.ask", question.ask
        yield from (("thanks", self.thanks), ("opted_out", self.opted_out))

    def speeches(self) -> Iterator[Speech]:
        """Yield all that it says."""
        yield from (speech for _, speech in self.spoken())
