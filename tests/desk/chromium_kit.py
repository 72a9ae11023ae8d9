"""A real browser in front of a real desk: Debian's Chromium, led by playwright."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import ConsoleMessage, Page, async_playwright

from ivr.desk.guard import REFUSED

ROOT = Path(__file__).parents[2]
WITHIN_MS = 8_000


@cache
def chromium() -> str:
    """Return where Chromium is, installed if it is not there."""
    found = shutil.which("chromium")
    if found is None:
        subprocess.run([str(ROOT / "scripts" / "apt-install"), "chromium"], check=True)
        found = shutil.which("chromium")
    assert found, "there is no Chromium, and it could not be installed"
    return found


@asynccontextmanager
async def browsing(language: str = "en-US") -> AsyncIterator[Page]:
    """Open a page; whatever it has to complain of fails the test at the end."""
    complaints: list[str] = []
    async with async_playwright() as playwright:
        # Tests run as root in containers, where Chromium's own sandbox cannot.
        browser = await playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = await browser.new_page(locale=language, viewport={"width": 1100, "height": 780})
        page.set_default_timeout(WITHIN_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.extend(_complaint(said)))
        yield page
        await browser.close()
    assert not complaints, complaints


def _complaint(said: ConsoleMessage) -> list[str]:
    # That an act was refused is told by its answer's status; browsers complain of each.
    refused = f"status of {REFUSED}" in said.text
    return [f"{said.text} {said.location}"] if said.type == "error" and not refused else []


async def clean(page: Page) -> None:
    """Look for what keeps people out of a page (WCAG 2 A and AA, best practices)."""
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


async def picture(page: Page, name: str) -> None:
    """Keep a picture for the documentation, where ONECALL_PICTURES names a folder."""
    if folder := os.environ.get("ONECALL_PICTURES"):
        # Hiding the caret takes a style that the pages do not let in.
        await page.screenshot(path=Path(folder) / f"{name}.png", caret="initial")


async def typed(page: Page, *words: str) -> None:
    """Type into one field after the other, and press Enter: no mouse anywhere."""
    for place, word in enumerate(words):
        if place:
            await page.keyboard.press("Tab")
        await page.keyboard.type(word)
    await page.keyboard.press("Enter")
