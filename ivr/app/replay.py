"""A stored call, run again from its journal: the same bytes, or what is different."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from ivr.adapters.flowfile import load_files
from ivr.adapters.store.codec import encode as encode_event
from ivr.app.config import Config
from ivr.app.history import NoCalls, history
from ivr.engine.journal import Began, decode, encode
from ivr.engine.replay import Divergence, rerun
from ivr.model.errors import FlowError
from ivr.model.flow import FlowSet
from ivr.ports.store import StampedEvent, Store


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

    Raises NoCalls, FlowError for a version that is not kept, PortError.
    """
    async with history(config) as store:
        recording = await recorded(store, call_id)
    then = _told(recording)
    again: list[bytes] = []
    commands: list[bytes] = []
    try:
        for moment in rerun(recording.flows, recording.journal, config.limits.limits()):
            if moment.command.journalled:
                commands.append(encode(moment.command))
            if moment.event is not None:
                again.append(encode_event(moment.event))
    except Divergence as difference:
        return Replayed(recording.events, difference=str(difference))
    for number, (was, now) in enumerate(zip(then, again, strict=False), 1):
        if was != now:
            changed = f"event {number} was {was.decode()}, and is {now.decode()}"
            return Replayed(recording.events, difference=changed)
    if len(then) != len(again):
        counted = f"{len(then)} events then, {len(again)} now"
        return Replayed(recording.events, difference=counted)
    digest = hashlib.sha256(b"\n".join([*commands, *again])).hexdigest()
    return Replayed(recording.events, len(commands), digest)


async def recorded(store: Store, call_id: str) -> Recording:
    """Return what is kept of a call. Raises NoCalls, FlowError, PortError."""
    journal = await store.journal.read(call_id)
    began = next((one for one in decode(journal) if isinstance(one, Began)), None)
    if began is None:
        raise NoCalls(f"there is no journal of a call {call_id}; `ivr calls` lists those there are")
    version = began.session.version
    files = await store.version_files(version)
    if files is None:
        raise FlowError(f"the flows of version {version[:12]} are not kept")
    return Recording(await store.read_events(call_id), journal, load_files(files))


def _told(recording: Recording) -> list[bytes]:
    """Return the events as they are stored, without those that no command and answer brings."""
    return [encode_event(one.event) for one in recording.events if not one.event.told_aside]
