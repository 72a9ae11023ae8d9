"""Which survey callers are due in the call, and afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from ivr.app.surveys.offering import beginnings_of
from ivr.app.surveys.rules import asking_of
from ivr.centre.surveys.deciding import Asking as Asks
from ivr.model.events import (
    CallEnded,
    LanguageChanged,
    SurveyAnswered,
    SurveyEnded,
    SurveyOffered,
)
from ivr.ports.coverage import How, Progress
from ivr.ports.surveys import Asking, Due
from tests.app.surveys.kit import FILES, FLOWS, Centre, centre
from tests.surveys import served, started, talked

ASKING = Asking("1.1", "13800000001", "", "zh")
BEGUN = started(version=FLOWS.version)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(tmp_path) as one:
        yield one


def test_the_rules_of_the_files_are_those_of_the_flows() -> None:
    assert asking_of(FILES) == Asks.of(FLOWS)
    assert asking_of({"main.yaml": FILES["main.yaml"]}) == Asks()


async def test_who_talked_with_an_agent_is_asked_about_that(here: Centre) -> None:
    await here.happens(BEGUN, talked(), LanguageChanged("en"))
    assert await here.desk.due(ASKING) == Due("after-agent")


async def test_who_needed_nobody_is_asked_about_the_machine(here: Centre) -> None:
    await here.happens(BEGUN)
    assert await here.desk.due(ASKING) == Due("self-service")


async def test_a_call_is_asked_about_by_the_rules_of_its_row(here: Centre) -> None:
    await here.happens(BEGUN, seconds=4)
    assert await here.desk.due(ASKING) is None  # too short
    here.clock.passes(seconds=2)
    assert await here.desk.due(ASKING) is not None
    await here.desk.opt_out("1.1", "13800000001", "")
    assert await here.desk.due(ASKING) is None


async def test_a_campaign_asks_its_own_survey_once_and_nobody_who_opted_out(here: Centre) -> None:
    asking = replace(ASKING, survey="opinion")
    await here.happens(BEGUN)
    assert await here.desk.due(asking) == Due("opinion")
    await here.happens(SurveyOffered("opinion"), SurveyAnswered("opinion", "easy", "5"))
    assert await here.desk.due(asking) == Due("opinion", "", {"easy": "5"})
    await here.happens(SurveyEnded("opinion", "completed"))
    assert await here.desk.due(asking) is None
    await here.desk.opt_out("1.1", "+8613800000001", "")
    assert await here.desk.due(replace(asking, call_id="1.2")) is None


async def test_what_is_told_is_on_the_disk_when_it_returns(here: Centre, tmp_path: Path) -> None:
    await here.desk.tell("1.1", SurveyAnswered("after-agent", "satisfied", "4"))
    events = await here.store.read_events("1.1")
    assert [one.event for one in events] == [SurveyAnswered("after-agent", "satisfied", "4")]


async def test_a_survey_goes_on_where_an_engine_was_killed(here: Centre) -> None:
    await here.happens(BEGUN, talked())
    await here.desk.tell("1.1", SurveyOffered("after-agent"))
    await here.desk.tell("1.1", SurveyAnswered("after-agent", "satisfied", "4"))
    assert await here.desk.due(ASKING) == Due("after-agent", answered={"satisfied": "4"})
    await here.desk.tell("1.1", SurveyEnded("after-agent", "completed"))
    assert await here.desk.due(ASKING) is None


@pytest.mark.parametrize(
    "asking",
    [
        Asking("1.9", "13800000001", "", "zh", "95501", pending=True),
        Asking("1.9", "139", "C1001", "zh", "95501", pending=True),
    ],
)
async def test_who_rings_back_answers_for_the_call_that_they_were_not_asked_in(
    here: Centre, asking: Asking
) -> None:
    await here.happens(BEGUN, *tuple(served(by="caller"))[1:])
    due = await here.desk.due(asking)
    assert due == Due("after-agent", "1.1")
    await here.desk.tell("1.9", SurveyOffered("after-agent", "1.1"))
    await here.desk.tell("1.9", SurveyAnswered("after-agent", "satisfied", "2", about="1.1"))
    assert (await here.offer()).progress is Progress.ANSWERED
    # They hung up, and ring once more.
    await here.desk.tell("1.9", SurveyEnded("after-agent", "broken_off", about="1.1"))
    assert await here.desk.due(asking) == Due("after-agent", "1.1", {"satisfied": "2"})
    await here.desk.tell("1.9", SurveyEnded("after-agent", "partial", about="1.1"))
    assert await here.desk.due(asking) is None
    assert [row.how for row in await here.rows()] == [How.MESSAGE]


async def test_strangers_and_those_who_ring_too_late_have_nothing_to_answer(here: Centre) -> None:
    await here.happens(BEGUN, *tuple(served(by="caller"))[1:])
    stranger = Asking("1.9", "139", "", "zh", "95501", pending=True)
    assert await here.desk.due(stranger) is None
    here.clock.passes(days=8)
    late = Asking("1.9", "13800000001", "", "zh", "95501", pending=True)
    assert await here.desk.due(late) is None


async def test_the_latest_call_is_asked_about_first(here: Centre) -> None:
    for call in ("1.1", "1.2"):
        await here.happens(BEGUN, CallEnded("caller"), call=call, seconds=20)
    back = Asking("1.9", "13800000001", "", "zh", "95501", pending=True)
    assert await here.desk.due(back) == Due("self-service", "1.2")
    await here.desk.tell("1.9", SurveyEnded("self-service", "refused", about="1.2"))
    assert await here.desk.due(back) == Due("self-service", "1.1")


async def test_a_survey_call_asks_about_its_own_call(here: Centre) -> None:
    for call in ("1.1", "1.2"):
        await here.happens(BEGUN, CallEnded("caller"), call=call, seconds=20)
    offer = await here.offer("1.1")
    assert await here.store.offers.change(offer, replace(offer, attempt="survey-1", tries=1))
    rung = Asking("survey-1", "13800000001", "", "zh", "*63", pending=True)
    assert await here.desk.due(rung) == Due("self-service", "1.1")
    beginning = await beginnings_of(here.store.offers)("survey-1")
    assert beginning is not None
    assert (beginning.number, beginning.language) == ("13800000001", "zh")
    assert await beginnings_of(here.store.offers)("callback-1") is None


async def test_opting_out_calls_off_what_is_due(here: Centre) -> None:
    await here.happens(BEGUN, *tuple(served(by="caller"))[1:])
    await here.desk.opt_out("1.9", "", "C1001")
    assert (await here.offer()).progress is Progress.CANCELLED
    assert (await here.store.offers.due(here.clock.now() + timedelta(hours=1))) == ()
