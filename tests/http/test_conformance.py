"""Whether what is served is what the document says: schemathesis asks, with data of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import date
from pathlib import Path

import pytest

from ivr import pins
from ivr.adapters.knowledge.http import HttpKnowledge
from ivr.app.config import make_token, read_secret
from ivr.app.openapi import published
from ivr.app.sandbox import TOKEN, sandbox
from ivr.http.document import document
from ivr.http.server import Served, application
from ivr.http.serving import serving
from ivr.model.values import Money
from ivr.ports.knowledge import Branch, Fee

pytestmark = [pytest.mark.proof, pytest.mark.timeout(240)]

EXAMPLES = 5
"""Random requests for each operation, beside those that go to the edges of each type."""


SETTINGS = """\
[checks]
# 413 is a refusal as well; many long texts, each allowed, may come to more than a request may be.
negative_data_rejection.expected-statuses = ["400", "401", "404", "405", "413", "415", "422"]
positive_data_acceptance.expected-statuses = ["2xx", "404", "409", "413"]
"""


async def found(described: str, url: str, token: str, folder: Path) -> tuple[int, str]:
    """Run schemathesis on a document and a server; return its exit status and what it said."""
    (folder / "openapi.json").write_text(described, "utf-8")
    (folder / "schemathesis.toml").write_text(SETTINGS, "utf-8")
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("schemathesis"),
        *("run", "openapi.json", "--url", url, "-H", f"Authorization: Bearer {token}"),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES)),
        *("--seed", "4", "--generation-deterministic", "--no-color"),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, "\n".join(line[:400] for line in said.decode().splitlines())


async def test_the_sandbox_is_what_the_document_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    token = tmp_path / TOKEN
    make_token(token)
    async with sandbox(tmp_path, "Asia/Shanghai", token) as url:
        status, said = await found(published(), url, read_secret(token), tmp_path)
    assert status == 0, said
    operations = len(json.loads(published())["paths"])
    assert f"Tested: {operations}\n" in said


class Broken:
    """Fails where the day is no day."""

    async def branch(self, number: str, day: str) -> Branch | None:
        date.fromisoformat(day)
        return None

    async def fee(self, service: str) -> Fee | None:
        return Fee(service, 1, Money(1), Money(2))


async def test_what_is_broken_is_found(tmp_path: Path) -> None:
    described = json.dumps(document({"knowledge": HttpKnowledge}))
    to_everybody = application({"knowledge": Served(HttpKnowledge, Broken())}, None)
    async with serving(to_everybody) as url:
        status, said = await found(described, url, "a-token", tmp_path)
    assert status == 1, said
    assert "Server error" in said
    assert "API accepts requests without authentication" in said
