"""What happened in the plain queue while there was no engine, as Asterisk's queue_log tells it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo

import msgspec

from ivr.adapters.ami.queue_log import QueueLogEntry
from ivr.ports.waiting import Leaving

_TALKED = "TALKED"
"""What our dialplan writes: an agent has ended a conversation that the engine did not see the end of."""
_ENDS = {"COMPLETEAGENT": "agent", "COMPLETECALLER": "caller"}
_LEAVES = {
    "ABANDON": Leaving.ABANDONED,
    "EXITWITHTIMEOUT": Leaving.TIMEOUT,
    "EXITEMPTY": Leaving.EMPTY,
}


class Meanwhile(msgspec.Struct):
    """A call in the plain queue: since when, with which agent from when to when, ended by whom; and how
    it left, if it did. Of a conversation that was `known` before it is only told when it ended."""

    call_id: str
    entered: datetime
    agent: str = ""
    connected: datetime | None = None
    ended: datetime | None = None
    by: str = ""
    how: Leaving | None = None
    known: bool = False


def meanwhile(entries: Iterable[QueueLogEntry], queue: str, zone: tzinfo | None) -> list[Meanwhile]:
    """Return the calls that entered a queue, or whose conversations ended, in order. The log's times are
    whole seconds."""
    calls: dict[str, Meanwhile] = {}
    for entry in entries:
        if entry.queue != queue:
            continue
        at = datetime.fromtimestamp(entry.time, zone)
        if entry.event == "ENTERQUEUE":
            calls[entry.call_id] = Meanwhile(entry.call_id, at)
        elif entry.event == _TALKED:
            calls[entry.call_id] = Meanwhile(
                entry.call_id, at, ended=at, by="agent", how=Leaving.SERVED, known=True
            )
        call = calls.get(entry.call_id)
        if call is None:
            continue
        if entry.event == "CONNECT":
            call.agent, call.connected = entry.agent, at
        elif entry.event in _ENDS:
            call.ended, call.by, call.how = at, _ENDS[entry.event], Leaving.SERVED
        elif entry.event in _LEAVES:
            call.ended, call.how = at, _LEAVES[entry.event]
    return list(calls.values())
