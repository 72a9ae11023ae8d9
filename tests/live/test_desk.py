"""The agent desk with a real call behind it: a browser, two telephones, and the machine between them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from ivr.desk.service import serving_desk
from lab.site import HOTLINE, Lab
from lab.telephone import Telephone
from tests.desk.chromium_kit import browsing, typed
from tests.live.desk_kit import ANI, KnownFloor, desk_of, ready, state
from tests.live.floor_kit import WITHIN, Seat

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]

ACCOUNT, CALLER_PIN = "6222021001", "408297"


async def test_a_dictated_order_with_a_real_call_behind_it(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    async with KnownFloor(lab, phone, tmp_path) as floor:
        async with serving_desk(desk_of(floor)) as url, browsing() as page:
            key, seat = page.keyboard, Seat(floor, "1001")
            await ready(page, url)

            caller = await phone.call(HOTLINE, ani=ANI)
            agent = await seat.takes()
            await state(page, "talking")
            await expect(page.locator("#caller")).to_contain_text("C1001")
            await expect(page.locator("#caller")).to_contain_text("identified, not authenticated")

            await page.locator("#order").select_option("transfer")
            await key.press("Alt+d")
            for slot in ("source", "payee"):
                await expect(page.locator(f"#slot-{slot}")).to_be_focused()
                await key.press("1")
            await expect(page.locator("#slot-amount")).to_be_focused()
            await typed(page, "12.50")
            await expect(page.locator("#work button.main")).to_be_enabled()
            assert ACCOUNT not in await page.content()
            await key.press("Alt+a")
            await state(page, "reserved")

            await caller.hears("assist-begin", within=WITHIN)
            await agent.hears("music", within=WITHIN)
            await caller.hears("enter-account", within=WITHIN)
            await caller.press(f"{ACCOUNT}#")
            await caller.hears("enter-pin", within=WITHIN)
            await caller.press(CALLER_PIN[:3])
            await expect(page.locator("#progress .count")).to_have_text("3")
            await caller.press(f"{CALLER_PIN[3:]}#")
            await caller.hears("order-confirm", within=30)
            await caller.press("1")
            await caller.hears("order-pin", within=WITHIN)
            await caller.press(f"{CALLER_PIN}#")
            await caller.hears("order-posted", within=WITHIN)
            await expect(page.locator("#progress")).to_contain_text("Done", timeout=20_000)
            await state(page, "talking")
            assert CALLER_PIN not in await page.content()

            await caller.hang_up()
            await state(page, "wrap_up")
            await key.press("Alt+s")
            await expect(page.locator("#notice")).to_have_text("Saved.")
            await key.press("Alt+r")
            await state(page, "ready")
        await floor.empty()
