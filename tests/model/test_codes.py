"""Every code has its page, is in the index, and is used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ivr.model.codes import Code

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "errors"
ROW = re.compile(
    r"^\| \[(?P<code>IVR\d{3})\]\(errors/(?P=code)\.md\) \| (error|warning) \| (.+) \|$", re.M
)


def test_the_index_lists_exactly_the_codes_there_are() -> None:
    index = (ROOT / "docs" / "errors.md").read_text("utf-8")
    assert [(code, words) for code, _, words in ROW.findall(index)] == [
        (code.value, code.summary) for code in Code
    ]
    warnings = [code for code, severity, _ in ROW.findall(index) if severity == "warning"]
    marked = [page.stem for page in PAGES.glob("*.md") if "*A warning" in page.read_text("utf-8")]
    assert warnings == sorted(marked)


def test_there_are_no_other_pages() -> None:
    assert sorted(page.stem for page in PAGES.iterdir()) == sorted(code.value for code in Code)


@pytest.mark.parametrize("code", Code)
def test_the_page_says_what_is_wrong_and_what_to_do(code: Code) -> None:
    text = (PAGES / f"{code}.md").read_text("utf-8")
    assert text.startswith(f"# {code}: {code.summary}\n\n")
    assert len(text.splitlines()) > 2


@pytest.mark.parametrize("code", Code)
def test_the_code_is_used(code: Code) -> None:
    pattern = re.compile(rf"\bCode\.{code.name}\b")
    sources = (*(ROOT / "ivr" / "engine").rglob("*.py"), *(ROOT / "ivr" / "adapters").rglob("*.py"))
    assert any(pattern.search(path.read_text("utf-8")) for path in sources)
