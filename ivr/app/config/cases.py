"""Where cases are kept."""

from __future__ import annotations

from pydantic import Field

from ivr.app.config.section import Section
from ivr.model.duration import Duration


class CasesConfig(Section):
    """The book of cases (docs/cases.md)."""

    backend: str = Field("database", description="`database`: where `database` says.")
    budget: Duration = Field(3000, description="Longest that a caller waits for it.")
