"""Cases and promised calls in a real browser, by keyboard alone, in both languages."""

from __future__ import annotations

import wave
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from playwright.async_api import Page, expect

from ivr.app.orders import order_ledger
from ivr.app.recordings import MESSAGES
from ivr.centre.agents import Act
from ivr.desk.wording import LANGUAGES
from ivr.ports.cases import CaseFilter, CaseState, Link, LinkKind, NewCase
from tests.contracts.ledger_kit import Writing
from tests.desk.chromium_kit import browsing, clean, picture, typed
from tests.desk.kit import caller
from tests.desk.serving_kit import There, desk_and_engine
from tests.desk.test_chromium import PASSWORD

pytestmark = [pytest.mark.proof, pytest.mark.timeout(90)]

NEW = NewCase("a", "complaint", "1001", "A fee was taken twice", "C1001", "13800001001")
PLAYED = "one => { window.played = new Promise(done => one.onended = () => done(one.duration)) }"


async def links(there: There) -> tuple[Link, ...]:
    """Return an order and what its customer has said, as a case has them."""
    async with order_ledger(there.config) as ledger:
        order = await Writing(ledger, there.book._clock).authorise(at=there.book._clock.now())
    folder = there.config.state / MESSAGES
    folder.mkdir()
    with wave.open(str(folder / "1764000000-1-4.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(2 * 8000))
    return Link(LinkKind.ORDER, order.draft.id), Link(LinkKind.RECORDING, "1764000000-1-4")


async def talking(there: There, page: Page) -> None:
    """Have an agent at their desk talk with a caller."""
    await page.goto(there.url)
    await typed(page, "li.na", PASSWORD)
    for act in (Act.LOGIN, Act.READY):
        there.hall.act("1001", act)
    there.hall.call(caller(since=there.hall.view("1001").since))
    await page.locator("#state.talking").wait_for()


async def test_a_case_from_its_call_to_its_end_by_keyboard_alone(tmp_path: Path) -> None:
    async with desk_and_engine(tmp_path) as there, browsing() as page:
        key = page.keyboard
        await talking(there, page)
        await key.press("Alt+k")
        await expect(page.locator("#case-kind")).to_be_focused()
        await key.press("Tab")
        await key.type("A fee was taken twice")
        await key.press("Alt+f")
        await expect(page.locator("#notice")).to_have_text("The case is open.")
        (case,) = await there.book.find(CaseFilter())
        await expect(page.get_by_role("link", name=case.number)).to_be_focused()
        await key.press("Enter")
        await expect(page.locator("#case .big")).to_have_text(case.summary)

        for letter, text, notice in (
            ("t", "", "The case is yours."),
            ("w", "The branch looks into it", "Noted."),
            ("k", "The fee is paid back", "Noted what the customer was told."),
            ("s", "The fee is paid back", "The case is solved."),
            ("c", "", "The case is closed."),
        ):
            await page.locator("#text").focus()
            await key.type(text)
            await key.press(f"Alt+{letter}")
            await expect(page.locator("#notice")).to_have_text(notice)
        await expect(page.locator(".history li").first).to_contain_text("closed")
        found = await there.book.get(case.number)
        assert found is not None
        assert (found.state, found.owner, found.answer) == (
            CaseState.CLOSED, "1001", "The fee is paid back",
        )  # fmt: skip


async def test_calls_are_promised_by_keyboard_alone(tmp_path: Path) -> None:
    async with desk_and_engine(tmp_path) as there, browsing() as page:
        key = page.keyboard
        await talking(there, page)
        tomorrow = (there.book._clock.now() + timedelta(days=1)).date()
        await page.locator("#day").focus()
        await key.type(f"{tomorrow:%m%d%Y}")
        await page.locator("#from").focus()
        await key.type("0200PM")
        await page.locator("#until").focus()
        await key.type("0330PM")
        await key.press("Alt+v")
        await expect(page.locator("#notice")).to_have_text("The call is promised.")
        case = await there.book.open(NEW)
        await page.goto(f"{there.url}/cases/{case.number}")
        await key.press("Alt+n")
        await expect(page.locator("#notice")).to_have_text("The call is promised.")
        await expect(page.locator("#case")).to_contain_text("scheduled-2")
        window, now = there.diary.promised
        assert (window["begins"], window["ends"]) == tuple(
            there.book._clock.now().replace(
                year=tomorrow.year, month=tomorrow.month, day=tomorrow.day,
                hour=hour, minute=minute, second=0, microsecond=0,
            )
            for hour, minute in ((14, 0), (15, 30))
        )  # fmt: skip
        assert (now["about"], now["number"]) == (case.number, "13800001001")


async def test_a_list_is_live_and_pages_of_cases_are_clean(tmp_path: Path) -> None:
    async with desk_and_engine(tmp_path) as there, browsing("zh-CN") as page:
        await page.goto(there.url)
        await typed(page, "li.na", PASSWORD)
        await page.locator("#state").wait_for()
        await page.keyboard.press("Alt+2")
        await expect(page.locator("#list-title")).to_contain_text("0")
        case = await there.book.open(msgspec.structs.replace(NEW, links=await links(there)))
        link = page.get_by_role("link", name=case.number)
        for language in LANGUAGES:
            await link.focus()
            await there.book.open(msgspec.structs.replace(NEW, key=language, customer="C1002"))
            await expect(page.locator("#list")).to_contain_text("C1002")
            await expect(link).to_be_focused()
            await picture(page, f"cases-{language}")
            await clean(page)
            await link.click()
            await page.locator("#act-solve").wait_for()
            await picture(page, f"case-{language}")
            await clean(page)
            await page.get_by_role("button", name="English" if language == "zh" else "中文").click()
            await page.locator(f'html[lang^="{"en" if language == "zh" else "zh"}"]').wait_for()
            await page.keyboard.press("Alt+2")
        await page.emulate_media(color_scheme="dark")
        await link.wait_for()
        await clean(page)
        await link.click()
        await page.locator("a[href^='/orders/']").press("Enter")
        await page.locator("#order-title").wait_for()
        await picture(page, "order")
        await clean(page)
        await page.go_back()
        await page.locator("a[href*='/recordings/']").press("Enter")
        await page.locator("#sound").evaluate(PLAYED)
        await page.locator("#sound").focus()
        await page.keyboard.press("Space")
        await page.evaluate("window.played")
        await clean(page)
