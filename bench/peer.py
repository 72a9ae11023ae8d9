"""A synthetic Asterisk: places calls on a FastAGI engine and answers every command at once.

Reads requests as JSON lines and answers each with one:

    {"do": "sessions", "port": 4573, "pid": 1, "count": 3000, "at_once": 50}
    {"do": "commands", "port": 4573, "pid": 1, "count": 50000, "calls": 100}
    {"do": "hold", "port": 4573, "pid": 1, "calls": 2000}

`sessions` may be placed `beside` so many that are held.

`pid` is the engine's, whose CPU and memory are read here, right before and after the load.
"""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import sys
import time
from collections.abc import Callable
from typing import Any, cast

import uvloop

from bench.processes import cpu_seconds, resident_kib
from bench.wire import KEYS, MENU, answer, environment

READ_BYTES = 65_536
STALL_S = 60.0
SETTLED_S = 0.005
"""An engine that uses less CPU than this in a fifth of a second has nothing left to do."""

Answer = Callable[[bytes], bytes]


class Call(asyncio.BufferedProtocol):
    """One call's connection. `respond` gives the answer to a command line, empty for none."""

    buffer = memoryview(bytearray(READ_BYTES))

    def __init__(self, respond: Answer) -> None:
        self._respond = respond
        self._rest = b""
        self.transport: asyncio.Transport | None = None
        self.over = asyncio.get_running_loop().create_future()
        self.hung_up = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self.buffer

    def buffer_updated(self, nbytes: int) -> None:
        *lines, self._rest = (self._rest + bytes(self.buffer[:nbytes])).split(b"\n")
        for line in lines:
            if line == b"HANGUP":
                self.hung_up = True
            reply = self._respond(line)
            if reply and self.transport is not None:
                self.transport.write(reply)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if not self.over.done():
            self.over.set_result(None)


class Exchange:
    """Places calls on one engine."""

    number = 0

    def __init__(self, port: int) -> None:
        self._port = port

    async def place(self, script: str, respond: Answer) -> Call:
        """Connect, and send the environment as Asterisk does: line by line, a segment each."""
        loop = asyncio.get_running_loop()
        sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await loop.sock_connect(sock, ("127.0.0.1", self._port))
        Exchange.number += 1
        for line in environment(script, self._port, Exchange.number):
            sock.send(line)
        _, call = await loop.create_connection(lambda: Call(respond), sock=sock)
        return call

    async def sessions(self, count: int, at_once: int) -> dict[str, Any]:
        """Place `count` menu calls, `at_once` at a time."""
        remaining = iter(range(count))
        failed = commands = 0

        def respond(line: bytes) -> bytes:
            nonlocal commands
            commands += 1
            return answer(line)

        async def caller() -> None:
            nonlocal failed
            for _ in remaining:
                call = await self.place(MENU, respond)
                await call.over
                failed += not call.hung_up

        async with asyncio.timeout(STALL_S):
            await asyncio.gather(*(caller() for _ in range(at_once)))
        return {"sessions": count, "failed": failed, "commands": commands}

    async def commands(self, count: int, calls: int) -> dict[str, Any]:
        """Answer `count` commands of `calls` calls that key account numbers, then no more."""
        answered = quiet = 0
        done = asyncio.Event()

        def respond(line: bytes) -> bytes:
            nonlocal answered, quiet
            if answered >= count:
                quiet += 1
                if quiet == calls:
                    done.set()
                return b""
            answered += 1
            return answer(line)

        placed = [await self.place(KEYS, respond) for _ in range(calls)]
        async with asyncio.timeout(STALL_S):
            await done.wait()
        return {"commands": answered, "placed": placed}

    async def hold(self, calls: int) -> list[Call]:
        """Leave `calls` callers silent at their first menu."""
        silent = 0
        done = asyncio.Event()

        def respond(line: bytes) -> bytes:
            nonlocal silent
            if not line.startswith(b"WAIT"):
                return answer(line)
            silent += 1
            if silent == calls:
                done.set()
            return b""

        placed = [await self.place(MENU, respond) for _ in range(calls)]
        async with asyncio.timeout(STALL_S):
            await done.wait()
        return placed


async def settled(pid: int) -> None:
    """Wait until the engine has written what it writes behind its calls."""
    before = cpu_seconds(pid)
    for _ in range(50):
        await asyncio.sleep(0.2)
        now = cpu_seconds(pid)
        if now - before < SETTLED_S:
            return
        before = now


async def leave(calls: list[Call]) -> None:
    """Hang up without a word."""
    for call in calls:
        if call.transport is not None:
            call.transport.abort()
    await asyncio.gather(*(call.over for call in calls))


async def serve(request: dict[str, Any]) -> dict[str, Any]:
    """Do what is asked and return what was seen."""
    pid = request["pid"]
    exchange = Exchange(request["port"])
    held: list[Call] = []
    if "beside" in request:
        held = await exchange.hold(request["beside"])
        await settled(pid)
    memory, cpu, own, wall = _account(pid)
    match request["do"]:
        case "sessions":
            result = await exchange.sessions(request["count"], request["at_once"])
        case "commands":
            result = await exchange.commands(request["count"], request["calls"])
            held = result.pop("placed")
        case _:
            held = await exchange.hold(request["calls"])
            result = {"held": len(held)}
    busy = time.monotonic() - wall
    used = time.process_time() - own
    await settled(pid)
    memory_after, cpu_after, _, _ = _account(pid)
    await leave(held)
    return {
        **result,
        "kib": memory_after - memory,
        "cpu": cpu_after - cpu,
        "peer_cpu": used,
        "wall": busy,
    }


def _account(pid: int) -> tuple[int, float, float, float]:
    return resident_kib(pid), cpu_seconds(pid), time.process_time(), time.monotonic()


def main() -> None:
    """Serve requests until the input ends."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for line in sys.stdin:
        try:
            result = uvloop.run(serve(json.loads(line)))
        except (OSError, TimeoutError) as error:
            result = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
