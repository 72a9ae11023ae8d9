"""The agent desk with a real call behind it: a browser, two telephones, and the machine between them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from ivr.adapters.staff.demo import PEOPLE
from ivr.app.config import Config, DeskConfig, load_config
from ivr.desk.service import serving_desk
from lab.site import HOTLINE, Lab
from lab.telephone import Telephone
from tests.desk.chromium_kit import browsing, typed
from tests.live.floor_kit import MAIN, Floor, Seat

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]

PIN, PASSWORD = next(words for person, words in PEOPLE.items() if person.agent == "1001")
ANI, ACCOUNT, CALLER_PIN = "13800001001", "6222021001", "408297"
IDENTIFIED = """\
start: who

steps:
  who:
    identify: {by: ani}
    on: {known: agent, unknown: agent, unavailable: agent}
"""


class KnownFloor(Floor):
    """A floor whose callers are identified by their numbers."""

    @staticmethod
    def _flows(folder: Path) -> Path:
        copy = Floor._flows(folder)
        main = MAIN.replace("start: agent\n\nsteps:\n", IDENTIFIED)
        (copy / "main.yaml").write_text(main, "utf-8")
        return copy


def desk_of(floor: Floor) -> Config:
    """Return the configuration of a desk beside the floor's engine."""
    config = load_config(floor.engine.folder / f"onecall-{floor.engine.port}.yaml")
    return config.model_copy(update={"desk": DeskConfig(port=0)})


async def state(page: Page, name: str) -> None:
    """Wait until the page shows the agent in a state."""
    await page.locator(f"#state.{name}").wait_for()


async def test_a_dictated_order_with_a_real_call_behind_it(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    async with KnownFloor(lab, phone, tmp_path) as floor:
        async with serving_desk(desk_of(floor)) as url, browsing() as page:
            key, seat = page.keyboard, Seat(floor, "1001")
            await page.goto(url)
            await typed(page, "li.na", PASSWORD)
            await state(page, "offline")
            await page.locator("#pin").focus()
            await typed(page, PIN)
            await state(page, "paused")
            await key.press("Alt+r")
            await state(page, "ready")

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

            await caller.hears("assist-begin")
            await agent.hears("music")
            await caller.hears("enter-account")
            await caller.press(f"{ACCOUNT}#")
            await caller.hears("enter-pin")
            await caller.press(CALLER_PIN[:3])
            await expect(page.locator("#progress .count")).to_have_text("3")
            await caller.press(f"{CALLER_PIN[3:]}#")
            await caller.hears("order-confirm", within=30)
            await caller.press("1")
            await caller.hears("order-pin")
            await caller.press(f"{CALLER_PIN}#")
            await caller.hears("order-posted")
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
