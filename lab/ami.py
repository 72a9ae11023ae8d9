"""A small AMI client for the telephone: actions, answers, events.

The product's AMI client is another, in `ivr`; the lab must not share its faults. This one serves
one trusted Asterisk on loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Mapping

from lab.errors import LabError
from lab.ports import ADDRESS

Message = dict[str, str]
LINE_ENDS = ("\r", "\n", "\0")


class Ami:
    """One logged-in connection. Events go to `on_event`, in order, as dictionaries."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        on_event: Callable[[Message], None],
    ) -> None:
        self._writer = writer
        self._on_event = on_event
        self._numbers = itertools.count(1)
        self._pending: dict[str, asyncio.Future[Message]] = {}
        self._task = asyncio.create_task(self._read(reader))

    @classmethod
    async def connect(
        cls, port: int, user: str, secret: str, on_event: Callable[[Message], None]
    ) -> Ami:
        """Connect and log in; raises LabError when nobody is there or the secret is wrong."""
        try:
            reader, writer = await asyncio.open_connection(ADDRESS, port)
        except OSError as error:
            raise LabError(f"no telephone on AMI port {port}: start the lab first") from error
        with contextlib.ExitStack() as undo:
            # Whoever is not logged in, because nobody waits for it any more, leaves nothing open.
            undo.callback(writer.close)
            await reader.readline()  # the banner
            ami = cls(reader, writer, on_event)
            answer = await ami.send("Login", {"Username": user, "Secret": secret})
            if answer.get("Response") != "Success":
                raise LabError(f"AMI on port {port} refused the login of user {user}")
            undo.pop_all()
        return ami

    async def send(
        self, action: str, fields: Mapping[str, str], variables: Mapping[str, str] | None = None
    ) -> Message:
        """Send an action and return its answer; LabError when the connection is lost."""
        number = str(next(self._numbers))
        pairs = [("Action", action), ("ActionID", number), *fields.items()]
        pairs += [("Variable", f"{name}={value}") for name, value in (variables or {}).items()]
        if any(end in value for _, value in pairs for end in LINE_ENDS):
            raise LabError(f"a value of the AMI action {action} holds a line end")
        future = asyncio.get_running_loop().create_future()
        self._pending[number] = future
        text = "".join(f"{name}: {value}\r\n" for name, value in pairs) + "\r\n"
        self._writer.write(text.encode())
        answer: Message = await future
        return answer

    async def close(self) -> None:
        """Log off and end the connection."""
        self._writer.close()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        message: Message = {}
        try:
            while line := await reader.readline():
                text = line.decode(errors="replace").rstrip("\r\n")
                if text:
                    name, _, value = text.partition(": ")
                    message[name] = value
                elif message:
                    self._dispatch(message)
                    message = {}
        except ConnectionError:
            pass  # the same as the end of the stream: reported to those who wait, below
        finally:
            for future in self._pending.values():
                if not future.done():
                    future.set_exception(LabError("the telephone's Asterisk went away"))

    def _dispatch(self, message: Message) -> None:
        if "Event" in message:
            self._on_event(message)
            return
        future = self._pending.pop(message.get("ActionID", ""), None)
        if future is not None and not future.done():
            future.set_result(message)
