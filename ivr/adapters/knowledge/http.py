"""A bank's own knowledge, behind the API that docs/api/openapi.json describes."""

from __future__ import annotations

from ivr.http.client import HttpPort
from ivr.ports.knowledge import Knowledge


class HttpKnowledge(HttpPort, Knowledge, port="knowledge"):
    """The Knowledge port over HTTP."""


BACKEND = HttpKnowledge
