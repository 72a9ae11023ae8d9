"""Every code is documented, and every documented code exists and is used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ivr.model.codes import Code

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "errors.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^### (IVR\d{3})(?: \(warning\))?\n(.+?)(?=^##|\Z)", PAGE, re.M | re.S))


def test_the_page_documents_exactly_the_codes_there_are() -> None:
    assert list(SECTIONS) == sorted(SECTIONS) == [code.value for code in Code]


@pytest.mark.parametrize("code", Code)
def test_the_page_says_what_is_wrong_and_what_to_do(code: Code) -> None:
    assert re.match(r"\*\*.+?\*\*", SECTIONS[code], re.S)


@pytest.mark.parametrize("code", Code)
def test_the_code_is_used(code: Code) -> None:
    pattern = re.compile(rf"\bCode\.{code.name}\b")
    sources = (*(ROOT / "ivr" / "engine").rglob("*.py"), *(ROOT / "ivr" / "adapters").rglob("*.py"))
    assert any(pattern.search(path.read_text("utf-8")) for path in sources)
