"""The document that is published: what OneCall asks of a bank's own systems."""

from __future__ import annotations

import json

from ivr.app.backends import PORTS
from ivr.http.document import document

HTTP = "http"


def published() -> str:
    """Return the OpenAPI document of every port that a bank may connect its own systems to."""
    described = document({name: port.discover()[HTTP] for name, port in PORTS.items()})
    return json.dumps(described, ensure_ascii=False, indent=2) + "\n"
