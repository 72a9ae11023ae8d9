"""What happened in the plain queue while there was no engine, as Asterisk's queue_log tells it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, tzinfo

import msgspec

from ivr.adapters.ami.queue_log import QueueLogEntry
from ivr.ports.waiting import Leaving

_ALONE, _ANSWERED, _TALKED = "ALONE", "ANSWERED", "TALKED"
_PARTED, _GONE = "PARTED", "GONE"
_OURS = {_ALONE, _ANSWERED, _TALKED, _PARTED, _GONE}
"""What our dialplan writes, with its own time: a caller has lost the engine, or found none; an agent who was
rung for a caller has answered; an agent has ended a conversation; an agent's leg is gone, and whose hang-up
that was; a caller who was alone is gone."""
_ENDS = {"COMPLETEAGENT": "agent", "COMPLETECALLER": "caller"}
_MOMENT = re.compile(r"[0-9]{1,12}\.[0-9]{3}")
_NUMBER = re.compile(r"\+?[0-9]{1,20}")
_LEAVES = {
    "ABANDON": Leaving.ABANDONED,
    "EXITWITHTIMEOUT": Leaving.TIMEOUT,
    "EXITEMPTY": Leaving.EMPTY,
}


class Meanwhile(msgspec.Struct):
    """A call (of `ani`) in the plain queue: since when without an engine, with which agent from when to when,
    on the agent's `channel`, ended by whom; how it left, if it did, and when the caller was `gone`. Of one that
    is `known` from before, it is told when an agent who was rung has answered, and when they had talked."""

    call_id: str
    entered: datetime
    agent: str = ""
    connected: datetime | None = None
    ended: datetime | None = None
    by: str = ""
    how: Leaving | None = None
    known: bool = False
    ani: str = ""
    channel: str = ""
    gone: datetime | None = None


def meanwhile(entries: Iterable[QueueLogEntry], queue: str, zone: tzinfo | None) -> list[Meanwhile]:
    """Return the calls that entered a queue, or whose conversations ended, or that are gone, in order. The
    times of what Asterisk's own queue writes are whole seconds."""
    calls: dict[str, Meanwhile] = {}
    alone: dict[str, datetime] = {}
    for entry in entries:
        if entry.queue == queue:
            at = datetime.fromtimestamp(_time(entry), zone)
            if entry.event == _ALONE:
                alone[entry.call_id] = at
            elif entry.event == "ENTERQUEUE":
                since = alone.get(entry.call_id, at)
                calls[entry.call_id] = Meanwhile(entry.call_id, since, ani=_ani(entry))
            elif entry.event in _OURS:
                calls.setdefault(entry.call_id, Meanwhile(entry.call_id, at, known=True))
            if entry.call_id in calls:
                _take(calls[entry.call_id], entry, at)
    return list(calls.values())


def unix_time(told: str) -> float | None:
    """Return a time as our dialplan writes it; None for anything else."""
    return float(told) if _MOMENT.fullmatch(told) else None


def _time(entry: QueueLogEntry) -> float:
    """Return when it was, in Unix time."""
    ours = entry.data and entry.event in _OURS
    told = unix_time(entry.data[0]) if ours else None
    return entry.time if told is None else told


def _by(entry: QueueLogEntry) -> str:
    """Return whose hang-up parted two; nothing where Asterisk does not know."""
    source = entry.data[1] if len(entry.data) > 1 else ""
    if not source:
        return "unknown"
    return "agent" if source == entry.agent else "caller"


def _ani(entry: QueueLogEntry) -> str:
    """Return the number of a caller who enters, as far as it is one."""
    number = entry.data[1] if len(entry.data) > 1 else ""
    return number if _NUMBER.fullmatch(number) else ""


def _take(call: Meanwhile, entry: QueueLogEntry, at: datetime) -> None:
    """Take what an entry tells of a call. What our dialplan tells is exact, and stands."""
    if entry.event == "CONNECT":
        call.agent, call.connected = entry.agent, call.connected if call.channel else at
    elif entry.event == _ANSWERED:
        call.connected, call.channel, call.ended, call.by = at, entry.agent, None, ""
    elif entry.event == _PARTED:
        if call.how is None or call.channel == entry.agent:
            call.ended, call.by, call.channel = at, _by(entry), entry.agent
    elif entry.event == _TALKED:
        call.ended, call.by, call.how, call.channel = at, "agent", Leaving.SERVED, ""
    elif entry.event in _ENDS:
        call.ended, call.by, call.how = call.ended or at, _ENDS[entry.event], Leaving.SERVED
    elif entry.event in _LEAVES:
        call.ended, call.how = at, _LEAVES[entry.event]
    elif entry.event == _GONE:
        call.gone = at
