"""A telephone: places real SIP calls, presses keys, hears what is said.

A second private Asterisk is the user agent (SIP, RTP, RFC 4733 keys). It is driven over AMI, and
hands the sound of each call to Python through AudioSocket, bit for bit, where `lab.ear` recognises
the recordings. As from any telephone, sound flows to the hotline all the time: silence, unless
`speak` is called.

    async with Telephone(lab) as phone:
        call = await phone.call("95500", ani="13800001111")
        await call.hears("welcome", within=5)
        await call.press("1")
        await call.hang_up()
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Self

from lab.ami import Ami, Message
from lab.audiosocket import FRAME_SECONDS, AudioSocket
from lab.desk import Desk
from lab.ear import Ear
from lab.errors import LabError
from lab.library import Library
from lab.phone_call import CallFailed, NotHeard, PhoneCall
from lab.ports import ADDRESS
from lab.site import Lab

__all__ = ["CallFailed", "Desk", "NotHeard", "PhoneCall", "Telephone"]

NORMAL_CLEARING = 16
RING_SECONDS = 60
HOLD_SECONDS = 3600


class Telephone:
    """Places calls from a running lab. Several can be open at once, each with many calls.

    A `mute` telephone sends no sound unless it is told to speak, which spares a quarter of the work:
    for load. A real one sends all the time.
    """

    def __init__(self, lab: Lab, library: Library | None = None, mute: bool = False) -> None:
        self._lab = lab
        self.mute = mute
        self._library = library or Library.of(lab.prompts, lab.sounds)
        self._calls: dict[str, PhoneCall] = {}
        self._incoming: dict[str, PhoneCall] = {}
        self._desks: dict[str, Desk] = {}
        self._keypads: list[Ami] = []
        self._idle_keypads: list[Ami] = []

    async def __aenter__(self) -> Self:
        self._ami = await self._connect(self._on_event)
        loop = asyncio.get_running_loop()
        # Port 0: any that is free, since the telephone's Asterisk is told for each call.
        self._server = await loop.create_server(lambda: AudioSocket(self._listener), ADDRESS, 0)
        self._port = self._server.sockets[0].getsockname()[1]
        self._ticker = asyncio.create_task(self._tick())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hang up what is still up, and end every connection."""
        live = [call for call in self._calls.values() if call.cause is None and call.channel]
        await asyncio.gather(*(call.hang_up() for call in live), return_exceptions=True)
        self._ticker.cancel()
        for call in self._calls.values():
            call.close()
        self._server.close()
        await asyncio.gather(*(ami.close() for ami in [self._ami, *self._keypads]))
        await asyncio.gather(self._ticker, return_exceptions=True)

    @property
    def calls(self) -> list[PhoneCall]:
        """Every call placed, in order."""
        return list(self._calls.values())

    async def call(
        self,
        number: str,
        ani: str = "13800001111",
        name: str = "",
        wait: bool = True,
        line: str = "hotline",
        via: int | None = None,
    ) -> PhoneCall:
        """Dial `number` and, unless told not to, wait until it is answered. The `line` decides who
        calls, and how keys are sent: `hotline` as RFC 4733 events, `hotline-info` as SIP INFO,
        `agent1001` in that agent's name. `via` is another port to send the call to than the exchange's.

        Raises CallFailed when the call ends unanswered.
        """
        call = PhoneCall(self, Ear(self._library))
        self._calls[str(call.id)] = call
        dialled = f"{number}@{line}" if via is None else f"{line}/sip:{number}@{ADDRESS}:{via}"
        fields = {
            # The sound is connected first and the call dialled second, so that not even the first
            # frame of a prompt finds nobody listening.
            "Channel": f"AudioSocket/{ADDRESS}:{self._port}/{call.id}",
            "ChannelId": str(call.id),
            "Application": "Dial",
            "Data": f"PJSIP/{dialled},{RING_SECONDS}",
            "CallerID": f'"{name}" <{ani}>',
            "Async": "true",
        }
        answer = await self._ami.send("Originate", fields)
        if answer.get("Response") != "Success":
            raise LabError(f"the telephone cannot dial: {answer.get('Message')}")
        if wait:
            await call.answered()
        return call

    async def hold(self, number: str, ani: str) -> PhoneCall:
        """Dial `number` as somebody who only holds the line: nothing is heard and nothing said, so that many can be
        on the line at once. Returns when it is answered. Raises CallFailed."""
        call = PhoneCall(self, Ear(self._library))
        self._calls[str(call.id)] = call
        fields = {
            "Channel": f"PJSIP/{number}@hotline",
            "ChannelId": str(call.id),
            "Application": "Wait",
            "Data": str(HOLD_SECONDS),
            "CallerID": f'"" <{ani}>',
            "Async": "true",
        }
        answer = await self._ami.send("Originate", fields)
        if answer.get("Response") != "Success":
            raise LabError(f"the telephone cannot dial: {answer.get('Message')}")
        await call.answered(RING_SECONDS)
        return call

    def desk(self, endpoint: str) -> Desk:
        """Return the telephone of an agent; calls to it ring here from now on."""
        return self._desks.setdefault(endpoint, Desk(self, endpoint))

    async def pick_up(self, call: PhoneCall) -> None:
        """Answer a call that rings at a desk; nothing happens when the caller is gone already."""
        port = {"Channel": call.channel, "Variable": "SOUND_PORT", "Value": str(self._port)}
        await self._ami.send("Setvar", port)
        place = {"Context": "picked-up", "Exten": str(call.id), "Priority": "1"}
        await self._ami.send("Redirect", {"Channel": call.channel, **place})

    async def hang_up(self, channel: str) -> None:
        """Hang up a channel of the telephone; nothing happens when it is gone already."""
        await self._ami.send("Hangup", {"Channel": channel, "Cause": str(NORMAL_CLEARING)})

    @contextlib.asynccontextmanager
    async def keypad(self) -> AsyncIterator[Ami]:
        """Lend an AMI connection: a key occupies it for as long as the key is down."""
        if not self._idle_keypads:
            keypad = await self._connect(lambda event: None)
            self._keypads.append(keypad)
            await keypad.send("Events", {"EventMask": "off"})
        else:
            keypad = self._idle_keypads.pop()
        try:
            yield keypad
        finally:
            self._idle_keypads.append(keypad)

    async def _connect(self, on_event: Callable[[Message], None]) -> Ami:
        secret = self._lab.handset.secret("ami")
        return await Ami.connect(self._lab.ports.phone_ami, "telephone", secret, on_event)

    def _listener(self, number: uuid.UUID) -> PhoneCall | None:
        return self._calls.get(str(number))

    def _on_event(self, event: Message) -> None:
        if not event.get("Channel", "").startswith("PJSIP/"):
            return
        linked = event.get("Linkedid", "")
        call = self._calls.get(linked) or self._incoming.get(linked) or self._offered(event)
        if call is not None:
            call.on_event(event)

    def _offered(self, event: Message) -> PhoneCall | None:
        """Return the call that comes in to one of the desks, if that is what an event tells."""
        desk = self._desks.get(event.get("Exten", ""))
        if desk is None or event["Event"] != "Newchannel" or event.get("Context") != "desks":
            return None
        call = PhoneCall(self, Ear(self._library))
        self._calls[str(call.id)] = self._incoming[event["Linkedid"]] = call
        call.channel = event["Channel"]
        call.caller = event.get("CallerIDNum", "")
        desk.on_call(call)
        return call

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due += FRAME_SECONDS
            await asyncio.sleep(max(0.0, due - loop.time()))
            now = loop.time()
            for call in list(self._calls.values()):
                if call.cause is None:
                    call.tick(now)
