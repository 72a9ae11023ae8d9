"""Serving the floor to other processes of this machine: the desk, and commands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from starlette.routing import BaseRoute

from ivr.app.config import Config, folder, make_token, read_secret
from ivr.http.server import Served, application
from ivr.http.serving import serving
from ivr.model.secret import Secret

TOKEN = "floor.token"  # noqa: S105  # the name of a file
"""In the state folder: whoever may read it may ask, and act for any agent."""


@asynccontextmanager
async def serving_floor(
    config: Config, ports: Mapping[str, Served], more: Sequence[BaseRoute] = ()
) -> AsyncIterator[str]:
    """Serve ports by name, to whoever has the token, and `more` to everybody; yield the URL.

    Raises ConfigError, ListenError.
    """
    file = folder(config.state) / TOKEN
    make_token(file)
    app = application(ports, Secret(read_secret(file)), more=more)
    async with serving(app, config.floor.port, config.floor.host) as url:
        yield url
