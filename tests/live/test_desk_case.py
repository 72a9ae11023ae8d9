"""A case with a real call behind it: opened at one desk, solved at another, and its customer is asked."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from ivr.app.ledger import open_store
from ivr.centre.cases.acts import SURVEY_DUE
from ivr.desk.service import serving_desk
from ivr.ports.cases import CaseFilter, CaseRecord, CaseState, Link, LinkKind
from ivr.ports.coverage import Asked, Progress
from lab.installation import REPOSITORY
from lab.site import HOTLINE, Lab
from lab.telephone import Telephone
from tests.desk.chromium_kit import browsing, typed
from tests.live.desk_kit import ANI, CREDENTIALS, KnownFloor, desk_of, ready, state
from tests.live.floor_kit import WITHIN, Floor, Seat

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]

CASES = """\
desks:
  complaints: {queue: service, agents: [1008, 1009]}
cases:
  complaint: {title: {en: complaint}, owner: complaints, answer: 15 days, survey: true}
"""
RULES = "survey_rules: {later: {by: [message], within: 24h}}\n"
SURVEY = Path("surveys") / "case-closed.yaml"
PAID_BACK = "The fee is paid back"
"""What is done about it, and told to the customer."""


class CaseFloor(KnownFloor):
    """A floor with one kind of cases, whose customers are asked about them by message."""

    def __init__(self, lab: Lab, telephone: Telephone, folder: Path) -> None:
        handsets = {"file": str(folder / "notify.sqlite")}
        super().__init__(lab, telephone, folder, {"notify": handsets})

    @staticmethod
    def _flows(folder: Path) -> Path:
        copy = KnownFloor._flows(folder)
        (copy / "cases.yaml").write_text(CASES, "utf-8")
        (copy / "survey_rules.yaml").write_text(RULES, "utf-8")
        (copy / SURVEY).parent.mkdir()
        shutil.copy(REPOSITORY / "flows" / SURVEY, copy / SURVEY)
        return copy


async def opened_in(page: Page) -> str:
    """Open a case about the caller, and return its number."""
    await page.keyboard.press("Alt+k")
    await expect(page.locator("#case-kind")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.type("A fee was taken twice")
    await page.keyboard.press("Alt+f")
    await expect(page.locator("#notice")).to_have_text("The case is open.")
    return await page.locator("#work a").inner_text()


async def brought_to_its_end(page: Page, url: str, number: str) -> None:
    """Find a case in the list, and do all that there is to do: by keyboard."""
    await page.goto(url)
    await typed(page, "zheng.jie", CREDENTIALS["zheng.jie"][1])
    await state(page, "offline")
    await page.keyboard.press("Alt+2")
    await page.get_by_role("link", name=number).press("Enter")
    for key, text, notice in (
        ("t", "", "The case is yours."),
        ("k", PAID_BACK, "Noted what the customer was told."),
        ("s", PAID_BACK, "The case is solved."),
        ("c", "", "The case is closed."),
    ):
        await page.locator("#text").focus()
        await page.keyboard.type(text)
        await page.keyboard.press(f"Alt+{key}")
        await expect(page.locator("#notice")).to_have_text(notice)


async def asked_about(floor: Floor, number: str) -> CaseRecord:
    """Wait until it is decided whether the customer of a closed case is asked about it."""
    book = floor.far.cases
    entries = 0
    async with asyncio.timeout(WITHIN):
        while True:
            entries = await book.changed(entries, 1_000)
            case = await book.get(number)
            assert case is not None
            if case.survey not in ("", SURVEY_DUE):
                return case


async def offers(floor: Floor, case: CaseRecord) -> list[Asked]:
    """Return what came of asking about cases so far."""
    async with open_store(floor.config) as store:
        return [one async for one in store.coverage.asked_of_cases(case.opened_at)]


async def test_a_case_of_a_real_call_is_solved_by_another_agent_and_its_survey_is_pending(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    async with CaseFloor(lab, phone, tmp_path) as floor:
        async with serving_desk(desk_of(floor)) as url, browsing() as page:
            await ready(page, url)
            caller = await phone.call(HOTLINE, ani=ANI)
            await Seat(floor, "1001").takes()
            await state(page, "talking")
            number = await opened_in(page)
            call_id = (await floor.caller("talking")).call_id
            (case,) = await floor.far.cases.find(CaseFilter(customer="C1001"))
            assert (case.number, case.owner, case.ani) == (number, "complaints", ANI)
            assert case.links == (Link(LinkKind.CALL, call_id),)
            await caller.hang_up()

            assert page.context.browser is not None
            other = await page.context.browser.new_page(locale="en-US")
            await brought_to_its_end(other, url, number)
            closed = await asked_about(floor, number)
            assert (closed.state, closed.solved_by) == (CaseState.CLOSED, "1008")
            assert closed.survey == "asked"
            (offer,) = await offers(floor, closed)
            assert offer.call_id == f"case:{number}:0"
            assert offer.progress in (Progress.DUE, Progress.SENT)
            assert offer.answers == {}
        await floor.empty()
