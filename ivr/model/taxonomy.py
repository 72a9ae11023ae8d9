"""What `flows/taxonomy.yaml` may hold: the themes that customers' words and cases are sorted into."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from ivr.model.cases import Owner
from ivr.model.document import Document, Language, Name, Number
from ivr.model.problem import BadValue
from ivr.model.queues.rules import Share
from ivr.model.surveys.answers import Answers

StepName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}\.[a-z0-9][a-z0-9_-]{0,63}$")]
"""A step, with its flow: `main.menu`. A question of a survey, and a theme of a group, are written alike."""
Question = StepName
ThemeName = StepName
BranchNumber = Annotated[str, Field(pattern=r"^[0-9]{1,8}$")]
Names = dict[Language, Annotated[str, Field(min_length=1, max_length=40)]]
Words = Annotated[tuple[Annotated[str, Field(min_length=2)], ...], Field(min_length=1)]


class Said(Document):
    """Ways in which customers say something."""

    steps: tuple[StepName, ...] = Field(
        (), description="Steps of flows, each with its flow.", examples=[["main.complain"]]
    )
    dispositions: tuple[Name, ...] = Field(
        (), description="What agents said a call was about.", examples=[["complaint"]]
    )
    cases: tuple[Name, ...] = Field((), description="Kinds of cases.", examples=[["complaint"]])
    answers: dict[Question, Answers] = Field(
        {},
        description="Questions of surveys, each with its survey, and what was answered.",
        examples=[{"after-agent.satisfied": "1-2"}],
    )
    callbacks: tuple[Literal["failed", "expired"], ...] = Field(
        (), description="What became of a promised call.", examples=[["failed", "expired"]]
    )

    def given(self) -> Iterator[str]:
        """Yield the names of the ways that are given."""
        return (name for name in type(self).model_fields if getattr(self, name))


class Rule(Said):
    """What leads to a theme: of every line that is given, one thing must hold."""

    theme: ThemeName = Field(description="The theme, with its group.", examples=["cards.fees"])
    queues: tuple[Name, ...] = Field(
        (), description="The queue that the call waited in last.", examples=[["cards"]]
    )
    words: dict[Language, Words] = Field(
        {},
        description="Words that the text has, of any language; capitals do not matter.",
        examples=[{"zh": ["年费"], "en": ["annual fee"]}],
    )

    @model_validator(mode="after")
    def _something(self) -> Rule:
        if list(self.given()) == ["theme"]:
            raise BadValue("a rule that fits everything", "write words, cases, dispositions …")
        return self


class Theme(Document):
    """A theme of a group."""

    name: Names = Field(
        description="What it is called, by language.",
        examples=[{"zh": "年费", "en": "Annual fees"}],
    )


class Group(Document):
    """Themes that belong together."""

    name: Names = Field(
        description="What it is called, by language.", examples=[{"zh": "银行卡", "en": "Cards"}]
    )
    themes: dict[Name, Theme] = Field(
        min_length=1,
        description="Its themes, by name.",
        examples=[{"fees": {"name": {"zh": "年费", "en": "Annual fees"}}}],
    )

    @model_validator(mode="after")
    def _apart(self) -> Group:
        for language, name in _twice(self.themes.values()):
            raise BadValue(f"two themes are called {name} in {language}", "give each its own name")
        return self


class Branch(Document):
    """A branch, or a department, to which its customers' words are fed back."""

    name: Names = Field(
        description="What it is called, by language.",
        examples=[{"zh": "东城支行", "en": "Dongcheng branch"}],
    )
    numbers: tuple[Number, ...] = Field(
        (), description="Calls to these numbers are its own.", examples=[["95502"]]
    )
    queues: tuple[Name, ...] = Field(
        (), description="Calls that waited in these queues are its own.", examples=[["cards"]]
    )
    desks: tuple[Owner, ...] = Field(
        (),
        description="Cases that were opened for these desks are its own.",
        examples=[["branch-102"]],
    )


class Merging(Document):
    """When several things said are one matter."""

    days: int = Field(
        7,
        ge=1,
        le=90,
        strict=True,
        description="The same customer on the same theme within so many days, or two texts that are nearly equal (7).",
    )
    alike: Share = Field(
        0.8, description="How much two such texts have in common (80%).", examples=["80%"]
    )


class Classifying(Document):
    """The classifier that learns from corrections; it is asked only where no rule fits."""

    confidence: Share = Field(
        0.6, description="How sure it must be to be believed (60%).", examples=["60%"]
    )
    least: int = Field(
        40, ge=10, strict=True, description="Before so many corrections it is not asked (40)."
    )


class Feedback(Document):
    """What is sent to branches every month."""

    days: int = Field(
        14, ge=1, le=90, strict=True, description="They reply within so many days (14)."
    )


class TaxonomyDocument(Document):
    """Themes, what leads to them, and to whom they are fed back."""

    taxonomy: dict[Name, Group] = Field(
        min_length=1,
        description="Groups of themes, by name.",
        examples=[{"cards": {"name": {"zh": "银行卡", "en": "Cards"}, "themes": {}}}],
    )
    collect: Said = Field(
        Said(),
        description="What is heard beside cases and recorded comments: any of these.",
        examples=[{"dispositions": ["complaint"], "answers": {"after-agent.satisfied": "1-2"}}],
    )
    complaints: Said = Field(
        Said(),
        description="What of it is a complaint: any of these.",
        examples=[{"cases": ["complaint"], "dispositions": ["complaint"]}],
    )
    rules: tuple[Rule, ...] = Field(
        (),
        description="What leads to which theme; the first that fits holds.",
        examples=[[{"theme": "cards.fees", "words": {"zh": ["年费"], "en": ["annual fee"]}}]],
    )
    branches: dict[BranchNumber, Branch] = Field(
        {},
        description="Branches by number, in quotes; what is nobody's is the head office's.",
        examples=[{"102": {"name": {"zh": "东城支行", "en": "Dongcheng branch"}}}],
    )
    merge: Merging = Field(
        Merging(), description="What is one matter, said several times.", examples=[{"days": 7}]
    )
    classifier: Classifying = Field(
        Classifying(),
        description="The classifier that learns from corrections.",
        examples=[{"confidence": "60%"}],
    )
    feedback: Feedback = Field(
        Feedback(), description="What is sent to branches.", examples=[{"days": 14}]
    )
    note: str | None = Field(
        None, description="For people; nothing reads it.", examples=["Ask quality before changing."]
    )

    def themes(self) -> dict[str, Theme]:
        """Return the themes of all groups, by `group.theme`, in their order."""
        return {
            f"{group}.{name}": theme
            for group, document in self.taxonomy.items()
            for name, theme in document.themes.items()
        }

    @model_validator(mode="after")
    def _one_owner(self) -> TaxonomyDocument:
        for kind in ("numbers", "queues", "desks"):
            owned = Counter(
                one for branch in self.branches.values() for one in getattr(branch, kind)
            )
            for one, count in owned.items():
                if count > 1:
                    raise BadValue(f"{one} belongs to two branches", "give it to one of them")
        for language, name in _twice(self.taxonomy.values()):
            raise BadValue(f"two groups are called {name} in {language}", "give each its own name")
        return self


def _twice(named: Iterable[Theme | Group]) -> Iterator[tuple[str, str]]:
    """Yield the names that stand twice, with their languages."""
    counts = Counter(pair for one in named for pair in one.name.items())
    return (pair for pair, count in counts.items() if count > 1)
