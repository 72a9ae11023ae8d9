"""Faults on demand: what a network and a bank's core do on bad days, one request at a time.

Only a sandbox has this. `PUT /sandbox/faults/bank/post {"fault": "lose_answer", "times": 1}` has the
next posting done and its answer lost; `DELETE /sandbox/faults` makes all well again.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Collection
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ivr.http.methods import Method
from ivr.http.problems import Refused, response
from ivr.http.server import Perform, authorise, body_of
from ivr.model.secret import Secret

LONGEST_MS = 600_000


class Kind(enum.StrEnum):
    """What goes wrong."""

    DELAY = "delay"  # it is done, and answered after `ms`
    FAIL = "fail"  # it is not done: 503
    LOSE_REQUEST = "lose_request"  # it is not done, and never answered
    LOSE_ANSWER = "lose_answer"  # it is done, and never answered
    CUT = "cut"  # it is done, and the connection breaks
    TWICE = "twice"  # it arrives twice; the second answer is given


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fault of the next `times` requests for an operation."""

    fault: Kind
    ms: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_MS)] = 0
    times: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1


class Faults:
    """The faults of an application's operations, by path."""

    def __init__(self, operations: Collection[str], token: Secret | None) -> None:
        self._operations = operations
        self._token = token
        self._waiting: dict[str, Fault] = {}

    def routes(self) -> list[Route]:
        """Return where faults are asked for, and taken back."""
        return [
            Route("/sandbox/faults/{port}/{method}", self._put, methods=["PUT"]),
            Route("/sandbox/faults", self._clear, methods=["DELETE"]),
        ]

    async def around(self, method: Method, request: Request, perform: Perform) -> Response:
        """Perform an operation with the fault that is waiting for it, if any."""
        fault = self._next(method.path)
        if fault is None:
            return await perform()
        if fault.fault is Kind.FAIL:
            raise Refused(503, "it fails, as it was told to", retryable=True)
        if fault.fault is Kind.LOSE_REQUEST:
            return await _nobody_answers(request)
        if fault.fault is Kind.TWICE:
            await perform()
        answered = await perform()
        await asyncio.sleep(fault.ms / 1000)
        if fault.fault is Kind.LOSE_ANSWER:
            return await _nobody_answers(request)
        return _Cut() if fault.fault is Kind.CUT else answered

    def _next(self, path: str) -> Fault | None:
        fault = self._waiting.pop(path, None)
        if fault and fault.times > 1:
            self._waiting[path] = msgspec.structs.replace(fault, times=fault.times - 1)
        return fault

    async def _put(self, request: Request) -> Response:
        path = "/v1/{port}/{method}".format_map(request.path_params)
        try:
            authorise(request, self._token)
            fault: Fault = await body_of(request, Fault)
            if path not in self._operations:
                raise Refused(404)
        except Refused as refused:
            return response(refused.problem)
        self._waiting[path] = fault
        return Response(status_code=204)

    async def _clear(self, request: Request) -> Response:
        try:
            authorise(request, self._token)
        except Refused as refused:
            return response(refused.problem)
        self._waiting.clear()
        return Response(status_code=204)


async def _nobody_answers(request: Request) -> Response:
    """Wait until whoever asked has given up."""
    while (await request.receive())["type"] != "http.disconnect":
        continue
    return Response(status_code=204)


class _Cut(Response):
    """An answer that breaks off: the server closes a connection whose answer is not complete."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = [(b"content-length", b"1")]
        await send({"type": "http.response.start", "status": 200, "headers": length})
