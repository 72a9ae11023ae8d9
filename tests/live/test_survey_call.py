"""The bank rings who hung up first, once, and whose case is closed: a poor score opens a case, and "no" opens
it again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.app.ledger import open_store
from ivr.ports.cases import CaseFilter, CaseRecord, CaseState, LinkKind
from ivr.ports.coverage import Asked, CoverageRow, How, Progress, Reason
from lab.installation import REPOSITORY
from lab.phone_call import PhoneCall
from lab.site import HOTLINE, Lab
from lab.telephone import Telephone
from tests.live.floor_kit import WITHIN, Floor, Seat
from tests.live.test_ring_back import rows
from tests.live.test_survey import MAIN

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(150)]
CALLER = "13900007201"
AGENT, COLLEAGUE = "1001", "1002"
RULES = "survey_rules: {shortest: 0s, later: {by: [call]}}\n"
CASES = f"""\
desks:
  complaints: {{queue: service, agents: [{COLLEAGUE}]}}
cases:
  complaint: {{title: {{zh: 投诉, en: complaint}}, owner: complaints, survey: true}}
"""


def hotline(lab: Lab, phone: Telephone, folder: Path) -> Floor:
    """Return a hotline that asks everybody, rings those it could not ask, and keeps cases."""
    floor = Floor(lab, phone, folder, {"dialler": {"allow": ["1"], "ring": "10s"}})
    flows = folder / "flows"
    (flows / "surveys").mkdir()
    for name in ("surveys/after-agent", "surveys/case-closed", "survey-call"):
        text = (REPOSITORY / "flows" / f"{name}.yaml").read_text("utf-8")
        (flows / f"{name}.yaml").write_text(text, "utf-8")
    for name, text in (("main", MAIN), ("survey_rules", RULES), ("cases", CASES)):
        (flows / f"{name}.yaml").write_text(text, "utf-8")
    return floor


async def talks(floor: Floor) -> tuple[PhoneCall, PhoneCall]:
    """Have a caller talk with an agent; return both ends."""
    seat = Seat(floor, AGENT)
    await seat.at_work()
    call = await floor.telephone.call(HOTLINE, ani=CALLER)
    leg = await seat.takes()
    await floor.caller("talking")
    return call, leg


async def rung(floor: Floor) -> PhoneCall:
    """Have the bank ring the caller, who picks up and agrees to be asked."""
    desk = floor.telephone.desk(CALLER)
    call = await desk.rings(2 * WITHIN)
    await desk.pick_up(call)
    await call.hears("survey-call-hello", WITHIN)
    await call.hears("survey-call-now", WITHIN)
    await call.press("1")
    return call


async def answers(call: PhoneCall, *said: tuple[str, str]) -> None:
    """Hear each question, then press its key, until the survey is over."""
    for question, key in said:
        await call.hears(question, WITHIN)
        await call.press(key)
    await call.hears("survey-thanks", WITHIN)
    await call.ended(WITHIN)


async def covered(
    floor: Floor, wanted: Callable[[list[tuple[CoverageRow, Asked]]], bool]
) -> list[tuple[CoverageRow, Asked]]:
    """Wait until the ledger is as wanted."""
    async with open_store(floor.config) as store, asyncio.timeout(WITHIN):
        while not wanted(found := await rows(store)):  # noqa: ASYNC110 - another process's write
            await asyncio.sleep(0.1)
    return found


async def the_case(floor: Floor, wanted: Callable[[CaseRecord], bool]) -> CaseRecord:
    """Wait until there is one case, and it is as wanted."""
    async with asyncio.timeout(WITHIN):
        while True:
            found = await floor.far.cases.find(CaseFilter(past=True))
            if len(found) == 1 and wanted(found[0]):
                return found[0]
            # Nobody tells of cases.
            await asyncio.sleep(0.1)


async def test_the_bank_rings_who_hung_up_first_once_and_asks_about_that_call(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    async with hotline(lab, phone, tmp_path) as floor:
        desk = phone.desk(CALLER)
        call, _ = await talks(floor)
        await call.hang_up()
        again = await rung(floor)
        await answers(
            again, ("survey-satisfied", "5"), ("survey-solved", "1"), ("survey-recommend", "10")
        )
        await floor.empty()
        (row, came), (own, nothing) = await covered(floor, lambda found: len(found) == 2)
        assert len(desk.calls) == 1
    assert (row.how, row.survey, row.ended) == (How.CALL, "after-agent", "caller")
    assert [leg.agent for leg in row.legs] == [AGENT]
    assert came.answers == {"satisfied": "5", "solved": "1", "recommend": "10"}
    assert (came.progress, came.how) == (Progress.ANSWERED, "completed")
    assert (own.how, own.reason, nothing.answers) == (How.INELIGIBLE, Reason.OWN, {})


async def test_a_poor_score_opens_a_case_and_no_opens_it_again(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    words = (lab.sounds / "agent.ulaw").read_bytes() * 4
    async with hotline(lab, phone, tmp_path) as floor:
        phone.desk(CALLER)
        call, leg = await talks(floor)
        await leg.hang_up()
        for question, key in (("satisfied", "1"), ("solved", "2"), ("recommend", "0")):
            await call.hears(f"survey-{question}", WITHIN)
            await call.press(key)
        await call.hears("beep", 2 * WITHIN, whole=True)
        call.speak(words)
        await call.spoken()
        await call.press("#")
        await call.hears("survey-thanks", WITHIN)
        await call.ended(WITHIN)

        opened = await the_case(floor, lambda one: True)
        assert (opened.kind, opened.owner, opened.ani) == ("complaint", "complaints", CALLER)
        assert opened.accused == (AGENT,)
        assert [one.kind for one in opened.links].count(LinkKind.RECORDING) == 1

        cases, number = floor.far.cases, opened.number
        assert (await cases.assign(number, COLLEAGUE, COLLEAGUE, "mine")).refused is None
        assert (await cases.answer(number, COLLEAGUE, "told that it is paid")).refused is None
        assert (await cases.solve(number, COLLEAGUE, "paid back")).refused is None
        assert (await cases.finish(number, COLLEAGUE)).refused is None

        again = await rung(floor)
        await again.hears("survey-case-intro", WITHIN)
        await answers(again, ("survey-case-solved", "2"), ("survey-case-satisfied", "2"))
        reopened = await the_case(floor, lambda one: one.reopened == 1)
        acts = [one.act for one in await cases.history(number)]
    assert reopened.state is not CaseState.CLOSED
    assert acts.count("closed") == 1
    assert acts[-1] == "reopened"
