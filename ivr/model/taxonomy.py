"""What `flows/taxonomy.yaml` may hold: the themes that customers' words and cases are sorted into."""

from __future__ import annotations

from pydantic import Field

from ivr.model.document import Document, Name


class TaxonomyDocument(Document):
    """Themes."""

    taxonomy: dict[Name, object] = Field(description="The themes, by name.")
