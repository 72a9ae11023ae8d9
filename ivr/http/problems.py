"""Problems as RFC 9457 has them: what went wrong, for a developer to read and a program to act on."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec
from starlette.responses import Response

from ivr.model.errors import PortError, PortTimeout
from ivr.ports.cluster import NotLeading

JSON = "application/json"
MISDIRECTED = 421
"""Answered by a node that does not lead: nothing was done, and another one is to be asked."""
MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: "That is not JSON.",
    401: "A bearer token is needed, and this is not the one.",
    404: "There is no such operation.",
    405: "That is not the method of this path.",
    409: "It cannot be done; asking again does not help.",
    413: "That is too large.",
    415: "JSON is wanted: Content-Type: application/json.",
    422: "That is not what the operation takes.",
    500: "Something is wrong here.",
    503: "It cannot be done now; asking again may help.",
    504: "It took too long; what was done is not known.",
}

_SENT = re.compile(r"(unknown field|value) .*?(?= - at `|$)", re.DOTALL)


class Problem(msgspec.Struct, frozen=True):
    """What went wrong. `detail` is for operators; `retryable`: asking again, as it is, may help."""

    title: str
    status: int
    detail: str = ""
    retryable: bool = False


class Refused(Exception):
    """A request is not served, because of a problem."""

    def __init__(self, status: int, detail: str = "", *, retryable: bool = False) -> None:
        super().__init__(detail)
        self.problem = Problem(TITLES[status], status, detail, retryable)


def refusal(error: PortError) -> Problem:
    """Return what a port's error is to whoever asked."""
    status = 503 if error.retryable else 409
    if isinstance(error, NotLeading):
        return Problem("That is the leader's.", MISDIRECTED, error.problem, retryable=True)
    if isinstance(error, PortTimeout):
        status = 504
    return Problem(TITLES[status], status, error.problem, error.retryable)


def response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem as an answer."""
    asking = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}
    return Response(
        msgspec.json.encode(problem),
        problem.status,
        headers={**asking, **(headers or {})},
        media_type=MEDIA_TYPE,
    )


def without_values(words: str) -> str:
    """Take out of a decoder's words what was sent: it might be a secret in the wrong place."""
    return _SENT.sub(r"\1 •••", words)
