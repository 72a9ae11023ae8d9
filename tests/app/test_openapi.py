"""The document that is published."""

from __future__ import annotations

from pathlib import Path

from ivr.app.openapi import published

FILE = Path(__file__).parents[2] / "docs" / "api" / "openapi.json"


def test_the_published_document_is_that_of_the_ports() -> None:
    """Renew it with `make docs` when a port has changed."""
    assert FILE.read_text("utf-8") == published()
