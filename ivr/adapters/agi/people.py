"""Joining a caller with other people: destinations, agents, and music until there is one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from ivr.adapters.agi.channel import AgiChannel, wait_for_key
from ivr.adapters.agi.encoder import encode
from ivr.adapters.agi.statuses import BRIDGE, DIAL
from ivr.model.errors import PortError
from ivr.ports.line import DialStatus
from ivr.ports.switch import local

R = TypeVar("R")

_TALKING: Final = "IVR_TALKING"
"""Tells the dialplan, should the engine go away meanwhile, that the caller is with an agent."""
_NOTICES: Final = "TALK_DETECT(set)"
"""Has Asterisk tell whether the caller speaks: only while they are with an agent, and nothing records. The
dialplan does the same on the agent's leg, and says why not always."""
_NOTICES_NOT: Final = "TALK_DETECT(remove)"
_SILENT_MS: Final = "1000"
"""After so long without a word it tells that they are silent."""
_MUSIC_ON: Final = encode("SET", "MUSIC", "ON", "default")
_MUSIC_OFF: Final = encode("SET", "MUSIC", "OFF")
_HOLD_CHUNK_MS: Final = 300
"""So late at most a caller on hold is told what is next."""
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,150}")
_CHANNEL: Final = re.compile(r"[A-Za-z0-9_/.@;-]{1,150}")


class AgiPeople(AgiChannel):
    """The part of `Line` that joins."""

    async def dial(self, destination: str, *, ring_ms: int) -> DialStatus:
        """Ring a configured destination. See `Line`. Raises PortError for an unknown one."""
        target = self._settings.destinations.get(destination)
        if target is None:
            raise PortError("asterisk", f"no destination named {destination!r} is configured")
        await self._execute("Dial", f"{target},{_seconds(ring_ms)},g")
        return DIAL.get(await self._connection.get_variable("DIALSTATUS"), DialStatus.UNAVAILABLE)

    async def hold(self, work: Awaitable[R], heard: Callable[[str], None]) -> R | None:
        """Await `work` while the caller hears music, or until a key. See `Line`."""
        task = asyncio.ensure_future(work)
        try:
            await self._connection.ask(_MUSIC_ON, 0)
            while not task.done():
                reply = await self._connection.ask(
                    wait_for_key(_HOLD_CHUNK_MS), _HOLD_CHUNK_MS / 1000
                )
                if reply.result != "0":
                    key = await self._pressed(reply, _HOLD_CHUNK_MS)
                    if key is not None:
                        heard(key)
                        return None
            await self._connection.ask(_MUSIC_OFF, 0)
            return await task
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait([task])

    async def ring(self, endpoint: str, *, call_id: str, ring_ms: int, record: str) -> DialStatus:
        """Ring an agent's telephone. See `Line`. Raises PortError for what is no endpoint.

        The dialplan's subroutine `agent-leg` runs on the agent's side; the recorder writes only while
        two are joined. Where it does, the caller hears it ring instead of music: of a channel on which Dial
        has played music, Asterisk's recorder may lose what the agent says.
        """
        for name in (endpoint, call_id):
            if not _NAME.fullmatch(name):
                raise PortError("asterisk", f"{name!r} can stand in no dial string")
        if record:
            path = f"{self._settings.conversations}/{record}"
            await self._execute("MixMonitor", f"{path},b")
        told = f"{call_id}^recorded" if record else call_id
        heard = "r" if record else "m(default)"
        dial = f"PJSIP/{endpoint},{_seconds(ring_ms)},g{heard}U(agent-leg^{told})"
        await self._with_somebody("dial")
        if not record:
            await self._connection.set_variable(_NOTICES, _SILENT_MS)
        await self._execute("Dial", dial)
        status = await self._connection.get_variable("DIALSTATUS")
        await self._alone()
        if record:
            await self._execute("StopMixMonitor", "")
        return DIAL.get(status, DialStatus.UNAVAILABLE)

    async def meet(self, channel: str) -> DialStatus:
        """Join the caller with a channel that is up. See `Line`."""
        if not _CHANNEL.fullmatch(channel):
            raise PortError("asterisk", f"{channel!r} is no channel's name")
        await self._with_somebody("bridge")
        await self._execute("Bridge", local(channel))
        result = await self._connection.get_variable("BRIDGERESULT")
        await self._alone()
        return BRIDGE.get(result, DialStatus.UNAVAILABLE)

    async def _with_somebody(self, how: str) -> None:
        await self._connection.set_variable(_TALKING, how)

    async def _alone(self) -> None:
        await self._connection.set_variable(_NOTICES_NOT, "")
        await self._connection.set_variable(_TALKING, "")


def _seconds(ms: int) -> int:
    """Whole seconds, at least one: 0 would mean for ever."""
    return max(1, -(-ms // 1000))
