"""The document that is published: what OneCall asks of a bank's own systems."""

from __future__ import annotations

import json
from importlib.resources import files

import msgspec

from ivr.app.backends import PORTS
from ivr.http.document import Example, document

HTTP = "http"


def published() -> str:
    """Return the OpenAPI document of every port that a bank may connect its own systems to."""
    ports = {name: port.discover()[HTTP] for name, port in PORTS.items()}
    return json.dumps(document(ports, examples()), ensure_ascii=False, indent=2) + "\n"


def examples() -> dict[str, dict[str, Example]]:
    """Return an example of every operation, by port and method, as the sandbox answers them."""
    written = (files(__package__) / "examples.yaml").read_bytes()
    return msgspec.yaml.decode(written, type=dict[str, dict[str, Example]])
