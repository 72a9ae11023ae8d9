"""Serving ports over HTTP: every method of a Protocol is an operation, strictly typed.

What was sent is never told again, neither in an answer nor in a log: it may be a secret.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from typing import Any, cast

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ivr.http.document import DOCUMENT_PATH, Examples, document
from ivr.http.methods import Method, methods_of
from ivr.http.problems import JSON, Refused, refusal, response, without_values
from ivr.http.wire import convert, decode, encode
from ivr.model.errors import PortError
from ivr.model.secret import Secret

BODY_MOST = 64 * 1024

_LOG = logging.getLogger(__name__)

Perform = Callable[[], Awaitable[Response]]
Around = Callable[[Method, Request, Perform], Awaitable[Response]]
"""What is done before and after an operation (see `ivr.http.faults`)."""


class Served(msgspec.Struct, frozen=True):
    """A port to serve: what it promises, and what keeps the promise."""

    protocol: type
    port: Any


async def straight(method: Method, request: Request, perform: Perform) -> Response:
    """Perform an operation, and nothing else."""
    return await perform()


def application(
    ports: Mapping[str, Served],
    token: Secret | None,
    around: Around = straight,
    more: Sequence[BaseRoute] = (),
    examples: Examples | None = None,
) -> Starlette:
    """Return an application that serves ports by name, to whoever has the token (None: to everybody),
    the document that describes them, and `more`."""
    protocols = {name: one.protocol for name, one in ports.items()}

    @cache
    def described() -> bytes:
        return msgspec.json.encode(document(protocols, examples))

    async def publish(request: Request) -> Response:
        return Response(described(), media_type=JSON)

    routes: list[BaseRoute] = [Route(DOCUMENT_PATH, publish, methods=["GET"]), *more]
    for name, served in ports.items():
        for method in methods_of(name, served.protocol).values():
            endpoint = _endpoint(method, getattr(served.port, method.name), token, around)
            routes.append(Route(method.path, endpoint, methods=["POST"]))
    return Starlette(
        routes=routes,
        exception_handlers={404: _not_served, 405: _not_served, Exception: _failed},
    )


def authorise(request: Request, token: Secret | None) -> None:
    """Raise Refused unless a request has the token."""
    given = request.headers.get("authorization", "").encode("latin-1")
    if token is not None and not hmac.compare_digest(given, f"Bearer {token.reveal()}".encode()):
        raise Refused(401)


async def body_of(request: Request, kind: Any) -> Any:
    """Return what a request says. Raises Refused."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != JSON:
        raise Refused(415)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_MOST:
            raise Refused(413, f"at most {BODY_MOST} bytes")
    try:
        return decode(bytes(body), kind)
    except msgspec.ValidationError as error:
        raise Refused(422, without_values(str(error))) from None
    except msgspec.DecodeError:
        raise Refused(400) from None


def _endpoint(
    method: Method, ask: Callable[..., Awaitable[Any]], token: Secret | None, around: Around
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        authorise(request, token)
        arguments = method.arguments(await body_of(request, method.request))

        async def perform() -> Response:
            answered = await ask(*arguments.values())
            return Response(encode(convert(answered, method.reply)), media_type=JSON)

        return await around(method, request, perform)

    async def serve(request: Request) -> Response:
        try:
            answered = await answer(request)
        except Refused as refused:
            answered = response(refused.problem)
        except PortError as error:
            answered = response(refusal(error))
        _LOG.info("%s: %d", method.path, answered.status_code)
        return answered

    return serve


async def _not_served(request: Request, error: Exception) -> Response:
    told = cast(HTTPException, error)
    return response(Refused(told.status_code).problem, told.headers)


async def _failed(request: Request, error: Exception) -> Response:
    # Starlette raises the error once more, for the server's log.
    return response(Refused(500).problem)
