"""A stored call, run again from its journal."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ivr.adapters.clock import SystemClock
from ivr.adapters.flowfile import load_files
from ivr.adapters.store.sqlite import SqliteStore
from ivr.app.config import Config
from ivr.engine.journal import Began, Divergence, Replay, decode
from ivr.model.errors import FlowError, OneCallError
from ivr.model.events import PromptMissing
from ivr.ports.store import StampedEvent


class NoSuchCall(OneCallError):
    """The store has no journal of this call."""


class Replayed(msgspec.Struct, frozen=True):
    """A call as it was (`events`) and whether its replay was the same; if not, `difference`."""

    events: Sequence[StampedEvent]
    difference: str = ""


async def replay(config: Config, call_id: str) -> Replayed:
    """Run a call again, on the flows it ran on, and compare every event.

    Raises NoSuchCall, FlowError for a version that is not kept, PortError.
    """
    store = await SqliteStore.open(config.state / "onecall.sqlite", SystemClock(config.zone))
    try:
        entries = await store.journal.read(call_id)
        events = await store.read_events(call_id)
        began = next((one for one in decode(entries) if isinstance(one, Began)), None)
        if began is None:
            raise NoSuchCall(f"there is no journal of a call {call_id}")
        files = await store.version_files(began.session.version)
    finally:
        await store.close()
    if files is None:
        raise FlowError(f"the flows of version {began.session.version[:12]} are not kept")
    again = Replay(load_files(files), config.limits.limits())
    try:
        again.run(entries)
    except Divergence as difference:
        return Replayed(events, str(difference))
    # What a dialogue reports by itself (a missing recording) is no answer to a command.
    then = [one.event for one in events if not isinstance(one.event, PromptMissing)]
    for number, (was, now) in enumerate(zip(then, again.events, strict=False), 1):
        if was != now:
            return Replayed(events, f"event {number} was {was}, and is {now}")
    if len(then) != len(again.events):
        return Replayed(events, f"{len(then)} events then, {len(again.events)} now")
    return Replayed(events)
