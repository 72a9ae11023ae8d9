"""What happened in the plain queue while there was no engine, as Asterisk's queue_log tells it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, tzinfo

import msgspec

from ivr.adapters.ami.queue_log import QueueLogEntry
from ivr.ports.waiting import Leaving

_ANSWERED, _TALKED = "ANSWERED", "TALKED"
"""What our dialplan writes while the engine is away: an agent who was rung for a caller has answered; an
agent has ended a conversation."""
_ENDS = {"COMPLETEAGENT": "agent", "COMPLETECALLER": "caller", _TALKED: "agent"}
_NUMBER = re.compile(r"\+?[0-9]{1,20}")
_LEAVES = {
    "ABANDON": Leaving.ABANDONED,
    "EXITWITHTIMEOUT": Leaving.TIMEOUT,
    "EXITEMPTY": Leaving.EMPTY,
}


class Meanwhile(msgspec.Struct):
    """A call (of `ani`) in the plain queue: since when, with which agent from when to when, ended by whom; and how
    it left, if it did. Of one that an agent was
    rung for before, or talked with (`known`), it is told when they answered, and when they had talked."""

    call_id: str
    entered: datetime
    agent: str = ""
    connected: datetime | None = None
    ended: datetime | None = None
    by: str = ""
    how: Leaving | None = None
    known: bool = False
    ani: str = ""


def meanwhile(entries: Iterable[QueueLogEntry], queue: str, zone: tzinfo | None) -> list[Meanwhile]:
    """Return the calls that entered a queue, or whose conversations ended, in order. The log's times are
    whole seconds."""
    calls: dict[str, Meanwhile] = {}
    for entry in entries:
        if entry.queue == queue:
            at = datetime.fromtimestamp(entry.time, zone)
            if entry.event == "ENTERQUEUE":
                calls[entry.call_id] = Meanwhile(entry.call_id, at, ani=_ani(entry))
            elif entry.event in (_ANSWERED, _TALKED):
                calls.setdefault(entry.call_id, Meanwhile(entry.call_id, at, known=True))
            if entry.call_id in calls:
                _take(calls[entry.call_id], entry, at)
    return list(calls.values())


def _ani(entry: QueueLogEntry) -> str:
    """Return the number of a caller who enters, as far as it is one."""
    number = entry.data[1] if len(entry.data) > 1 else ""
    return number if _NUMBER.fullmatch(number) else ""


def _take(call: Meanwhile, entry: QueueLogEntry, at: datetime) -> None:
    """Take what an entry tells of a call."""
    if entry.event == "CONNECT":
        call.agent, call.connected = entry.agent, at
    elif entry.event == _ANSWERED:
        call.connected = at
    elif entry.event in _ENDS:
        call.ended, call.by, call.how = at, _ENDS[entry.event], Leaving.SERVED
    elif entry.event in _LEAVES:
        call.ended, call.how = at, _LEAVES[entry.event]
