"""Asterisk's manager interface, as the engine uses it: to believe a connection or not."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ivr.adapters.ami.client import AmiClient, AmiSettings
from ivr.adapters.ami.messages import AmiRefused
from ivr.adapters.ami.several import Asterisks
from ivr.app.config import AmiConfig, Config, read_secret
from ivr.model.errors import PortError
from ivr.ports.clock import Clock

_LOG = logging.getLogger(__name__)


class Manager:
    """Tells whether a FastAGI connection speaks for a real channel.

    FastAGI has no authentication: anyone who reaches the port could claim a call. Asterisk itself is
    asked which UNIQUEID the channel has.
    """

    def __init__(self, client: AmiClient | Asterisks) -> None:
        self.client = client

    async def connect(self) -> None:
        """Log in, and stay so, once all who listen are there. An Asterisk that is not up yet is waited
        for in the background. Raises AmiRejected for a wrong secret."""
        await self.client.connect(insist=True)

    async def believes(self, channel: str, call_id: str) -> bool:
        """Whether Asterisk, or one of several, has this channel with this UNIQUEID.

        While Asterisk's manager cannot be asked, calls are believed: a hotline that turns every
        caller away is worse than one that trusts its own loopback for a moment.
        """
        for one in self.client.where(call_id):
            try:
                if await one.getvar(channel, "UNIQUEID") == call_id:
                    return True
            except AmiRefused:
                continue
            except PortError as error:
                _LOG.warning("call %s is believed unasked: %s", call_id, error)
                return True
        return False

    def asterisk(self, uniqueid: str) -> str:
        """Return the name of the Asterisk that has a channel; empty for the only one."""
        return self.client.where(uniqueid)[0].name


@asynccontextmanager
async def manager(config: Config, clock: Clock) -> AsyncIterator[Manager | None]:
    """Have a client of each Asterisk's manager, for `connect`, and close it at the end; None: the engine
    runs without.

    Raises ConfigError for a secret that cannot be read.
    """
    said = config.ami
    if said is None:
        yield None
        return
    client: AmiClient | Asterisks
    if isinstance(said, tuple):
        client = Asterisks({one.name: _client(one, clock) for one in said})
    else:
        client = _client(said, clock)
    try:
        yield Manager(client)
    finally:
        await client.close()


def _client(said: AmiConfig, clock: Clock) -> AmiClient:
    secret = read_secret(said.secret_file)
    return AmiClient(AmiSettings(said.host, said.port, said.user, secret, said.queue_log), clock)
