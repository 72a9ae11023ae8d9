"""Serving the floor to other processes of this machine: the desk, and commands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.routing import BaseRoute, Mount

from ivr.app.config import Config, make_token, read_secret
from ivr.http.server import Served, application
from ivr.http.serving import serving
from ivr.model.secret import Secret

TOKEN = "floor.token"  # noqa: S105  # the name of a file
"""In the state folder: whoever may read it may ask, and act for any agent."""

MOUNT = "/leader"
"""Below this path of its floor port a node answers for itself only: as the leader, or not at all."""


def token_file(config: Config) -> Path:
    """Return the file of the token: that of all nodes, or the engine's own."""
    return config.cluster.secret_file or config.state / TOKEN


@asynccontextmanager
async def serving_floor(
    config: Config,
    ports: Mapping[str, Served],
    more: Sequence[BaseRoute] = (),
    leaders: Mapping[str, Served] | None = None,
) -> AsyncIterator[str]:
    """Serve ports by name, to whoever has the token, and `more` to everybody; below MOUNT those that only
    the leader answers. Yield the URL.

    Raises ConfigError, ListenError.
    """
    file = token_file(config)
    if config.cluster.secret_file is None:
        make_token(file)
    token = Secret(read_secret(file))
    app = application(ports, token, more=(*more, Mount(MOUNT, application(leaders or {}, token))))
    async with serving(app, config.floor.port, config.floor.host) as url:
        yield url
