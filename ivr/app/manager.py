"""Asterisk's manager interface, as the engine uses it: to believe a connection or not."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ivr.adapters.ami.client import AmiClient, AmiSettings
from ivr.adapters.ami.messages import AmiRefused
from ivr.app.config import AmiConfig, read_secret
from ivr.model.errors import PortError
from ivr.ports.clock import Clock

_LOG = logging.getLogger(__name__)


class Manager:
    """Tells whether a FastAGI connection speaks for a real channel.

    FastAGI has no authentication: anyone who reaches the port could claim a call. Asterisk itself is
    asked which UNIQUEID the channel has.
    """

    def __init__(self, client: AmiClient) -> None:
        self.client = client

    async def connect(self) -> None:
        """Log in, and stay so, once all who listen are there. An Asterisk that is not up yet is waited
        for in the background. Raises AmiRejected for a wrong secret."""
        await self.client.connect(insist=True)

    async def believes(self, channel: str, call_id: str) -> bool:
        """Whether Asterisk has this channel with this UNIQUEID.

        While Asterisk's manager cannot be asked, calls are believed: a hotline that turns every
        caller away is worse than one that trusts its own loopback for a moment.
        """
        try:
            return await self.client.getvar(channel, "UNIQUEID") == call_id
        except AmiRefused:
            return False
        except PortError as error:
            _LOG.warning("call %s is believed unasked: %s", call_id, error)
            return True


@asynccontextmanager
async def manager(config: AmiConfig, clock: Clock) -> AsyncIterator[Manager]:
    """Have a client of Asterisk's manager, for `connect`, and close it at the end.

    Raises ConfigError for a secret that cannot be read.
    """
    secret = read_secret(config.secret_file)
    settings = AmiSettings(config.host, config.port, config.user, secret, config.queue_log)
    client = AmiClient(settings, clock)
    try:
        yield Manager(client)
    finally:
        await client.close()
