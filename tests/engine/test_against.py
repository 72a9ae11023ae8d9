"""What recorded callers would come to on other flows."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.engine.against import Against, Comparison, Verdict
from ivr.engine.course import Ending
from ivr.engine.replay import rerun, told
from ivr.model.commands import Command, Unknowable
from ivr.model.flow import FlowSet
from ivr.model.profile import Profile
from ivr.model.prompt import Prompted
from ivr.ports.channel import Flush, Play, Played
from ivr.ports.clock import Now
from ivr.ports.overrides import GetOverrides
from ivr.ports.profiles import PutProfile
from ivr.ports.waiting import Joining, JoinQueue
from tests.engine.against_kit import FLOWS, NOON, Dice, call, changed, recorded, throws

BY_KEYS = ({"hears": "main-menu"}, {"presses": "2"}, {"hears": "enter-number"})
TO_AGENT = ({"hears": "main-menu"}, {"presses": "0"})


async def compared(candidate: FlowSet, *script: object) -> Comparison:
    report = await recorded(*script)
    return Against(candidate).compare(FLOWS, report.journal)


@given(throws(), st.none() | st.integers(1, 6), st.booleans())
@settings(max_examples=30, deadline=None)
def test_on_the_same_flows_every_call_is_the_same(
    dice: list[str], lose_at: int | None, agent: bool
) -> None:
    report = asyncio.run(call(Dice(dice), lose_at=lose_at, agent=agent))
    comparison = Against(FLOWS).compare(FLOWS, report.journal)
    assert (comparison.verdict, comparison.rerouted) == (Verdict.SAME, False)
    assert comparison.was.reason == report.ended
    events = [one for one in report.events if not one.told_aside]
    again = told(rerun(FLOWS, report.journal), events)
    assert [one.event for one in again if one.event is not None] == events


@given(throws())
@settings(max_examples=20, deadline=None)
def test_any_call_can_be_compared_with_any_change(dice: list[str]) -> None:
    report = asyncio.run(call(Dice(dice)))
    other = changed(("start: menu", "start: number"), ("1: orders, ", ""), ("tries: 2", "tries: 1"))
    comparison = Against(other).compare(FLOWS, report.journal)
    assert (comparison.verdict is Verdict.UNKNOWN) == (comparison.unknown != "")
    assert comparison.rerouted


async def test_a_caller_of_a_key_that_leads_elsewhere_ends_elsewhere() -> None:
    comparison = await compared(changed(("0: open", "0: bye")), *TO_AGENT)
    assert comparison.verdict is Verdict.ELSEWHERE
    assert comparison.was == Ending("completed", "shop.agent")
    assert comparison.would == Ending("completed", "shop.bye")
    assert (comparison.before, comparison.after) == ("shop.open", "shop.bye")


async def test_callers_of_the_other_keys_do_not() -> None:
    script = (*BY_KEYS, {"presses": "12#"}, {"hears": "main-menu"}, "hangs_up")
    comparison = await compared(changed(("0: open", "0: bye")), *script)
    assert (comparison.verdict, comparison.rerouted) == (Verdict.SAME, False)


async def test_another_way_to_the_same_end_is_the_same() -> None:
    longer = changed(
        ("0: open", "0: wait"), ("  agent:", "  wait: {say: hold, next: open}\n  agent:")
    )
    comparison = await compared(longer, *TO_AGENT)
    assert comparison.verdict is Verdict.SAME
    assert (comparison.before, comparison.after) == ("shop.open", "shop.wait")


async def test_a_reworded_question_is_answered_as_the_old_one() -> None:
    reworded = changed(("prompt: main-menu", "prompt: other-menu"))
    assert (await compared(reworded, *TO_AGENT)).verdict is Verdict.SAME


async def test_a_step_of_another_name_is_known_by_what_is_heard() -> None:
    names = ("steps:\n  menu:", "steps:\n  home:"), (": menu}", ": home}"), (": menu,", ": home,")
    renamed = changed(*names, ("start: menu", "start: home"), ("1: orders, ", ""))
    comparison = await compared(renamed, *TO_AGENT)
    assert comparison.verdict is Verdict.SAME


async def test_keys_that_are_too_many_for_a_shorter_entry_are_typed_ahead() -> None:
    """Three digits are enough now: the fourth is the menu's 0, and the hash is no choice there."""
    shorter = changed(("most: 4", "most: 3"))
    script = (*BY_KEYS, {"presses": "1230"}, {"hears": "main-menu"}, "hangs_up")
    comparison = await compared(shorter, *script)
    assert comparison.verdict is Verdict.ELSEWHERE
    assert comparison.would.where == "shop.agent"


async def test_fewer_tries_end_the_patience_earlier() -> None:
    """Two wrong keys, then the right one: on the candidate the first is one too many."""
    script = (
        {"hears": "main-menu"},
        {"presses": "7"},
        {"hears": "main-menu"},
        {"presses": "0"},
    )
    comparison = await compared(changed(("tries: 2", "tries: 1")), *script)
    assert comparison.verdict is Verdict.ELSEWHERE
    assert comparison.would == Ending("completed", "shop.bye")


async def test_a_question_that_is_asked_no_more_is_passed_over() -> None:
    script = (*BY_KEYS, {"presses": "12#"}, {"hears": "main-menu"}, {"presses": "0"})
    at_once = changed(("start: menu", "start: number"))
    comparison = await compared(at_once, *script)
    assert comparison.verdict is Verdict.SAME
    assert comparison.before == "shop.menu"


async def test_what_was_never_asked_then_cannot_be_told() -> None:
    asking = changed(("0: open", "0: number"))
    comparison = await compared(asking, *TO_AGENT)
    assert comparison.verdict is Verdict.UNKNOWN
    assert comparison.unknown == "shop.number: asks what was not asked then"


async def test_a_call_that_comes_to_a_queue_nobody_asked_for_ends_elsewhere() -> None:
    script = ({"hears": "main-menu"}, {"presses": "7"}, {"hears": "main-menu"}, {"presses": "7"})
    comparison = await compared(changed(("invalid: bye", "invalid: open")), *script)
    assert comparison.verdict is Verdict.ELSEWHERE
    assert comparison.was == Ending("completed", "shop.bye")
    assert comparison.would == Ending("", "shop.agent")


async def test_hours_are_those_of_the_time_of_the_call() -> None:
    late = await recorded(*TO_AGENT, at=NOON + timedelta(hours=7))
    early = await recorded(*TO_AGENT)
    shorter = changed(("20:00", "18:00"), file="hours.yaml")
    verdicts = [Against(shorter).compare(FLOWS, one.journal).verdict for one in (late, early)]
    assert verdicts == [Verdict.ELSEWHERE, Verdict.SAME]


async def test_a_caller_hangs_up_where_they_did() -> None:
    script = (*BY_KEYS, {"presses": "12#"}, {"hears": "your-number"}, "hangs_up")
    reworded = changed(("[your-number, ", "[so-your-number-is, "))
    comparison = await compared(reworded, *script)
    assert comparison.verdict is Verdict.SAME
    assert comparison.was == Ending("completed", "shop.say-number")


@pytest.mark.parametrize("lose_at", [1, 2, 3, 4])
async def test_a_call_whose_engine_died_is_compared_as_a_whole(lose_at: int) -> None:
    report = await call(Dice(["2", "34#", "0"]), lose_at=lose_at)
    assert Against(FLOWS).compare(FLOWS, report.journal).verdict is Verdict.SAME
    comparison = Against(changed(("0: open", "0: bye"))).compare(FLOWS, report.journal)
    assert comparison.verdict is Verdict.ELSEWHERE
    assert comparison.would.where == "shop.bye"


async def test_a_number_that_nobody_answers_any_more() -> None:
    comparison = await compared(changed(('["100"]', '["101"]')), *TO_AGENT)
    assert comparison.verdict is Verdict.UNKNOWN
    assert "no flow answers 100" in comparison.unknown


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (Play((Prompted("hello"),)), Played(interrupted=False)),
        (Now(), NOON),
        (GetOverrides("hours"), ()),
        (PutProfile(Profile("C1")), Profile("C1", revision=1)),
        (Flush(), None),
    ],
)
def test_what_can_be_known_of_what_was_never_asked(
    command: Command[Any, Any], answer: object
) -> None:
    assert command.presumed(NOON) == answer


def test_what_a_queue_would_have_come_to_nobody_can_know() -> None:
    with pytest.raises(Unknowable, match="JoinQueue"):
        JoinQueue(Joining("1.1", "service", "zh")).presumed(NOON)
