"""What `flows/survey_rules.yaml` and `flows/surveys/NAME.yaml` may hold: who is asked what about the service."""

from __future__ import annotations

from pydantic import Field

from ivr.model.document import Document, Name


class SurveyDocument(Document):
    """A survey: what callers are asked."""

    survey: Name = Field(
        description="The survey's name: the file's, without .yaml.", examples=["after-agent"]
    )


class SurveyRulesDocument(Document):
    """The rules of all surveys: whom they are for, and how those are asked who have hung up."""

    survey_rules: dict[str, object] = Field(description="The rules.")
