"""One AMI connection: bytes in, answers and events out. It never reconnects and never repeats."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable, Mapping

from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message

from ivr.adapters.ami.messages import (
    PORT,
    AmiDown,
    AmiLost,
    AmiMessage,
    AmiRefused,
    Question,
    Value,
    headers,
)
from ivr.model.errors import PortTimeout

MAX_MESSAGE = 1 << 20
"""Bytes of one message; what is longer comes from no Asterisk."""

_GIVEN_UP = 1_000
_END = b"\r\n\r\n"
_LOG = logging.getLogger("ivr.ami")


class Link(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """A connection. Events go to `on_event` in order, its end to `on_end`, once."""

    responses: dict[str, Question]

    def __init__(self, on_event: Callable[[AmiMessage], None], on_end: Callable[[], None]) -> None:
        self._on_event = on_event
        self._on_end = on_end
        self._buffer = b""
        self._given_up: deque[str] = deque(maxlen=_GIVEN_UP)
        self.closed = True
        self.received = 0
        self.greeted = False

    def data_received(self, data: bytes) -> None:
        """Cut the stream into messages. Only whole messages are decoded, so no character is split."""
        self.received += 1
        *messages, self._buffer = (self._buffer + data).split(_END)
        for message in messages:
            self._take(message)
        if len(self._buffer) > MAX_MESSAGE:
            _LOG.error(
                "ami: a message of more than %d bytes: the connection is closed", MAX_MESSAGE
            )
            self.close()

    async def ask(self, name: str, fields: Mapping[str, Value], budget_ms: int) -> list[AmiMessage]:
        """Send an action once and return its answer: one message, or a list's messages.

        Raises AmiDown, AmiLost, AmiRefused, or PortTimeout.
        """
        if self.closed:
            raise AmiDown
        question = Question(name, secrets.token_hex(16), headers(fields))
        data = question.encode()
        self.responses[question.id] = question
        try:
            self.transport.write(data)
            async with asyncio.timeout(budget_ms / 1000):
                answer = await question.future
        except TimeoutError as error:
            raise PortTimeout(PORT, budget_ms) from error
        finally:
            if self.responses.pop(question.id, None) is not None:
                self._given_up.append(question.id)
        found = [AmiMessage(one) for one in (answer if isinstance(answer, list) else [answer])]
        if not found[0].success:
            raise AmiRefused(name, found[0]["Message"])
        return found

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the event loop when the connection is over, however that came."""
        self.close()

    def close(self) -> None:
        """Close the connection and fail what waits for an answer; nothing is kept to be repeated."""
        if self.closed:
            return
        self.closed = True
        self.transport.abort()
        waiting, self.responses = self.responses, {}
        for question in waiting.values():
            if not question.future.done():
                question.future.set_exception(AmiLost(question["Action"]))
        self._on_end()

    def _take(self, data: bytes) -> None:
        text = data.decode("utf-8", "replace").lstrip("\r\n")
        if not self.greeted:
            self.greeted = text.startswith("Asterisk Call Manager/")
        parsed = Message.from_line(text)
        if parsed is None:
            return
        message = AmiMessage(parsed)
        action_id = message["ActionID"]
        question = self.responses.get(action_id)
        if question is not None:
            if question.add_message(parsed):
                del self.responses[action_id]
        elif message.name and action_id not in self._given_up:  # else of a list given up
            self._on_event(message)
