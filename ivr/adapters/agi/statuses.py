"""How Asterisk's words for the end of a dial or a bridge map to ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ivr.ports.line import DialStatus

DIAL: Final[Mapping[str, DialStatus]] = {
    "ANSWER": DialStatus.ANSWERED,
    "BUSY": DialStatus.BUSY,
    "NOANSWER": DialStatus.NO_ANSWER,
    "CANCEL": DialStatus.NO_ANSWER,
}
"""DIALSTATUS; anything else (CHANUNAVAIL, CONGESTION, DONTCALL ...) is UNAVAILABLE."""

BRIDGE: Final[Mapping[str, DialStatus]] = {"SUCCESS": DialStatus.ANSWERED}
"""BRIDGERESULT; anything else (NONEXISTENT, FAILURE, LOOP ...) is UNAVAILABLE."""
