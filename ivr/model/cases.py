"""What `flows/cases.yaml` may hold: kinds of cases, their owners and their clocks."""

from __future__ import annotations

from pydantic import Field

from ivr.model.document import Document, Name


class CasesDocument(Document):
    """Kinds of cases."""

    cases: dict[Name, object] = Field(description="The kinds, by name.")
