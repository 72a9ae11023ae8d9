"""The document of ports."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from ivr.http.document import document
from ivr.http.methods import methods_of, protocol_of
from tests.http.kit import HttpPost, Post

DOCUMENT = document({"post": Post})


def valid(schema: str, value: Any) -> bool:
    """Whether the document allows a value."""
    root = {"$ref": f"#/components/schemas/{schema}", "components": DOCUMENT["components"]}
    return jsonschema.Draft202012Validator(root).is_valid(value)


def test_every_method_is_an_operation() -> None:
    assert list(DOCUMENT["paths"]) == ["/v1/post/send", "/v1/post/open"]
    opening = DOCUMENT["paths"]["/v1/post/open"]["post"]
    assert opening["summary"] == "Open the box"
    assert opening["description"] == "Open the box. Whoever has the PIN may."
    assert set(opening["responses"]) == {
        *("200", "400", "401", "409", "413", "415", "422", "503", "504")
    }


def test_whoever_asks_has_a_token() -> None:
    assert DOCUMENT["security"] == [{"token": []}]
    assert DOCUMENT["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        ({"pin": "1234", "weight": 1}, True),
        ({"pin": "1234", "weight": 1, "more": 1}, False),
        ({"pin": "1234"}, False),
        ({"pin": "1 2", "weight": 1}, False),
        ({"pin": "1" * 65, "weight": 1}, False),
        ({"pin": "1", "weight": 2**53}, False),
    ],
)
def test_what_a_request_may_be(value: dict[str, Any], allowed: bool) -> None:
    assert valid("PostOpenRequest", value) is allowed


def test_money_is_an_object() -> None:
    assert valid("Amount", {"minor": 5, "currency": "CNY"})
    assert not valid("Amount", ["money", 5, "CNY"])


def test_methods_of_a_class_are_those_of_what_it_keeps() -> None:
    assert list(methods_of("post", HttpPost)) == list(methods_of("post", Post))
    assert protocol_of(HttpPost) is Post
