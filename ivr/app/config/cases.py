"""Where cases are kept."""

from __future__ import annotations

from pydantic import Field

from ivr.app.config.section import Section
from ivr.model.document import Language
from ivr.model.duration import Duration


class CasesConfig(Section):
    """The book of cases (docs/cases.md)."""

    backend: str = Field("database", description="`database`: where `database` says.")
    budget: Duration = Field(3000, description="Longest that a caller waits for it.")
    owners: dict[str, str] = Field(
        {},
        description="Under which number the message system (`notify`) knows an owner of cases, a desk or an "
        "agent: they are told by a message, too, when they are reminded, when a case comes up the ladder to "
        'them, and when it is overdue: `{complaints: "S-7001", "1008": "S-1008"}`.',
    )
    language: Language = Field("zh", description="The language of messages to owners.")
