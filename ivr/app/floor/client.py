"""Asking an engine's floor from another process of its machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from ivr.app.config import Config, ConfigError, read_secret
from ivr.app.floor.serving import token_file
from ivr.http.client import HttpPort
from ivr.model.secret import Secret
from ivr.ports.agents import Agents
from ivr.ports.backend import Settings
from ivr.ports.callbackbook import CallbackBook
from ivr.ports.cases import CaseBook
from ivr.ports.dictation import Dictation
from ivr.ports.floor import Floor
from ivr.ports.operations import Operations

BUDGET_MS = 30_000
"""Longer than anybody waits for a change (`Floor.changed`), or for a telephone to be answered."""


class FarAgents(HttpPort, Agents, port="agents"):
    """The Agents port of an engine."""


class FarFloor(HttpPort, Floor, port="floor"):
    """The Floor port of an engine."""


class FarDictation(HttpPort, Dictation, port="dictation"):
    """The Dictation port of an engine."""


class FarCallbacks(HttpPort, CallbackBook, port="callbacks"):
    """The callbacks of an engine."""


class FarCases(HttpPort, CaseBook, port="cases"):
    """The book of cases of an engine."""


class FarOperations(HttpPort, Operations, port="operations"):
    """The Operations port of an engine."""


class Far(msgspec.Struct, frozen=True):
    """What an engine serves. Every method of these raises PortError when it does not answer."""

    agents: Agents
    floor: Floor
    dictation: Dictation
    callbacks: CallbackBook
    cases: CaseBook
    operations: Operations


@asynccontextmanager
async def floor_client(config: Config) -> AsyncIterator[Far]:
    """Open what the engine of a configuration serves; it need not be running yet.

    Raises ConfigError where no engine has ever been started with it.
    """
    file = token_file(config)
    if not file.exists():
        raise ConfigError(f"{file}: there is no token; `ivr serve` makes it at its first start")
    settings = Settings(
        file=Path(),
        url=f"http://{config.floor.host}:{config.floor.port}",
        token=Secret(read_secret(file)),
        budget_ms=BUDGET_MS,
    )
    async with AsyncExitStack() as stack:

        async def opened(kind: Any) -> Any:
            port = await kind.opened(settings)
            stack.push_async_callback(port.close)
            return port

        yield Far(
            await opened(FarAgents),
            await opened(FarFloor),
            await opened(FarDictation),
            await opened(FarCallbacks),
            await opened(FarCases),
            await opened(FarOperations),
        )
