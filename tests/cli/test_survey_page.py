"""The page of `ivr report survey` in a real browser: whole, clean for everybody, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.cli.main import app
from tests.cli.test_survey_report import bank
from tests.desk.chromium_kit import browsing, clean, picture

pytestmark = [pytest.mark.proof, pytest.mark.timeout(120)]

TEXTS = {"en": ("What callers say", "coverage, %"), "zh": ("客户怎么说", "覆盖率，%")}
PICTURES = 3 + 4
"""Coverage, trend, answers; a funnel for each sign with ten agents of 50 or more: unhappy callers are fewer."""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bank(tmp_path_factory.mktemp("bank"), days=2, agents=12)


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


@pytest.fixture
def page_file(config: Path, tmp_path: Path, language: str) -> Path:
    """The page, whose bytes are the same twice."""
    files = [tmp_path / "one.html", tmp_path / "two.html"]
    for file in files:
        options = ["--from", "2026-10-01", "-l", language, "--html", str(file), "-c", str(config)]
        assert CliRunner().invoke(app, ["report", "survey", *options]).exit_code == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    return files[0]


async def test_the_page(page_file: Path, language: str) -> None:
    title, axis = TEXTS[language]
    async with browsing() as page:
        await page.goto(page_file.as_uri())
        assert await page.title() == title
        assert await page.locator("figure [role=img]").count() == PICTURES
        assert axis in await page.locator("figure svg text").all_text_contents()
        outside = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not await page.evaluate(outside)
        await picture(page, f"survey-{language}")
        await clean(page)
