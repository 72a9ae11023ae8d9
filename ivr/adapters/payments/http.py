"""A bank's own payment gateway, behind the API that docs/api/openapi.json describes."""

from __future__ import annotations

from ivr.http.client import HttpPort
from ivr.ports.payments import Payments


class HttpPayments(HttpPort, Payments, port="payments"):
    """The Payments port over HTTP."""


BACKEND = HttpPayments
