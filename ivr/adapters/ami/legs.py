"""Legs over AMI: rung by Originate, waiting in the dialplan's `held`, joined by Bridge.

Seen on Asterisk 22.10: `ChannelId` becomes the UNIQUEID, OriginateResponse names it also where nobody
answers, and both legs of a Bridge go on in `held` when it ends.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

from ivr.adapters.ami.interface import Ami
from ivr.adapters.ami.messages import PORT, AmiMessage, AmiRefused, Value
from ivr.model.errors import PortError, PortTimeout
from ivr.ports.agents import Spying
from ivr.ports.legs import OnGone
from ivr.ports.switch import ChannelInfo

SPY_RING_MS = 20_000
_LATE_MS = 2_000
"""How long Asterisk may take to tell that nobody has answered."""
_GONE = "No such channel"
_DESTINATION = re.compile(r"(PJSIP|Local|IAX2)/[A-Za-z0-9_./@:+*#-]{1,120}")
_CHANNEL = re.compile(r"[A-Za-z0-9_./@:+;-]{1,140}")
_OPTIONS: Mapping[Spying, str] = {Spying.LISTEN: "qE", Spying.WHISPER: "qEw", Spying.BARGE: "qEB"}
"""Of ChanSpy: quiet, ends with the channel; whisper; barge."""
_UNNOTICED: Mapping[str, str] = {"IVR_UNNOTICED": "1", "TALK_DETECT(remove)": ""}
"""What ends that speech is listened for on a channel, also in the dialplan."""


class AmiLegs:
    """The Legs port on AMI."""

    def __init__(self, client: Ami) -> None:
        self._client = client
        self._asked: dict[str, asyncio.Future[bool]] = {}
        self._told: list[OnGone] = []
        client.on_event("OriginateResponse", self._answered)
        client.on_event("Hangup", self._gone)

    async def ring(
        self, leg: str, destination: str, ring_ms: int, caller: str, beside: str
    ) -> bool:
        """Ring a destination; whoever answers hears music."""
        place: dict[str, Value] = {"Context": "held", "Exten": "s", "Priority": 1}
        return await self._originate(leg, destination, ring_ms, caller, place, beside)

    async def spy(self, leg: str, destination: str, channel: str, how: Spying) -> bool:
        """Ring a supervisor and run ChanSpy there, on the one channel of that name."""
        if not _CHANNEL.fullmatch(channel):
            raise PortError(PORT, f"{channel!r} is no name of a channel")
        run: dict[str, Value] = {
            "Application": "ChanSpy",
            "Data": f"{channel},{_OPTIONS[how]}",
        }
        return await self._originate(leg, destination, SPY_RING_MS, "", run, channel)

    async def unnoticed(self, leg: str) -> None:
        """Have speech on a leg listened for no more, for good. See `Legs`."""
        for variable, value in _UNNOTICED.items():
            what = {"Channel": leg, "Variable": variable, "Value": value}
            await self._client.action("Setvar", what)

    async def join(self, one: str, other: str) -> None:
        """Bridge two channels."""
        await self._client.action("Bridge", {"Channel1": one, "Channel2": other, "Tone": "no"})

    async def hang_up(self, leg: str) -> None:
        """End a channel, if it is there."""
        try:
            await self._client.hang_up(leg)
        except AmiRefused as refused:
            if _GONE not in refused.reason:
                raise

    async def found(self, begins: str) -> tuple[ChannelInfo, ...]:
        """Return the channels whose UNIQUEIDs begin so."""
        channels = await self._client.core_channels()
        return tuple(one for one in channels if one.uniqueid.startswith(begins))

    def on_gone(self, told: OnGone) -> None:
        """Tell of every channel that is gone."""
        self._told.append(told)

    async def _originate(
        self,
        leg: str,
        destination: str,
        ring_ms: int,
        caller: str,
        what: Mapping[str, Value],
        beside: str,
    ) -> bool:
        if not _DESTINATION.fullmatch(destination):
            raise PortError(PORT, f"{destination!r} is no dial string that may be rung")
        asked: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._asked[leg] = asked
        fields: dict[str, Value] = {
            "Channel": destination,
            "ChannelId": leg,
            # A Local channel has two halves: the far one must not begin with the name of the near one.
            "OtherChannelId": f"far-{leg}",
            "Timeout": ring_ms,
            "CallerID": f"<{caller}>",
            **what,
        }
        try:
            async with asyncio.timeout((ring_ms + _LATE_MS) / 1000):
                await self._client.where(beside)[0].action("Originate", fields)
                return await asked
        except TimeoutError as error:
            raise PortTimeout(PORT, ring_ms + _LATE_MS) from error
        finally:
            del self._asked[leg]

    def _answered(self, event: AmiMessage) -> None:
        asked = self._asked.get(event["Uniqueid"])
        if asked is not None and not asked.done():
            asked.set_result(event["Response"] == "Success")

    def _gone(self, event: AmiMessage) -> None:
        for told in self._told:
            told(event["Uniqueid"])
