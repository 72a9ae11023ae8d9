"""Secure windows on Asterisk: opened when everything is known to be silent, and not otherwise.

A call's channels are those of its LINKEDID: both legs, and the halves of Local channels between
them. While a window is open it is watched: a recorder that begins is silenced at once, who begins
to listen is hung up; if that cannot be done, the caller's call ends, since a lost call is better
than a kept card number.
"""

from __future__ import annotations

import asyncio
import enum
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from ivr.model.errors import PortError
from ivr.ports.switch import ChannelInfo, Listening, Recorders, Switch, Unconfirmed
from ivr.ports.window import Opened

_LOG = logging.getLogger(__name__)

_SPIES = ("ChanSpy", "ExtenSpy")
_SNOOP = "Snoop/"

Preflight = Callable[[], Awaitable[str]]
"""Returns what is wrong with the installation, or an empty text."""


class Silence(enum.StrEnum):
    """What is done with a recorder."""

    MUTE = "mute"  # it writes silence, and sound again when the window closes
    STOP = "stop"  # it ends


class SecureWindow:
    """The Window port on an Asterisk. `records` tells whether conversations are recorded at all."""

    def __init__(
        self,
        switch: Switch,
        recorders: Recorders,
        preflight: Preflight,
        silence: Silence,
        records: Callable[[], bool] = lambda: True,
    ) -> None:
        self._switch = switch
        self._recorders = recorders
        self._preflight = preflight
        self._silence = silence
        self._open: dict[str, dict[str, bool]] = {}
        """By call: its channels' UNIQUEIDs, and whether a recorder was muted there."""
        self._records = records
        self._recorded: set[str] = set()
        self._hushed: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        recorders.watch(self._told)

    async def open(self, call_id: str) -> Opened:
        """Open a window, or say why not. Whatever was muted by then is given back."""
        try:
            problem = await self._preflight() or await self._silenced(call_id)
        except PortError as error:
            problem = str(error)
        except asyncio.CancelledError:
            # Who asked waits no more, and will not close it.
            self._spawn(self._give_back(call_id))
            raise
        if not problem:
            return Opened(True)
        _LOG.warning("no secure window for call %s: %s", call_id, problem)
        self._spawn(self._give_back(call_id))
        return Opened(False, problem)

    async def close(self, call_id: str) -> None:
        """Have what was muted record again."""
        self._hushed.discard(call_id)
        for channel, muted in self._open.pop(call_id, {}).items():
            if muted:
                await self._recorders.mute(channel, on=False)

    async def hush(self, call_id: str) -> Opened:
        """Have the caller's own channel be silent for a PIN. Where that cannot be confirmed it is not
        keyed, if anything is known to record the call, or may."""
        if call_id in self._open:
            return Opened(True)
        muted = self._open[call_id] = {call_id: False}
        self._hushed.add(call_id)
        try:
            await self._quieten(call_id, muted)
        except PortError as error:
            known = call_id in self._recorded or isinstance(error, Unconfirmed)
            if known or self._records():
                _LOG.warning("no PIN is asked for on call %s: %s", call_id, error)
                self._spawn(self._give_back(call_id))
                return Opened(False, str(error))
        return Opened(True)

    async def unhush(self, call_id: str) -> None:
        """Have what was silenced for a PIN record again; a window stays as it is."""
        if call_id in self._hushed:
            await self.close(call_id)

    async def _give_back(self, call_id: str) -> None:
        try:
            await self.close(call_id)
        except PortError as error:
            _LOG.error("call %s: a recorder of it may stay muted: %s", call_id, error)

    async def _silenced(self, call_id: str) -> str:
        channels = await self._switch.core_channels()
        own = next((one for one in channels if one.uniqueid == call_id), None)
        if own is None:
            return "Asterisk has no such channel"
        if own.bridge:
            return "the caller is joined with somebody who would hear the keys"
        family = [one for one in channels if one.linkedid == own.linkedid]
        spy = next((one for one in channels if _listens(one, family)), None)
        if spy is not None:
            return f"{spy.channel} listens to the call ({spy.application})"
        # Noted before they are muted: a recorder that begins meanwhile is told of by an event.
        muted = self._open[call_id] = dict.fromkeys((one.uniqueid for one in family), False)
        for channel in muted:
            await self._quieten(channel, muted)
        return ""

    async def _quieten(self, channel: str, muted: dict[str, bool]) -> None:
        """Silence a channel's recorders, and note whether they are to sound again."""
        if self._silence is Silence.STOP:
            await self._recorders.stop(channel)
            return
        before = muted[channel]
        # Until Asterisk has answered, they may be muted.
        muted[channel] = True
        muted[channel] = await self._recorders.mute(channel, on=True) or before

    def _told(self, what: Listening, channel: str, listener: str) -> None:
        if what is Listening.GONE:
            self._open.pop(channel, None)
            self._recorded.discard(channel)
            self._hushed.discard(channel)
            return
        if what is Listening.RECORDER:
            self._recorded.add(channel)
        for call_id, muted in self._open.items():
            if channel not in muted:
                continue
            _LOG.error("call %s: a %s began in its secure window", call_id, what.value)
            act = self._switch.hang_up(listener) if listener else self._late(channel, muted)
            self._spawn(self._or_end(call_id, act))

    async def _late(self, channel: str, muted: dict[str, bool]) -> None:
        """Silence a recorder that began in a window, which may be closed by then."""
        await self._quieten(channel, muted)
        if muted[channel] and all(muted is not one for one in self._open.values()):
            await self._recorders.mute(channel, on=False)

    async def _or_end(self, call_id: str, act: Awaitable[None]) -> None:
        try:
            await act
        except PortError as error:
            _LOG.error("call %s ends: it could not be kept from being heard: %s", call_id, error)
            await self._switch.hang_up(call_id)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _listens(one: ChannelInfo, family: list[ChannelInfo]) -> bool:
    """Whether a channel may hear one of the family. ChanSpy goes on to any channel whose name begins
    as its argument says; ExtenSpy may be sent anywhere."""
    if one.channel.startswith(_SNOOP):
        return any(channel.uniqueid in one.channel for channel in family)
    if one.application not in _SPIES:
        return False
    begins = one.data.split(",", 1)[0].lower()
    return one.application != "ChanSpy" or any(
        channel.channel.lower().startswith(begins) for channel in family
    )
