"""The agent's side between the answer and the conversation: the dialplan's `agent-leg`.

Asterisk asks for it on the agent's own channel, so the floor knows who has answered, when, and on which
channel, also while the manager interface is away.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from ivr.adapters.agi.channel import LineSettings
from ivr.adapters.agi.connection import Connection
from ivr.adapters.agi.environment import Environment
from ivr.adapters.agi.line import AgiLine
from ivr.centre.waiting import ACCEPT, ACCEPTED
from ivr.model.errors import CallerHungUp
from ivr.model.prompt import Prompted
from ivr.ports.prompts import Prompts
from ivr.ports.switch import unique
from ivr.ports.waiting import Ring

SCRIPT = "agent"
"""The path of the URL that the dialplan asks for."""
_ACCEPT_MS = 8_000
_REFUSED = "BUSY"
"""What Dial is told of an agent who does not take the call: the caller goes on."""

_LOG = logging.getLogger(__name__)


class Whispering(Protocol):
    """What is needed of the waiting room. Every method raises PortError."""

    async def whisper(self, call_id: str) -> Ring | None: ...
    async def talks(self, call_id: str, channel: str) -> None: ...
    async def declined(self, call_id: str) -> None: ...


class Whisper:
    """Answers `agi://node/agent,<call id>`. `asterisk` tells which of several has a UNIQUEID."""

    def __init__(
        self,
        room: Whispering,
        prompts: Prompts,
        line: LineSettings,
        asterisk: Callable[[str], str] = lambda uniqueid: "",
    ) -> None:
        self._room = room
        self._prompts = prompts
        self._line = line
        self._asterisk = asterisk

    async def handle(self, connection: Connection) -> None:
        """Tell the agent who calls, and join the two unless the agent wants a key and presses none."""
        environment = connection.environment
        call_id = environment.arguments[0] if environment.arguments else ""
        ring = await self._room.whisper(call_id)
        line = AgiLine(connection, self._line)
        try:
            if ring is None or await self._taken(line, ring):
                await self._room.talks(call_id, self._named(environment))
            else:
                await self._room.declined(call_id)
                await connection.set_variable("GOSUB_RESULT", _REFUSED)
            await line.finish()
        except CallerHungUp:
            _LOG.info("call %s: the agent hung up before the conversation", call_id)
            await self._room.declined(call_id)

    def _named(self, environment: Environment) -> str:
        return unique(environment.channel, self._asterisk(environment.uniqueid))

    async def _taken(self, line: AgiLine, ring: Ring) -> bool:
        """Play the whisper; return whether the agent takes the call."""
        asked = (*ring.whisper, *((ACCEPT,) if ring.accept else ()))
        for recording in self._prompts.render(tuple(map(Prompted, asked)), ring.language):
            streamed = await line.stream(recording, start=0, interruptible=True)
            if streamed.key is not None:
                return not ring.accept or streamed.key == ACCEPTED
        return not ring.accept or await line.wait_digit(_ACCEPT_MS) == ACCEPTED
