"""An agent's telephone: it rings, and a script decides what becomes of that.

    desk = phone.desk("agent1001")
    call = await desk.rings(within=5)
    await desk.pick_up(call)
    await call.hears("whisper-vip")
    await call.press("1")
    await call.hang_up()

Agents dial with `phone.call("*11", line="agent1001")`.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from lab.phone_call import PhoneCall


class Socket(Protocol):
    """What a desk needs of the telephone it is one of."""

    async def pick_up(self, call: PhoneCall) -> None:
        """Answer a call that rings."""


class Desk:
    """The telephone of one endpoint. `calls` is every call that ever rang here, in order."""

    def __init__(self, phone: Socket, endpoint: str) -> None:
        self.endpoint = endpoint
        self.calls: list[PhoneCall] = []
        self._phone = phone
        self._ringing: asyncio.Queue[PhoneCall] = asyncio.Queue()

    async def rings(self, within: float = 5) -> PhoneCall:
        """Wait for the next call that rings, each told once. Raises TimeoutError."""
        async with asyncio.timeout(within):
            return await self._ringing.get()

    async def pick_up(self, call: PhoneCall) -> None:
        """Answer. Raises CallFailed when the caller is gone already."""
        await self._phone.pick_up(call)
        await call.answered()

    async def serve(
        self, within: float = 5, after: float = 0.2, talks: float = 1.0, keys: str = ""
    ) -> PhoneCall:
        """Take the next call: let it ring for a while, pick up, press keys, talk, hang up."""
        call = await self.rings(within)
        # Ringing and talking are nothing but time.
        await asyncio.sleep(after)
        await self.pick_up(call)
        if keys:
            await call.press(keys)
        await asyncio.sleep(talks)
        await call.hang_up()
        return call

    def on_call(self, call: PhoneCall) -> None:
        """A call comes in."""
        self.calls.append(call)
        self._ringing.put_nowait(call)
