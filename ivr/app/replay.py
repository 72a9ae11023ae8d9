"""A stored call, run again from its journal: the same bytes, or what is different."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from ivr.adapters.store.codec import encode as encode_event
from ivr.app.config import Config
from ivr.app.ledger import open_ledger, stored_flows
from ivr.engine.journal import Began, decode, encode
from ivr.engine.replay import Divergence, rerun, told
from ivr.model.errors import OneCallError
from ivr.model.flow import FlowSet
from ivr.ports.store import StampedEvent, Store


class NoSuchCall(OneCallError):
    """The store has no journal of this call."""


class Recording(msgspec.Struct, frozen=True):
    """What is kept of a call: its events, its journal, and the flows it ran on."""

    events: Sequence[StampedEvent]
    journal: Sequence[bytes]
    flows: FlowSet


class Replayed(msgspec.Struct, frozen=True):
    """A call as it was (`events`), and what was compared with its replay: the bytes of `commands` and
    of events, whose SHA-256 is `digest`; or how the replay was different."""

    events: Sequence[StampedEvent]
    commands: int = 0
    digest: str = ""
    difference: str = ""


async def replay(config: Config, call_id: str) -> Replayed:
    """Run a call again, on the flows it ran on, and compare every byte.

    Raises NoSuchCall, ReleaseError for a version that is not kept, JournalError, PortError.
    """
    async with open_ledger(config) as ledger:
        recording = await recorded(ledger.store, call_id)
    events = [one.event for one in recording.events if not one.event.told_aside]
    then = [encode_event(event) for event in events]
    again: list[bytes] = []
    commands: list[bytes] = []
    try:
        moments = rerun(recording.flows, recording.journal, config.limits.limits())
        for moment in told(moments, events):
            if moment.command.journalled:
                commands.append(encode(moment.command))
            if moment.event is not None:
                again.append(encode_event(moment.event))
    except Divergence as diverged:
        return Replayed(recording.events, difference=str(diverged))
    difference = _difference(then, again)
    if difference:
        return Replayed(recording.events, difference=difference)
    digest = hashlib.sha256(b"\n".join([*commands, *again])).hexdigest()
    return Replayed(recording.events, len(commands), digest)


def _difference(then: Sequence[bytes], again: Sequence[bytes]) -> str:
    for number, (was, now) in enumerate(zip(then, again, strict=False), 1):
        if was != now:
            return f"event {number} was {was.decode()}, and is {now.decode()}"
    same = len(then) == len(again)
    return "" if same else f"{len(then)} events then, {len(again)} now"


async def recorded(store: Store, call_id: str) -> Recording:
    """Return what is kept of a call. Raises NoSuchCall, ReleaseError, JournalError, PortError."""
    journal = await store.journal.read(call_id)
    began = next((one for one in decode(journal) if isinstance(one, Began)), None)
    if began is None:
        raise NoSuchCall(
            f"there is no journal of a call {call_id}; `ivr calls` lists those there are"
        )
    flows = await stored_flows(store, began.session.version)
    return Recording(await store.read_events(call_id), journal, flows)
