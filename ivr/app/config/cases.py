"""Where cases are kept."""

from __future__ import annotations

from pydantic import Field

from ivr.app.config.section import Section
from ivr.model.duration import Duration


class CasesConfig(Section):
    """The book of cases (docs/cases.md)."""

    backend: str = Field("sqlite", description="`sqlite`: a file of the state folder.")
    budget: Duration = Field(3000, description="Longest that a caller waits for it.")
