"""Surveys in the simulator: due by the ledger's rules, and over when they are."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.adapters.flowfile import load
from ivr.adapters.sim.clock import VirtualClock
from ivr.adapters.sim.keeping import SimEvents
from ivr.adapters.sim.surveys import EARLIER, SimSurveys
from ivr.adapters.sim.transcript import Transcript
from ivr.model.events import (
    CallStarted,
    ConversationEnded,
    SurveyAnswered,
    SurveyEnded,
    SurveyOffered,
)
from ivr.ports.surveys import Asking, Due

FLOWS = load(Path(__file__).parents[3] / "flows")
BEGUN = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


class Calls:
    """A call from `ani` that has lasted for `ms`."""

    def __init__(self, ani: str = "13800001111", ms: int = 60_000) -> None:
        clock = VirtualClock(BEGUN)
        clock.ms += ms
        self.events = SimEvents(Transcript(clock))
        self.events.emit("1.1", CallStarted("95500", ani, "v", "main", "zh"))
        self.surveys = SimSurveys(FLOWS, self.events, clock, BEGUN)
        self._ani = ani

    async def due(self, *, pending: bool = False) -> Due | None:
        return await self.surveys.due(
            Asking("1.1", self._ani, "", "zh", dnis="95500", pending=pending)
        )


async def test_what_is_asked_is_what_the_call_was() -> None:
    call = Calls()
    assert await call.due() == Due("self-service")
    call.events.emit("1.1", ConversationEnded("service", "1001", 20_000, "agent"))
    assert await call.due() == Due("after-agent")


@pytest.mark.parametrize("call", [Calls(ms=4_000), Calls(ani="02180000000")])
async def test_whom_the_rules_leave_out_is_asked_nothing(call: Calls) -> None:
    assert await call.due() is None


async def test_a_survey_goes_on_with_what_was_answered_until_it_is_over() -> None:
    call = Calls()
    await call.surveys.tell("1.1", SurveyOffered("self-service"))
    await call.surveys.tell("1.1", SurveyAnswered("self-service", "easy", "5"))
    assert await call.due() == Due("self-service", answered={"easy": "5"})
    await call.surveys.tell("1.1", SurveyEnded("self-service", "broken_off"))
    assert await call.due() is not None
    await call.surveys.tell("1.1", SurveyEnded("self-service", "completed"))
    assert await call.due() is None


async def test_who_opts_out_is_asked_nothing_more() -> None:
    call = Calls()
    await call.surveys.opt_out("1.1", "13800001111", "")
    assert await call.due() is None
    assert await call.due(pending=True) is None


async def test_who_rings_back_is_asked_about_the_earlier_call() -> None:
    assert await Calls().due(pending=True) == Due("after-agent", EARLIER)
