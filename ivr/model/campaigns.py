"""What `flows/campaigns/NAME.yaml` may hold: whom the bank calls, when, and what about."""

from __future__ import annotations

from pydantic import Field

from ivr.model.document import Document, Name


class CampaignDocument(Document):
    """A campaign: calls that the bank begins."""

    campaign: Name = Field(
        description="The campaign's name: the file's, without .yaml.", examples=["reminders"]
    )
