"""Ports that are somewhere else: asked over HTTP, by the document that is published.

An answer that is not understood, or does not come, is a PortError like any other. After a request has
gone out, no error tells what was done; whoever asked for something to be done asks for it again by its
key (see docs/backends.md).
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Self

import httpx
import msgspec

from ivr.http.methods import Method, methods_of
from ivr.http.problems import JSON, MEDIA_TYPE, MISDIRECTED, Problem
from ivr.http.wire import convert, decode, encode
from ivr.model.errors import PortError, PortTimeout
from ivr.model.secret import MASK
from ivr.ports.backend import Settings
from ivr.ports.clock import Clock
from ivr.ports.notify import Notify

ANSWER_MOST = 8 * 1024 * 1024
IDLE_S = 4.0
"""How long a connection is kept for the next request. Less than servers do: one that the server is
just closing loses the request."""
CONNECTIONS = 100
"""As many requests are under way at a time; more wait, within their budget."""
_DETAIL_MOST = 200
_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){6,}")

# They would log every URL and header.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class Unreached(PortError):
    """Nothing was done: nobody was there, or somebody who is not to be asked."""

    def __init__(self, port: str, problem: str) -> None:
        super().__init__(port, problem, retryable=True)


class HttpPort:
    """A port behind HTTP. A subclass names its `port`, and the Protocol that it keeps as a base; its
    methods are made from that."""

    port: ClassVar[str]

    def __init_subclass__(cls, *, port: str) -> None:
        super().__init_subclass__()
        cls.port = port
        for name, method in methods_of(port, cls).items():
            setattr(cls, name, _asking(method))

    def __init__(self, client: httpx.AsyncClient, budget_ms: int) -> None:
        self._client = client
        self._budget_ms = budget_ms
        # httpcore's own limit loses a connection whenever one who waits for it is given up.
        self._room = asyncio.Semaphore(CONNECTIONS)

    @classmethod
    async def opened(
        cls, settings: Settings, clock: Clock | None = None, notify: Notify | None = None
    ) -> Self:
        """Open it; nothing is asked yet, so a bank that is down does not keep the engine from
        starting. Raises PortError when what is configured cannot be used."""
        token = settings.token
        headers = {"Authorization": f"Bearer {token.reveal()}"} if token else {}
        client = httpx.AsyncClient(
            base_url=settings.url,
            headers=headers,
            verify=_trusted(cls.port, settings),
            timeout=httpx.Timeout(None),  # the budget is for all of it
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(max_connections=None, keepalive_expiry=IDLE_S),
        )
        return cls(client, settings.budget_ms)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _ask(self, method: Method, request: msgspec.Struct) -> Any:
        budget = asyncio.timeout(self._budget_ms / 1000)
        try:
            async with budget:
                status, media_type, body = await self._post(method.path, encode(request))
        except TimeoutError as error:
            if budget.expired():
                raise PortTimeout(self.port, self._budget_ms) from error
            raise
        except UnicodeEncodeError:
            raise PortError(self.port, f"{method.path}: a text that is no Unicode") from None
        except httpx.ConnectError as error:
            problem = f"{self._client.base_url} cannot be reached: {error}"
            raise Unreached(self.port, problem) from error
        except httpx.HTTPError as error:
            problem = f"{method.path}: the connection was lost: {type(error).__name__}"
            raise PortError(self.port, problem, retryable=True) from error
        if status == httpx.codes.OK and media_type == JSON:
            return self._understood(method, body)
        raise self._refused(method, status, media_type, body)

    async def _post(self, path: str, body: bytes) -> tuple[int, str, bytes]:
        headers = {"Content-Type": JSON}
        asking = self._client.stream("POST", path, content=body, headers=headers)
        async with self._room, asking as response:
            answer = bytearray()
            async for chunk in response.aiter_bytes():
                answer += chunk
                if len(answer) > ANSWER_MOST:
                    raise PortError(self.port, f"{path}: answered more than {ANSWER_MOST} bytes")
            media_type = response.headers.get("content-type", "").partition(";")[0].strip()
            return response.status_code, media_type, bytes(answer)

    def _understood(self, method: Method, body: bytes) -> Any:
        try:
            return convert(decode(body, method.reply), method.answer)
        except msgspec.DecodeError:
            problem = f"{method.path}: the answer is not what the document says"
            raise PortError(self.port, problem) from None

    def _refused(self, method: Method, status: int, media_type: str, body: bytes) -> PortError:
        if status == MISDIRECTED:
            return Unreached(self.port, f"{self._client.base_url} is not to be asked")
        if status == httpx.codes.GATEWAY_TIMEOUT:
            return PortTimeout(self.port, self._budget_ms)
        problem = Problem("", status, retryable=status in (502, 503))
        if media_type == MEDIA_TYPE:
            try:
                problem = decode(body, Problem)
            except msgspec.DecodeError:
                problem = Problem("a problem that cannot be read", status)
        said = "" if method.secret else _quotable(f"{problem.title} {problem.detail}")
        text = f"{method.path}: answered {status} {said}".rstrip()
        return PortError(self.port, text, retryable=problem.retryable)


def _asking(method: Method) -> Callable[..., Awaitable[Any]]:
    async def ask(self: HttpPort, *given: Any, **named: Any) -> Any:
        try:
            request = method.asked(*given, **named)
        except msgspec.ValidationError:
            raise PortError(self.port, f"{method.path}: not what the document allows") from None
        return await self._ask(method, request)

    ask.__name__ = method.name
    ask.__doc__ = method.doc
    return ask


def _quotable(words: str) -> str:
    """Return what another system says of a problem, fit for a log: short, and without long numbers,
    which might be somebody's account."""
    words = _LONG_NUMBER.sub(MASK, " ".join(words.split()))[:_DETAIL_MOST]
    return "".join(letter for letter in words if letter.isprintable())


def _trusted(port: str, settings: Settings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:
        problem = f"{settings.ca_file}: no certificates can be read: {error.strerror}"
        raise PortError(port, problem) from error
