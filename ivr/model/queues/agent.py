"""What `flows/agents.yaml` may hold: who works here, and what they can do. No credentials."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from ivr.model.document import Document, Language, Name, VariableName

AgentId = Annotated[str, Field(pattern=r"^[0-9]{4,6}$")]
SkillKind = Literal["level", "truth"]
Level = Annotated[int, Strict(), Field(ge=1, le=100)]


class AgentDocument(Document):
    """An agent."""

    name: str = Field(min_length=1, max_length=64, description="Their name.", examples=["王芳"])
    skills: dict[VariableName, Level | Annotated[bool, Strict()]] = Field(
        {},
        description="What they can do: levels of 1 to 100, or true. What is not here, they cannot.",
        examples=[{"wealth": 80, "complaints": True}],
    )
    languages: tuple[Language, ...] = Field(
        ("zh",), min_length=1, description="The languages they speak.", examples=[["zh", "en"]]
    )
    second_line: bool = Field(
        False, strict=True, description="Whether they only help when it is needed (no)."
    )


class AgentsDocument(Document):
    """All agents of the hotline."""

    agents: dict[AgentId, AgentDocument] = Field(
        min_length=1,
        description="The agents, by their number of 4 to 6 digits.",
        examples=[{"1001": {"name": "王芳", "skills": {"wealth": 80}}}],
    )
    skills: dict[VariableName, SkillKind] = Field(
        {},
        description="The skills there are: those with levels, and those that one has or has not.",
        examples=[{"wealth": "level", "complaints": "truth"}],
    )
    reasons: dict[Annotated[str, Field(pattern=r"^[0-9]$")], Name] = Field(
        {}, description="Reason codes of pauses, by their key.", examples=[{"1": "break"}]
    )
    dispositions: dict[Annotated[str, Field(pattern=r"^[0-9]{2}$")], Name] = Field(
        {},
        description="What a call was about, by two keys.",
        examples=[{"01": "solved", "02": "follow-up"}],
    )
    note: str | None = Field(
        None, description="For people; nothing reads it.", examples=["Ask the floor manager first."]
    )
