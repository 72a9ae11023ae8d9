"""The page in a real Chromium: clean for everybody in both languages, nothing from elsewhere, prints well."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import msgspec
import pytest

from ivr.adapters.voc.page import LANGUAGES, page, read_page
from ivr.app.voc.book import voc_book
from ivr.app.voc.making import Wanted, make_report
from ivr.app.voc.taxonomies import Taxonomy, read_taxonomy
from ivr.centre.voc.figures import Unverifiable, VocReport
from tests.app.voc.kit import OCTOBER, TAXONOMY, bank
from tests.desk.chromium_kit import browsing, clean, picture

pytestmark = [pytest.mark.proof, pytest.mark.timeout(90)]
FEEDBACK = {
    "feedback": "2026-09/102/cards.fees",
    "branch": "102",
    "theme": "cards.fees",
    "matters": 9,
    "complaints": 7,
    "due": "2026-10-16",
    "standing": "late",
    "replied": "",
    "reply": "</script><b>paid & back</b>",
    "closed": "",
    "how": "",
}


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return read_taxonomy(TAXONOMY)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, taxonomy: Taxonomy) -> VocReport:
    config = bank(tmp_path_factory.mktemp("bank"))
    book = voc_book(config)
    making = make_report(config, taxonomy, book, Wanted(OCTOBER), lambda name, at_ms: None)
    report = asyncio.run(making).report
    figures = [
        msgspec.structs.replace(one, rows=(FEEDBACK,)) if one.name == "feedback" else one
        for one in report.figures
    ]
    return msgspec.structs.replace(report, figures=tuple(figures))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_is_clean_and_prints(
    report: VocReport, taxonomy: Taxonomy, language: str, tmp_path: Path
) -> None:
    file = tmp_path / "october.html"
    file.write_text(page(report, taxonomy.document, language), "utf-8")
    async with browsing() as shown:
        asked: list[str] = []
        shown.on("request", lambda request: asked.append(request.url))
        await shown.goto(file.as_uri())
        assert asked == [file.as_uri()]
        await clean(shown)
        heading = await shown.locator("h1").inner_text()
        assert heading == {"zh": "客户之声", "en": "Voice of the customer"}[language]
        assert await shown.locator("figure svg").count() == 3
        assert "paid & back" in await shown.locator("#feedback ~ div").inner_text()
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not await shown.evaluate(wide)
        await picture(shown, f"voc-{language}")
        printed = await shown.pdf(path=tmp_path / "october.pdf", prefer_css_page_size=True)
        colours = await shown.evaluate(
            "[...document.querySelectorAll('body *')].flatMap(e => { const s = getComputedStyle(e);"
            " return [s.color, s.backgroundColor, s.fill, s.stroke] })"
        )
    pages = len(re.findall(rb"/Type\s*/Page\b", printed))
    assert 5 <= pages <= 9
    assert all(_grey(colour) for colour in set(colours))


def _grey(colour: str) -> bool:
    """Whether a colour is readable in black and white: it is no colour at all."""
    return len(set(re.findall(r"\d+", colour)[:3])) <= 1


def test_nothing_that_is_written_into_it_ends_its_figures(
    report: VocReport, taxonomy: Taxonomy
) -> None:
    text = page(report, taxonomy.document, "zh")
    assert text.count("</script>") == 1
    assert read_page(text) == (report, "zh")
    with pytest.raises(Unverifiable):
        read_page(text.replace('<html lang="zh">', "<html>"))
