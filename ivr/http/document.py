"""The OpenAPI document of ports: what a bank implements to connect its own systems."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

import msgspec

from ivr.http.methods import Method, methods_of, protocol_of
from ivr.http.problems import JSON, MEDIA_TYPE, TITLES, Problem
from ivr.http.wire import json_schema

DOCUMENT_PATH = "/v1/openapi.json"

_ABOUT = """\
What OneCall asks of a bank's own systems. Every operation is a POST with a JSON object of its \
arguments; 200 answers with its result, everything else is a problem (RFC 9457).

Amounts are whole minor units (fen, cents) with their currency. Instants are ISO 8601 with an offset \
from UTC. What moves money has an idempotency key: the same key is done once, however often it \
arrives, and is answered as it was the first time. Whoever gets no answer asks with `query`.
"""

_PROBLEMS = (400, 401, 409, 413, 415, 422, 503, 504)


class Example(msgspec.Struct, frozen=True):
    """A request and what it is answered, as JSON."""

    asks: dict[str, Any]
    answer: Any


Examples = Mapping[str, Mapping[str, Example]]
"""By port and method."""


def document(ports: Mapping[str, type], examples: Examples | None = None) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of ports: name → Protocol."""
    methods = {name: methods_of(name, protocol) for name, protocol in ports.items()}
    every = [method for of_port in methods.values() for method in of_port.values()]
    kinds = [kind for method in every for kind in (method.request, method.reply)]
    schemas, components = msgspec.json.schema_components(
        [*kinds, Problem], schema_hook=json_schema, ref_template="#/components/schemas/{name}"
    )
    of_kind = dict(zip(map(id, kinds), schemas, strict=False))
    paths = {
        method.path: {
            "post": _operation(
                method,
                of_kind[id(method.request)],
                of_kind[id(method.reply)],
                (examples or {}).get(method.port, {}).get(method.name),
            )
        }
        for method in every
    }
    described = {
        "openapi": "3.1.0",
        "info": {
            "title": "OneCall: a bank's own systems",
            "version": version("onecall"),
            "description": _ABOUT,
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": [
            {"name": name, "description": _folded(inspect.getdoc(protocol_of(ports[name])) or "")}
            for name in ports
        ],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {str(status): _problem(status) for status in _PROBLEMS},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
    plain: dict[str, Any] = msgspec.to_builtins(described)
    return plain


def _operation(
    method: Method, request: dict[str, Any], reply: dict[str, Any], example: Example | None
) -> dict[str, Any]:
    words = _folded(method.doc)
    problems = {str(status): {"$ref": f"#/components/responses/{status}"} for status in _PROBLEMS}
    asked = {"schema": request} | ({"example": example.asks} if example else {})
    told = {"schema": reply} | ({"example": example.answer} if example else {})
    return {
        "operationId": f"{method.port}_{method.name}",
        "tags": [method.port],
        "summary": re.split(r"[.;:](?:\s|$)", words, maxsplit=1)[0],
        "description": words,
        "requestBody": {"required": True, "content": {JSON: asked}},
        "responses": {"200": {"description": "Done.", "content": {JSON: told}}, **problems},
    }


def _problem(status: int) -> dict[str, Any]:
    return {
        "description": f"{HTTPStatus(status).phrase}. {TITLES[status]}",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _folded(doc: str) -> str:
    """Return a docstring with a line a paragraph."""
    return "\n\n".join(" ".join(part.split()) for part in doc.split("\n\n"))
