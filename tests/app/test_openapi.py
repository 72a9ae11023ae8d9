"""The document that is published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from ivr import pins
from ivr.app.config import make_token, read_secret
from ivr.app.openapi import examples, published
from ivr.app.sandbox import TOKEN, sandbox

FILE = Path(__file__).parents[2] / "docs" / "api" / "openapi.json"


def test_the_published_document_is_that_of_the_ports() -> None:
    """Renew it with `make docs` when a port has changed."""
    assert FILE.read_text("utf-8") == published()


async def test_the_sandbox_answers_as_in_the_examples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    make_token(tmp_path / TOKEN)
    asked = []
    async with sandbox(tmp_path, "Asia/Shanghai", tmp_path / TOKEN) as url:
        token = {"Authorization": f"Bearer {read_secret(tmp_path / TOKEN)}"}
        async with httpx.AsyncClient(base_url=url, headers=token) as web:
            for port, methods in examples().items():
                for method, example in methods.items():
                    path = f"/v1/{port}/{method}"
                    answer = (await web.post(path, json=example.asks)).json()
                    assert without_token(answer) == without_token(example.answer), path
                    asked.append(path)
            described = (await web.get("/v1/openapi.json")).json()
    assert sorted(asked) == sorted(described["paths"])


def without_token(answer: Any) -> Any:
    """Return an answer without a token, which is never the same."""
    if not isinstance(answer, dict):
        return answer
    return {name: value for name, value in answer.items() if name != "token"}
