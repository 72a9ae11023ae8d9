"""Connecting to AMI, and telling who we are there: what can go wrong, and what to do about it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from ivr.adapters.ami.link import Link
from ivr.adapters.ami.messages import PORT, AmiLost, AmiMessage, AmiRefused, AmiRejected
from ivr.model.errors import PortError, PortTimeout


class AmiSettings(msgspec.Struct, frozen=True):
    """Where Asterisk is, who we are there, and how patient we are (milliseconds).

    `queue_log` is Asterisk's file of that name when this machine can read it. A silent peer is
    given up after `ping_ms` + `pong_ms`; the pause between attempts grows from `retry_ms` to
    `retry_most_ms`; a refused user tries again every `rejected_ms` only.
    """

    host: str
    port: int
    username: str
    secret: str
    queue_log: Path | None = None
    connect_ms: int = 3_000
    ping_ms: int = 2_000
    pong_ms: int = 2_000
    retry_ms: int = 100
    retry_most_ms: int = 2_000
    rejected_ms: int = 60_000

    def __repr__(self) -> str:
        return f"AmiSettings({self.username}@{self.host}:{self.port})"


async def log_in(
    settings: AmiSettings, take: Callable[[AmiMessage], None], end: Callable[[], None]
) -> Link:
    """Return a connection that is logged in; `take` is given its events, `end` told of its end.

    Raises AmiRejected for a wrong user or secret, PortError where nobody answers, or something else does.
    """
    where = f"Asterisk at {settings.host}:{settings.port}"
    try:
        async with asyncio.timeout(settings.connect_ms / 1000):
            _, link = await asyncio.get_running_loop().create_connection(
                lambda: Link(take, end), settings.host, settings.port
            )
    except OSError as error:
        why = "no answer" if isinstance(error, TimeoutError) else error.strerror or str(error)
        raise PortError(PORT, f"{where} cannot be reached: {why}", retryable=True) from error
    try:
        await _introduce(link, settings, where)
    except BaseException:
        link.close()
        raise
    return link


async def _introduce(link: Link, settings: AmiSettings, where: str) -> None:
    fields = {"Username": settings.username, "Secret": settings.secret, "Events": "on"}
    try:
        await link.ask("Login", fields, settings.connect_ms)
    except AmiRefused as refused:
        raise AmiRejected(
            PORT,
            f"{where} refuses the user {settings.username!r} ({refused.reason}): compare the "
            "secret in the configuration with that in Asterisk's manager.conf, and its permit",
        ) from refused
    except PortTimeout as error:
        raise PortError(PORT, f"{where} does not answer a login", retryable=True) from error
    except AmiLost as error:
        what = "closes the connection at login" if link.greeted else "does not speak AMI"
        raise PortError(PORT, f"{where} {what}", retryable=True) from error
