"""The demo bank's data, in every file that it is spread over."""

from __future__ import annotations

from pathlib import Path

from ivr.adapters.bank import demo as bank
from ivr.adapters.knowledge import demo as knowledge
from ivr.adapters.notify import embedded as notify

KNOWLEDGE = "knowledge.sqlite"
NOTIFY = "notify.sqlite"


def seed(file: Path) -> int:
    """Put the demo's customers and accounts into a bank, and branches, fees and the numbers of
    handsets into files beside it; what is there already stays. Return the accounts added.

    Raises PortError.
    """
    added = bank.seed(file)
    knowledge.seed(file.with_name(KNOWLEDGE))
    own = ((owner, number) for number, owner in bank.PHONES if number != bank.SHARED_PHONE)
    notify.seed(file.with_name(NOTIFY), own)
    return added
