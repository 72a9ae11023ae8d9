"""A payment taken at the desk with a real call behind it: the agent sees dots and a count, and hears music."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from ivr.desk.service import serving_desk
from lab.site import HOTLINE, Lab
from lab.telephone import Telephone
from tests.desk.chromium_kit import browsing, typed
from tests.live.desk_kit import ANI, KnownFloor, desk_of, ready, state
from tests.live.floor_kit import WITHIN, Seat

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]

ORDER, CARD, EXPIRY, CODE = "10000001", "4242424242424242", "0930", "731"
SECRET = {"enter-card-number": CARD, "enter-expiry": EXPIRY, "enter-cvv": CODE}
"""What the caller keys, by what they hear before."""


async def counted(page: Page, keys: int) -> None:
    """Wait until the page tells how many keys there are by now, and see that it tells no more."""
    await expect(page.locator("#progress .count")).to_have_text(str(keys))
    await expect(page.locator("#progress .bullets")).to_have_text("•••")


async def test_a_payment_with_a_real_call_behind_it(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    async with KnownFloor(lab, phone, tmp_path) as floor:
        async with serving_desk(desk_of(floor)) as url, browsing() as page:
            seat = Seat(floor, "1001")
            await ready(page, url)
            caller = await phone.call(HOTLINE, ani=ANI)
            agent = await seat.takes()
            await state(page, "talking")

            await page.locator("#number").focus()
            await typed(page, ORDER)
            await state(page, "reserved")
            await caller.hears("assist-begin", within=WITHIN)
            await agent.hears("music", within=WITHIN)
            await caller.hears("pay-agree-given", within=WITHIN)
            await caller.press("1")

            shown = []
            for prompt, keys in SECRET.items():
                await caller.hears(prompt, within=WITHIN)
                await caller.press(keys[:2])
                await counted(page, 2)
                shown.append(await page.inner_text("body"))
                await caller.press(keys[2:] + ("#" if keys == CARD else ""))
            await caller.hears("pay-confirm", within=WITHIN)
            await caller.press("1")
            await caller.hears("payment-done", within=WITHIN)
            await caller.hears("assist-end", within=30)
            await expect(page.locator("#progress")).to_contain_text("Paid", timeout=20_000)
            await state(page, "talking")
            assert not [keys for keys in SECRET.values() for each in shown if keys in each]
            assert CARD not in await page.content()
            assert {one.name for one in agent.heard} <= {"music/music", "zh/whisper-en"}

            await caller.hang_up()
            await state(page, "wrap_up")
        await floor.empty()
