"""A bank's own messages, behind the API that docs/api/openapi.json describes."""

from __future__ import annotations

from ivr.http.client import HttpPort
from ivr.ports.notify import Notify


class HttpNotify(HttpPort, Notify, port="notify"):
    """The Notify port over HTTP."""


BACKEND = HttpNotify
