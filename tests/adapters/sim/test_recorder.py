"""What is written down of a call plays it again."""

from __future__ import annotations

import asyncio

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivr.adapters.sim.callers import dump_caller, parse_caller
from ivr.adapters.sim.phone import Deed, Happening, Listening
from ivr.adapters.sim.prompts import SimPrompts
from ivr.adapters.sim.recorder import Recorder
from ivr.adapters.sim.simulation import Incoming, Report, Simulation
from ivr.model.prompt import Recording
from ivr.model.scripted import ScriptedCaller
from tests.engine.against_kit import FLOWS, NOON, Dice, throws

INCOMING = Incoming("100", ani="13800001111", at=NOON)


class Barging:
    """A caller who does each deed so long after the last thing happened, whatever is played."""

    def __init__(self, deeds: list[tuple[int, str]]) -> None:
        self._deeds = deeds
        self._last = 0

    def began(self, recording: Recording, at_ms: int) -> None:
        self._last = max(self._last, at_ms)

    def next(self, now_ms: int, until_ms: int, listening: Listening) -> Happening | None:
        if not self._deeds or self._last + self._deeds[0][0] > until_ms:
            return None
        after, what = self._deeds.pop(0)
        self._last = max(self._last + after, now_ms)
        if what == "h":
            return Happening(self._last, Deed.HANGUP)
        return Happening(self._last, Deed.KEY, what)


async def played_again(phone: Dice | Barging) -> tuple[Report, Report, ScriptedCaller]:
    """Call, write the script, read it, and play it."""
    simulation = Simulation(FLOWS, SimPrompts({}), {}, start=NOON)
    recorder = Recorder(phone)
    report = await simulation.call(recorder, INCOMING)
    text = dump_caller(recorder.caller("somebody", INCOMING, report))
    caller = parse_caller(text.encode(), "recorded.yaml")
    return report, await simulation.play(caller), caller


def same(report: Report, again: Report) -> None:
    assert again.failures == ()
    assert again.trail == report.trail
    assert again.heard == report.heard
    assert (again.ended, again.ms) == (report.ended, report.ms)


@given(throws())
@example(["2", "12#", "3", "say", "wait"])
@settings(max_examples=25, deadline=None)
def test_a_recorded_call_plays_as_it_went(dice: list[str]) -> None:
    report, again, _ = asyncio.run(played_again(Dice(dice)))
    same(report, again)


@given(st.lists(st.tuples(st.integers(0, 6_000), st.sampled_from("0123459*#h")), max_size=10))
@settings(max_examples=25, deadline=None)
def test_keys_into_prompts_come_at_the_same_moments(deeds: list[tuple[int, str]]) -> None:
    report, again, _ = asyncio.run(played_again(Barging(deeds)))
    same(report, again)


async def test_the_script_is_one_that_people_write() -> None:
    _, _, caller = await played_again(Dice(["2", "12#"]))
    assert (
        dump_caller(caller)
        == """\
caller: somebody
calls: '100'
ani: '13800001111'
at: '2026-11-23T12:00:00Z'
script:
- hears: main-menu
- waits: 585ms
- presses: '2'
- hears: enter-number
- waits: 780ms
- presses: 12#
- hears: main-menu
- waits: 585ms
- hangs_up
expects:
  ends: completed
  trail:
  - shop.menu
  - shop.number
  - shop.which
  - shop.say-number
  - shop.menu
  - shop.note
  - shop.end
"""
    )
