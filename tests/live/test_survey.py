"""Surveys by real telephones: the agent hangs up, the caller is asked at once, and every key is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.app.ledger import open_store
from ivr.ports.coverage import Asked, CoverageRow, How
from lab.installation import REPOSITORY
from lab.phone_call import PhoneCall
from lab.site import Lab
from lab.telephone import Telephone
from tests.live.floor_kit import WITHIN, Floor, Seat
from tests.live.test_ring_back import rows

pytestmark = pytest.mark.asterisk
FIRST_WITHIN_S = 4.0
"""From the agent's hang-up to the survey's first words, on a busy machine."""
MAIN = """\
flow: main
numbers: ["95500"]
languages: [en]
start: agent
steps:
  agent:
    queue: {name: service}
    on: {served: rate, timeout: rate, full: rate, empty: rate, closed: rate, overflow: rate}
  rate: {survey: {}, next: goodbye}
  goodbye: {say: goodbye, next: end}
  end: {hangup: completed}
"""
RULES = "survey_rules: {shortest: 0s}\n"


def hotline(lab: Lab, phone: Telephone, folder: Path) -> Floor:
    """Return a hotline that asks with the demo's survey of agents, and opens no case."""
    floor = Floor(lab, phone, folder)
    flows = folder / "flows"
    (flows / "surveys").mkdir()
    survey = (REPOSITORY / "flows" / "surveys" / "after-agent.yaml").read_text("utf-8")
    (flows / "surveys" / "after-agent.yaml").write_text(survey.partition("opens_case:")[0], "utf-8")
    (flows / "main.yaml").write_text(MAIN, "utf-8")
    (flows / "survey_rules.yaml").write_text(RULES, "utf-8")
    return floor


async def served(floor: Floor) -> PhoneCall:
    """Have a caller talk with an agent, who hangs up."""
    seat = Seat(floor, "1001")
    await seat.at_work()
    call = await floor.calls()
    leg = await seat.takes()
    await floor.caller("talking")
    await leg.hang_up()
    return call


async def covered(floor: Floor) -> tuple[CoverageRow, Asked]:
    """Return the only call's row, and what came of asking."""
    async with open_store(floor.config) as store:
        (found,) = await rows(store)
    return found


async def test_who_was_served_is_asked_at_once_and_answers_by_key(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    async with hotline(lab, phone, tmp_path) as floor:
        call = await served(floor)
        await call.hears("survey-intro", FIRST_WITHIN_S)
        await call.hears("survey-satisfied", WITHIN)
        await call.press("5")
        await call.hears("survey-solved", WITHIN)
        await call.press("#")
        await call.hears("survey-recommend", WITHIN)
        await call.press("10")
        await call.hears("survey-thanks", WITHIN)
        await call.hears("goodbye", WITHIN)
        await call.ended(WITHIN)
        await floor.empty()
    row, asked = await covered(floor)
    assert (row.how, row.survey, row.ended) == (How.IN_CALL, "after-agent", "agent")
    assert asked.answers == {"satisfied": "5", "solved": "", "recommend": "10"}
    assert asked.how == "completed"


async def test_an_engine_that_dies_asks_nothing_twice(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    async with hotline(lab, phone, tmp_path) as floor:
        call = await served(floor)
        await call.hears("survey-satisfied", WITHIN)
        await call.press("4")
        await call.hears("survey-solved", WITHIN)
        floor.engine.kill()
        await floor.engine.gone()
        await floor.engine.start()
        await call.hears("survey-solved", 2 * WITHIN)
        await call.press("1")
        await call.hears("survey-recommend", WITHIN)
        await call.press("7")
        await call.hears("survey-thanks", WITHIN)
        await call.ended(2 * WITHIN)
        await floor.empty(2 * WITHIN)
    row, asked = await covered(floor)
    assert row.how is How.IN_CALL
    assert asked.answers == {"satisfied": "4", "solved": "1", "recommend": "7"}
    assert asked.how == "completed"
