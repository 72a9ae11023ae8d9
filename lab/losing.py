"""A wire for telephone calls that loses packets: SIP and RTP on loopback, in front of an exchange.

async with Losing(lab.ports.sip, lab.ports.phone_sip, share=0.05, seed=1) as wire:
    call = await phone.call(HOTLINE, via=wire.port)

Signalling is passed on whole (SIP repeats what is lost by itself). Of the sound, and of keys in it, a
share is lost in either direction.
"""

from __future__ import annotations

import asyncio
import random
import re
from types import TracebackType
from typing import Self

from lab.ports import ADDRESS

Peer = tuple[str, int]

_MEDIA = re.compile(rb"(\r\nm=audio )(\d{5})( )")


class Losing:
    """A port for calls from the telephone's SIP port `caller` to the exchange's, `exchange`. `passed` and
    `lost` count packets of sound."""

    def __init__(self, exchange: int, caller: int, share: float, seed: int) -> None:
        self.passed = self.lost = 0
        self.exchange, self.caller = (ADDRESS, exchange), (ADDRESS, caller)
        self._share = share
        self._chance = random.Random(seed)  # noqa: S311  # packets are lost by no secret
        self._sounds: dict[bytes, _Sound] = {}

    async def __aenter__(self) -> Self:
        self._signals = _Signals(self)
        await _bind(self._signals)
        self.port = _port(self._signals.way)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for one in (self._signals, *self._sounds.values()):
            one.way.close()

    def loses(self) -> bool:
        """Whether the next packet of sound is lost."""
        lost = self._chance.random() < self._share
        self.lost += lost
        self.passed += not lost
        return lost

    async def answered(self, message: bytes) -> None:
        """Pass an answer of the exchange on to the telephone, with our own port for its sound."""
        media = _MEDIA.search(message)
        if media is not None:
            port = media[2]
            if port not in self._sounds:
                sound = _Sound(self, (ADDRESS, int(port)))
                await _bind(sound)
                self._sounds[port] = sound
            # Both have five digits: the message is as long as it says.
            own = b"%05d" % _port(self._sounds[port].way)
            message = _MEDIA.sub(rb"\g<1>" + own + rb"\g<3>", message)
        self._signals.way.sendto(message, self.caller)


class _Bound(asyncio.DatagramProtocol):
    """A port of our own, and the way out of it."""

    way: asyncio.DatagramTransport


class _Signals(_Bound):
    """SIP."""

    def __init__(self, wire: Losing) -> None:
        self._wire = wire
        self._tasks: set[asyncio.Task[None]] = set()

    def datagram_received(self, data: bytes, addr: Peer) -> None:
        if addr != self._wire.exchange:
            self.way.sendto(data, self._wire.exchange)
            return
        task = asyncio.ensure_future(self._wire.answered(data))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Sound(_Bound):
    """RTP of one call; the exchange's is at `exchange`."""

    def __init__(self, wire: Losing, exchange: Peer) -> None:
        self._wire = wire
        self._exchange = exchange
        self._caller: Peer | None = None

    def datagram_received(self, data: bytes, addr: Peer) -> None:
        if addr != self._exchange:
            self._caller = addr
        to = self._caller if addr == self._exchange else self._exchange
        if to is not None and not self._wire.loses():
            self.way.sendto(data, to)


async def _bind(one: _Bound) -> None:
    one.way, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: one, local_addr=(ADDRESS, 0)
    )


def _port(way: asyncio.DatagramTransport) -> int:
    port: int = way.get_extra_info("sockname")[1]
    return port
