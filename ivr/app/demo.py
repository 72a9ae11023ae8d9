"""The demo bank's data, in every file that it is spread over."""

from __future__ import annotations

from pathlib import Path

from ivr.adapters.bank import demo as bank
from ivr.adapters.knowledge import demo as knowledge

KNOWLEDGE = "knowledge.sqlite"


def seed(file: Path) -> int:
    """Put the demo's customers and accounts into a bank, and what is no secret into a file beside it;
    what is there already stays. Return the accounts added. Raises PortError."""
    added = bank.seed(file)
    knowledge.seed(file.with_name(KNOWLEDGE))
    return added
