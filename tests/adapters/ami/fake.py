"""An AMI peer on a real socket that fails on demand, byte by byte."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Self

Fields = dict[str, str]
Answer = Callable[["Fields"], str | None]

CHANNEL = (
    "Event: CoreShowChannel\r\nChannel: PJSIP/a-1\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\n"
    "ChannelStateDesc: Up\r\nContext: hotline\r\nExten: 95500\r\nApplication: AGI\r\n"
)
MEMBER = "Event: QueueMember\r\nQueue: service\r\nName: 张三丰\r\n"


def listing(end: str, *events: str) -> Answer:
    """Answer with a list of events, as Asterisk does."""

    def answer(fields: Fields) -> str:
        tag = f"ActionID: {fields['ActionID']}\r\n\r\n"
        begin = f"Response: Success\r\nEventList: start\r\nMessage: List will follow\r\n{tag}"
        return begin + "".join(one + tag for one in events) + end_of(end, tag)

    return answer


def end_of(name: str, tag: str) -> str:
    return f"Event: {name}\r\nEventList: Complete\r\nListItems: 1\r\n{tag}"


def success(fields: Fields, *lines: str) -> str:
    return "\r\n".join(["Response: Success", f"ActionID: {fields['ActionID']}", *lines, "", ""])


def error(message: str) -> Answer:
    return lambda fields: (
        f"Response: Error\r\nActionID: {fields['ActionID']}\r\nMessage: {message}\r\n\r\n"
    )


def silence(fields: Fields) -> None:
    return None


class FakeAmi:
    """`actions` is all that was received; `answers` says how, by action; `mute` stops everything."""

    def __init__(self) -> None:
        self.actions: list[Fields] = []
        self.bytes = b""
        self.mute = False
        self.port = 0
        self.came = asyncio.Event()
        self.answers: dict[str, Answer] = {
            "Login": self._login,
            "CoreShowChannels": listing("CoreShowChannelsComplete", CHANNEL),
            "QueueStatus": listing("QueueStatusComplete", MEMBER),
            "Ping": lambda fields: success(fields, "Ping: Pong"),
        }
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """End like a killed Asterisk: nobody listens, connections are cut."""
        assert self._server is not None
        self._server.close()
        self.cut()
        await self._server.wait_closed()

    def cut(self) -> None:
        """Cut all connections."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def send(self, text: str | bytes) -> None:
        """Send to all."""
        for writer in self._writers:
            writer.write(text if isinstance(text, bytes) else text.encode())

    def named(self, action: str) -> list[Fields]:
        """Return the actions received of this name."""
        return [one for one in self.actions if one["Action"] == action]

    async def received(self, action: str, times: int = 1) -> None:
        """Wait until an action was received so often."""
        while len(self.named(action)) < times:
            self.came.clear()
            await self.came.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        if not self.mute:
            writer.write(b"Asterisk Call Manager/9.0.0\r\n")
        while block := await self._read(reader):
            self.bytes += block
            fields = dict(line.split(": ", 1) for line in block.decode().split("\r\n") if line)
            self.actions.append(fields)
            self.came.set()
            answer = self.answers.get(fields["Action"], success)(fields)
            if answer is not None and not self.mute:
                writer.write(answer.encode())
        writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        try:
            return await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""

    def _login(self, fields: Fields) -> str:
        if fields["Secret"] == "right":
            return success(fields, "Message: Authentication accepted")
        return error("Authentication failed")(fields) or ""
