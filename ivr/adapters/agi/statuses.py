"""How Asterisk's words for the end of a dial or a queue map to ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ivr.ports.line import DialStatus, QueueStatus

DIAL: Final[Mapping[str, DialStatus]] = {
    "ANSWER": DialStatus.ANSWERED,
    "BUSY": DialStatus.BUSY,
    "NOANSWER": DialStatus.NO_ANSWER,
    "CANCEL": DialStatus.NO_ANSWER,
}
"""DIALSTATUS; anything else (CHANUNAVAIL, CONGESTION, DONTCALL ...) is UNAVAILABLE."""

QUEUE: Final[Mapping[str, QueueStatus]] = {
    "CONTINUE": QueueStatus.SERVED,
    "TIMEOUT": QueueStatus.TIMEOUT,
    "FULL": QueueStatus.FULL,
    "JOINEMPTY": QueueStatus.EMPTY,
    "LEAVEEMPTY": QueueStatus.EMPTY,
    "JOINUNAVAIL": QueueStatus.EMPTY,
    "LEAVEUNAVAIL": QueueStatus.EMPTY,
    "WITHDRAW": QueueStatus.WITHDRAWN,
    "": QueueStatus.KEY,
}
"""QUEUESTATUS. Asterisk sets none when a key took the caller out; UNKNOWN is a queue it has not."""
