"""A bank's own core, behind the API that docs/api/openapi.json describes."""

from __future__ import annotations

from ivr.http.client import HttpPort
from ivr.ports.bank import Bank


class HttpBank(HttpPort, Bank, port="bank"):
    """The Bank port over HTTP."""


BACKEND = HttpBank
