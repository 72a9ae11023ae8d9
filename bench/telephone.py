"""Callers over UDP, at a steady rate: INVITE, hear a prompt, key, hear the next, key, be hung up on.

Reads requests as JSON lines, `{"sip": 5160, "number": "95500", "rate": 120, "seconds": 8,
"pids": [1]}`, and answers each with what was seen. One socket carries all signalling and another
all sound: each call is known by the port Asterisk sends its sound from.

A call keys a digit (RFC 4733, 60 ms) once it has heard a whole prompt. It has failed when it is
not hung up on, after both prompts, within 10 s. With `hold`, calls key nothing: once all are there they are held for so many
seconds, and then hung up; who was not there then has failed.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
import sys
import time
from collections.abc import Callable
from typing import Any

import uvloop

from bench.processes import cpu_seconds, resident_kib
from bench.wire import PROMPT_MS

HOST = "127.0.0.1"
FRAMES = PROMPT_MS // 20
EVENT_S = 0.02
CALL_S = 10.0
RETRY_S = 0.5
SETTLE_S = 2.0
"""From the last call's beginning until all has been heard."""
SOCKET_BYTES = 8 << 20
SOUND, EVENT = 0, 101

_CALL_ID = re.compile(rb"\r\nCall-ID: *([0-9]+)@", re.IGNORECASE)
_TO = re.compile(rb"\r\nTo: *([^\r]+)", re.IGNORECASE)
_HEADERS = re.compile(rb"\r\n((?:Via|From|To|Call-ID|CSeq):[^\r]+)", re.IGNORECASE)
_PORT = re.compile(rb"\r\nm=audio ([0-9]+) ")


class Call:
    """One caller."""

    def __init__(self, number: int, exchange: Exchange, limit_s: float, keys: bool) -> None:
        self.number = number
        self.port = 0
        self.to = b""
        self.prompts = 0
        """How many were heard whole."""
        self._exchange = exchange
        self._keys = keys
        self._frames = 0
        self._sequence = 0
        self._keyed_at = 0.0
        loop = self._loop = asyncio.get_running_loop()
        self._limit = loop.call_later(limit_s, exchange.lost, self)
        self._retry: asyncio.TimerHandle | None = loop.call_later(RETRY_S, self._again)
        exchange.invite(self)

    def _again(self) -> None:
        self._exchange.retransmits += 1
        self._exchange.invite(self)
        self._retry = self._loop.call_later(RETRY_S * 2, self._again)

    def answering(self) -> None:
        """Asterisk has the INVITE."""
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None

    def heard(self) -> None:
        """A frame of sound came."""
        self._frames += 1
        if self._keyed_at:
            self._exchange.first_frames.append(time.monotonic() - self._keyed_at)
            self._keyed_at = 0.0
        if self._frames == FRAMES:
            self._frames = 0
            self.prompts += 1
            if self._keys:
                self._key(0)

    def _key(self, part: int) -> None:
        """Send part 0 to 3 of a digit: it begins, twice it goes on, it ends."""
        last = part == 3
        for _ in range(3 if last else 1):
            self._sequence += 1
            marker = 0x80 if part == 0 else 0
            header = struct.pack(
                "!BBHII", 0x80, marker | EVENT, self._sequence, self.prompts * 8000, self.number
            )
            body = struct.pack("!BBH", 1, (0x80 if last else 0) | 10, 160 * (part or 1))
            self._exchange.sound.sendto(header + body, (HOST, self.port))
        if last:
            # Not the loop's time, which is in whole milliseconds.
            self._keyed_at = time.monotonic()
        else:
            self._loop.call_later(EVENT_S, self._key, part + 1)

    def over(self) -> bool:
        """Asterisk has hung up; return whether after all that belongs to the call."""
        self.answering()
        self._limit.cancel()
        good = self.prompts == 2 and self._keyed_at > 0
        if good:
            self._exchange.hang_ups.append(time.monotonic() - self._keyed_at)
        return good


class Exchange:
    """The way to Asterisk for all callers of one run."""

    def __init__(self, port: int, dialled: str, limit_s: float = CALL_S, keys: bool = True) -> None:
        self._peer = (HOST, port)
        self._dialled = dialled
        self._limit_s = limit_s
        self._keys = keys
        self.signalling, self.sound = _socket(), _socket()
        self._own = self.signalling.getsockname()[1]
        self._calls: dict[int, Call] = {}
        self._by_port: dict[int, Call] = {}
        self._sdp = (
            f"v=0\r\no=- 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
            f"m=audio {self.sound.getsockname()[1]} RTP/AVP 0 101\r\n"
            "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
        ).encode()
        self.first_frames: list[float] = []
        self.hang_ups: list[float] = []
        self.idle = asyncio.Event()
        """No call goes on."""
        self.idle.set()
        self.retransmits = self.placed = self.completed = self.failed = self.most = 0
        loop = asyncio.get_running_loop()
        loop.add_reader(self.signalling, self._signals)
        loop.add_reader(self.sound, self._sounds)

    def close(self) -> None:
        """Let go of the sockets."""
        loop = asyncio.get_running_loop()
        for one in (self.signalling, self.sound):
            loop.remove_reader(one)
            one.close()

    def place(self) -> None:
        """Begin a call."""
        self.placed += 1
        number = time.monotonic_ns() & 0xFFFFFFFF
        while number in self._calls:
            number += 1
        self._calls[number] = Call(number, self, self._limit_s, self._keys)
        self.idle.clear()
        self.most = max(self.most, len(self._calls))

    def invite(self, call: Call) -> None:
        """Send an INVITE."""
        head = self._request(call, "INVITE", b"")
        head += b"Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n" % len(self._sdp)
        self._send(head + self._sdp)

    def lost(self, call: Call) -> None:
        """Give up on a call that did not end."""
        call.answering()
        self.failed += 1
        self._bye(call)

    def release(self) -> None:
        """Hang up all calls; those that have heard a prompt were held."""
        for call in list(self._calls.values()):
            call.over()
            self.completed += bool(call.prompts)
            self.failed += not call.prompts
            self._bye(call)

    def _bye(self, call: Call) -> None:
        self._send(self._request(call, "BYE", call.to) + b"Content-Length: 0\r\n\r\n")
        self._forget(call)

    def _request(self, call: Call, method: str, to: bytes) -> bytes:
        own, dialled, number = f"{HOST}:{self._own}", self._dialled, call.number
        target = to.decode() or f"<sip:{dialled}@{HOST}>"
        cseq = "2 BYE" if method == "BYE" else f"1 {method}"
        return (
            f"{method} sip:{dialled}@{HOST}:{self._peer[1]} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {own};branch=z9hG4bK{number}{method};rport\r\nMax-Forwards: 70\r\n"
            f"From: <sip:13800001111@{HOST}>;tag={number}\r\nTo: {target}\r\n"
            f"Call-ID: {number}@{HOST}\r\nCSeq: {cseq}\r\nContact: <sip:caller@{own}>\r\n"
        ).encode()

    def _send(self, message: bytes) -> None:
        self.signalling.sendto(message, self._peer)

    def _signals(self) -> None:
        for message, _ in _datagrams(self.signalling):
            self._signal(message)

    def _signal(self, message: bytes) -> None:
        match = _CALL_ID.search(message)
        call = self._calls.get(int(match[1])) if match is not None else None
        if message.startswith(b"BYE "):
            headers = b"".join(header + b"\r\n" for header in _HEADERS.findall(message))
            self._send(b"SIP/2.0 200 OK\r\n" + headers + b"Content-Length: 0\r\n\r\n")
            if call is not None:
                good = call.over()
                self.completed += good
                self.failed += not good
                self._forget(call)
        elif call is not None and message.startswith(b"SIP/2.0 1"):
            call.answering()
        elif call is not None and b"INVITE\r\n" in message:
            self._final(call, message)

    def _final(self, call: Call, message: bytes) -> None:
        call.answering()
        to = _TO.search(message)
        port = _PORT.search(message)
        again = bool(call.to)
        call.to = to[1] if to is not None else b""
        self._send(self._request(call, "ACK", call.to) + b"Content-Length: 0\r\n\r\n")
        if again:
            self.retransmits += 1
        elif port is None or not message.startswith(b"SIP/2.0 200"):
            call.over()
            self.failed += 1
            self._forget(call)
        else:
            call.port = int(port[1])
            self._by_port[call.port] = call

    def _sounds(self) -> None:
        # An answer that came with the first sound must be read before it.
        self._signals()
        for packet, (_, port) in _datagrams(self.sound):
            call = self._by_port.get(port)
            if call is not None and packet[1] & 0x7F == SOUND:
                call.heard()

    def _forget(self, call: Call) -> None:
        self._calls.pop(call.number, None)
        if self._by_port.get(call.port) is call:
            del self._by_port[call.port]
        if not self._calls:
            self.idle.set()


def _socket() -> socket.socket:
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BYTES)
    one.bind((HOST, 0))
    one.setblocking(False)
    return one


def _datagrams(source: socket.socket) -> list[tuple[bytes, Any]]:
    found = []
    try:
        while True:
            found.append(source.recvfrom(2048))
    except BlockingIOError:
        return found


async def load(request: dict[str, Any]) -> dict[str, Any]:
    """Place `rate` calls a second for some seconds; return when the last has ended."""
    exchange = Exchange(request["sip"], request["number"])
    pids: list[int] = request["pids"]
    before, own, began = _cpu(pids), time.process_time(), time.monotonic()
    await _placed(exchange, request["rate"], round(request["rate"] * request["seconds"]))
    await exchange.idle.wait()
    wall = time.monotonic() - began
    # What is written behind the calls belongs to them.
    await asyncio.sleep(0.3)
    exchange.close()
    return {
        "placed": exchange.placed,
        "completed": exchange.completed,
        "failed": exchange.failed,
        "retransmits": exchange.retransmits,
        "most": exchange.most,
        "wall": wall,
        "cpu": [now - was for now, was in zip(_cpu(pids), before, strict=True)],
        "own_cpu": time.process_time() - own,
        "first_frame_ms": _spread(exchange.first_frames),
        "hang_up_ms": _spread(exchange.hang_ups),
    }


async def hold(request: dict[str, Any]) -> dict[str, Any]:
    """Place `calls` at `rate`, hold them all for `hold` seconds, and hang up; the CPU is that of the
    holding, the memory that of before and of the end of it."""
    calls, pids = request["calls"], request["pids"]
    coming_s = calls / request["rate"]
    exchange = Exchange(
        request["sip"], request["number"], 2 * (coming_s + request["hold"]) + CALL_S, keys=False
    )
    empty = [resident_kib(pid) for pid in pids]
    await _placed(exchange, request["rate"], calls)
    await asyncio.sleep(SETTLE_S)
    before = _cpu(pids)
    await asyncio.sleep(request["hold"])
    cpu = [now - was for now, was in zip(_cpu(pids), before, strict=True)]
    full = [resident_kib(pid) for pid in pids]
    exchange.release()
    await asyncio.sleep(SETTLE_S)
    exchange.close()
    return {
        "held": exchange.completed,
        "failed": exchange.failed,
        "cpu": cpu,
        "kib": [end - begin for begin, end in zip(empty, full, strict=True)],
    }


async def _placed(exchange: Exchange, rate: float, count: int) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number in range(count):
        if (wait := began + number / rate - loop.time()) > 0:
            await asyncio.sleep(wait)
        exchange.place()


def _cpu(pids: list[int]) -> list[float]:
    return [cpu_seconds(pid) for pid in pids]


def _spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    at: Callable[[float], float] = lambda share: 1000 * ordered[int(share * (len(ordered) - 1))]  # noqa: E731
    return {"p50": at(0.5), "p99": at(0.99)} if ordered else {}


def main() -> None:
    """Serve requests until the input ends."""
    for line in sys.stdin:
        request = json.loads(line)
        work = hold if "hold" in request else load
        print(json.dumps(uvloop.run(work(request))), flush=True)


if __name__ == "__main__":
    main()
