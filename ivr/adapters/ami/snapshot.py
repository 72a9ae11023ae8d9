"""What Asterisk's channels and queues are, asked whole: after each login, before any event."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import msgspec

from ivr.adapters.ami.link import Link
from ivr.adapters.ami.messages import AmiMessage, AmiRefused
from ivr.adapters.ami.queue_log import QueueLogEntry, read_queue_log
from ivr.model.errors import PortError
from ivr.ports.switch import ChannelInfo

_BUDGET_MS = 5_000
_BOOTING_MS = 250
_BOOTING_TRIES = 40
"""Asterisk answers AMI before its queues are loaded: ask again for up to ten seconds."""

_LOG = logging.getLogger("ivr.ami")


class Snapshot(msgspec.Struct, frozen=True):
    """The state at a login.

    `queues` are the events of QueueStatus (QueueParams, QueueMember, QueueEntry). `missed` are the
    queue_log entries since the last second in which the previous connection was heard; those of
    that second may have been seen as events. `asterisk` is whose state it is, empty for the only one.
    """

    channels: tuple[ChannelInfo, ...]
    queues: tuple[AmiMessage, ...]
    missed: tuple[QueueLogEntry, ...] = ()
    asterisk: str = ""


async def take(link: Link, queue_log: Path | None, since: int | None) -> Snapshot:
    """Ask for everything. `since` is when the previous connection was last heard (Unix seconds)."""
    channels = await core_channels(link)
    queues = await _queues(link)
    missed: list[QueueLogEntry] = []
    if queue_log is not None and since is not None:
        try:
            missed = await asyncio.to_thread(read_queue_log, queue_log, since)
        except PortError as error:
            _LOG.error("%s; what happened in queues meanwhile stays unknown", error)
    return Snapshot(channels, queues, tuple(missed))


async def core_channels(link: Link, budget_ms: int = _BUDGET_MS) -> tuple[ChannelInfo, ...]:
    """Return all channels."""
    answer = await link.ask("CoreShowChannels", {}, budget_ms)
    return tuple(_channel(one) for one in answer if one.name == "CoreShowChannel")


async def _queues(link: Link) -> tuple[AmiMessage, ...]:
    for _ in range(_BOOTING_TRIES):
        try:
            answer = await link.ask("QueueStatus", {}, _BUDGET_MS)
        except AmiRefused as refused:
            if "unknown command" not in refused.reason:
                raise
            await asyncio.sleep(_BOOTING_MS / 1000)
        else:
            return tuple(one for one in answer[1:] if one.name != "QueueStatusComplete")
    _LOG.warning("ami: this Asterisk has no queues: is app_queue loaded?")
    return ()


def _channel(event: AmiMessage) -> ChannelInfo:
    return ChannelInfo(
        channel=event["Channel"],
        uniqueid=event["Uniqueid"],
        linkedid=event["Linkedid"],
        state=event["ChannelStateDesc"],
        context=event["Context"],
        exten=event["Exten"],
        application=event["Application"],
        data=event["ApplicationData"],
        bridge=event["BridgeId"],
    )
