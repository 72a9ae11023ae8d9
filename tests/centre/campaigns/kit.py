"""Campaigns and contacts of tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from ivr.model.campaigns import CampaignDocument
from ivr.ports.campaigns import Contact

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def campaign(**said: Any) -> CampaignDocument:
    """Return a campaign of reminders; what is said differs from it."""
    return CampaignDocument.model_validate(
        {
            "campaign": "reminders",
            "kind": "reminder",
            "talks": "reminder",
            "queue": "service",
            "languages": ["zh", "en"],
            "hours": "contact",
            "outcomes": {
                "promised": {},
                "follow-up": {"again": "24h", "stage": "follow-up"},
                "appointment": {"stage": "appointment"},
            },
            **said,
        }
    )


def contact(**said: Any) -> Contact:
    """Return somebody on its list who is to be called now."""
    telephone = "13800001111"
    days = timedelta(days=14)
    return replace(
        Contact(1, "reminders", telephone, telephone, "zh", NOW, NOW + days, "C1001"), **said
    )
