"""What somebody types outlasts what others do meanwhile, in a real browser: nothing of it is lost, and the
focus and the caret stay where they are."""

from __future__ import annotations

from collections.abc import Awaitable
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from ivr.centre.agents import Act
from ivr.ports.cases import Acted
from tests.desk.chromium_kit import browsing, typed
from tests.desk.kit import caller
from tests.desk.serving_kit import desk_and_engine
from tests.desk.test_chromium import CREDENTIALS, PASSWORD
from tests.desk.test_chromium_cases import NEW, talking

pytestmark = [pytest.mark.proof, pytest.mark.timeout(90)]

COMPOSING = {"selectionStart": 2, "selectionEnd": 2}


async def caret(field: Locator) -> int:
    """Return where the next letter goes; -1 where the field has not got the focus."""
    found: int = await field.evaluate(
        "one => one === document.activeElement ? one.selectionStart : -1"
    )
    return found


async def test_a_case_that_others_change_leaves_alone_what_somebody_types(tmp_path: Path) -> None:
    async with desk_and_engine(tmp_path) as there, browsing() as page:
        key, text, history = page.keyboard, page.locator("#text"), page.locator(".history")
        case = await there.book.open(NEW)

        async def others(act: Awaitable[Acted], said: str) -> None:
            """Have somebody else change what can be done, and wait until the page says so."""
            assert (await act).refused is None
            await expect(history).to_contain_text(said)

        await page.goto(there.url)
        await typed(page, "li.na", PASSWORD)
        await page.locator("#state").wait_for()
        await page.goto(f"{there.url}/cases/{case.number}")
        await page.locator("#link-kind").select_option("order")
        await page.locator("#link-id").fill("4031")
        await text.focus()
        await key.type("The branch it.")
        for _ in range(3):
            await key.press("ArrowLeft")
        await others(there.book.make_complex(case.number, "1002", "two banks"), "two banks")
        await expect(page.locator("#act-complex")).to_have_count(0)
        assert await caret(text) == len("The branch ")
        await key.type("looks into ")
        await expect(text).to_have_value("The branch looks into it.")

        browser = await page.context.new_cdp_session(page)
        await key.press("End")
        await browser.send("Input.imeSetComposition", {"text": "支行", **COMPOSING})
        await others(
            there.book.extend(case.number, "1002", "the other is slow", "grace.liu"), "is slow"
        )
        await expect(page.locator("#act-extend")).to_have_count(0)
        await browser.send("Input.imeSetComposition", {"text": "支行办", **COMPOSING})
        await browser.send("Input.insertText", {"text": "支行办理"})
        await expect(text).to_have_value("The branch looks into it.支行办理")

        await key.press("Alt+w")
        await expect(page.locator("#notice")).to_have_text("Noted.")
        await expect(history).to_contain_text("it.支行办理")
        await expect(text).to_have_value("")
        await expect(page.locator("#link-kind")).to_have_value("order")
        await expect(page.locator("#link-id")).to_have_value("4031")

        await text.focus()
        await key.type("All is paid back")
        await page.locator("#act-link").click()
        await expect(page.locator("#notice")).to_have_text("Linked.")
        await expect(page.locator("#link-id")).to_have_value("")
        await expect(text).to_have_value("All is paid back")

        await key.press("Alt+s")
        await expect(page.locator("#notice")).to_have_text("The case is solved.")
        await text.focus()
        await key.type("Told on Monday")
        await key.press("Alt+c")
        await expect(page.locator("#notice.bad")).to_contain_text("was not told yet")
        await others(there.book.answer(case.number, "1002", "told by letter"), "told by letter")
        await expect(page.locator("#act-answer")).to_have_count(0)
        await expect(text).to_have_value("Told on Monday")


async def test_a_floor_that_changes_leaves_alone_what_somebody_types(tmp_path: Path) -> None:
    async with desk_and_engine(tmp_path) as there, browsing() as page:
        key, note, state = page.keyboard, page.locator("#note"), page.locator("#state")
        await talking(there, page)
        await page.locator("#target").fill("loa")
        await page.locator("#disposition").select_option("complaint")
        await note.focus()
        await key.type("a fee twice")
        for _ in range(6):
            await key.press("ArrowLeft")
        there.hall.act("1001", Act.HELD)
        await expect(state).to_contain_text("On hold")
        assert await caret(note) == len("a fee")
        await key.type(" taken")
        await expect(note).to_have_value("a fee taken twice")
        await expect(page.locator("#disposition")).to_have_value("complaint")
        await expect(page.locator("#target")).to_have_value("loa")

        # What the floor refuses is not gone either.
        there.hall.act("1001", Act.JOINED)
        await expect(state).to_contain_text("Talking")
        there.hall.nobody = True
        await page.locator("#act-transfer").click()
        await expect(page.locator("#notice.bad")).to_be_visible()
        await expect(page.locator("#target")).to_have_value("loa")
        await expect(note).to_have_value("a fee taken twice")

        # It was about this caller, and not about the next one.
        for act in (Act.ENDED, Act.READY):
            there.hall.act("1001", act)
        there.hall.call(caller(call_id="call-2"))
        await expect(page.locator("#controls")).to_have_attribute("data-of", "call-2")
        await expect(note).to_have_value("")


async def test_a_wallboard_with_another_layout_waits_until_nobody_types(tmp_path: Path) -> None:
    async with desk_and_engine(tmp_path) as there, browsing() as page:
        await page.goto(there.url)
        await typed(page, "grace.liu", CREDENTIALS["grace.liu"][1])
        await page.locator("#b-1001").click()
        telephone = page.locator("#my-telephone")
        await telephone.focus()
        await page.keyboard.type("20")
        there.hall.act("1001", Act.LOGIN)
        await page.locator("#agent-1001.paused").wait_for()
        there.hall.join("1002", "王磊")
        await page.keyboard.type("01")
        await page.keyboard.press("Enter")
        await expect(page.locator("#notice")).to_contain_text("Your telephone rings")
        assert there.hall.asked == [("spy", "grace.liu", "2001", "1001", "listen")]
        await page.locator("#agent-1002").wait_for()
