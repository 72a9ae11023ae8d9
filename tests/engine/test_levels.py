"""How long an auth level lasts: five minutes without a key, and until people talk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

import pytest
from msgspec.structs import replace

from ivr.centre.levels import IDLE
from ivr.engine.interpreter import Interpreter
from ivr.model.commands import Command
from ivr.model.digits import Status
from ivr.model.events import LevelLost, Lost
from ivr.model.flow import Flow, FlowSet
from ivr.model.session import Session
from ivr.model.step import Step
from ivr.ports.channel import Collect, Collected, Play
from tests.engine.kit import (
    KEYED_1,
    START,
    AskIt,
    EndIt,
    Hand,
    ReturnIt,
    SayIt,
    flow,
    flows,
    session,
)

MOMENT = timedelta(seconds=1)
SILENCE = Collected(Status.TIMEOUT_EMPTY)


class TalkIt(SayIt):
    """People talk."""

    verb: ClassVar[str] = "talk_it"
    conversation: ClassVar[bool] = True


class Clocked(Hand):
    """A clock that goes on by so much at each prompt, by its name; questions are answered by `keyed`."""

    def __init__(self, keyed: Collected = KEYED_1, **takes: timedelta) -> None:
        super().__init__()
        self._keyed = keyed
        self._takes = takes

    def _answer(self, command: Command[Any, Any]) -> Any:
        answer = super()._answer(command)
        if isinstance(command, Play | Collect):
            self.now += self._takes.get(self.prompts()[-1], timedelta())
        return self._keyed if isinstance(command, Collect) else answer


def hotline(guard: Flow, **steps: Step) -> FlowSet:
    """Steps one after the other; `funds` and `loans` require level 2."""
    following = dict(zip(steps, [*list(steps)[1:], "bye"], strict=True))
    ends = ("done", "1", Status.TIMEOUT_EMPTY.value, "refused")
    wired = {name: (step, dict.fromkeys(ends, following[name])) for name, step in steps.items()}
    requires: dict[str, int] = {name: 2 for name in ("funds", "loans") if name in steps}
    return flows(flow("main", {**wired, "bye": (EndIt(), {})}, requires=requires), guard)


def guard(accepts: dict[str, str] | None = None) -> Flow:
    """A flow that raises everybody to level 2."""
    raising = {
        "pin": (SayIt(prompt="pin", auth=2), {"done": "yes"}),
        "yes": (ReturnIt(outcome="ok"), {}),
    }
    return replace(flow("authenticate", raising), accepts=accepts or {})


def steps(*names: str) -> dict[str, Step]:
    return {name: AskIt() if name == "which" else SayIt(prompt=name) for name in names}


def heard(published: FlowSet, hand: Hand, began: Session | None = None) -> list[str]:
    hand.drive(Interpreter(published).run(began or session(published)))
    return hand.prompts()


def lost(hand: Hand) -> list[LevelLost]:
    return [event for event in hand.events if isinstance(event, LevelLost)]


@pytest.mark.parametrize(("late", "again"), [(timedelta(), []), (MOMENT, ["pin"])])
def test_a_level_lasts_five_minutes_without_a_key(late: timedelta, again: list[str]) -> None:
    hand = Clocked(long=IDLE + late)
    published = hotline(guard(), **steps("funds", "long", "loans"))
    assert heard(published, hand) == ["pin", "funds", "long", *again, "loans"]
    assert lost(hand) == [LevelLost(2, Lost.IDLE)] * len(again)


@pytest.mark.parametrize(("keyed", "asked"), [(KEYED_1, 1), (SILENCE, 2)])
def test_a_key_has_it_last_longer_and_a_silence_has_not(keyed: Collected, asked: int) -> None:
    hand = Clocked(keyed, long=IDLE - MOMENT, later=IDLE - MOMENT)
    published = hotline(guard(), **steps("funds", "long", "which", "later", "loans"))
    assert heard(published, hand).count("pin") == asked


def test_it_is_lost_before_people_talk_and_not_only_after() -> None:
    published = hotline(guard(), **steps("funds"), agent=TalkIt(prompt="agent"), **steps("loans"))
    hand = Hand()
    assert heard(published, hand) == ["pin", "funds", "agent", "pin", "loans"]
    assert lost(hand) == [LevelLost(2, Lost.PEOPLE)]
    told = [type(event).__name__ for event in hand.events]
    assert told[told.index("LevelLost") - 1] == "StepEntered"
    assert [one.auth for one in hand.saved if one.frame.step == "loans"] == [1, 2]


def test_who_is_only_identified_loses_nothing() -> None:
    published = hotline(guard(), agent=TalkIt(prompt="agent"), **steps("long"))
    hand = Clocked(long=2 * IDLE)
    began = session(published, auth=1)
    heard(published, hand, began)
    assert lost(hand) == []
    assert {one.auth for one in hand.saved} == {1}


@pytest.mark.parametrize(("away", "asked"), [(IDLE, []), (IDLE + MOMENT, ["pin"]), (None, ["pin"])])
def test_a_call_that_comes_back_has_been_idle_meanwhile(
    away: timedelta | None, asked: list[str]
) -> None:
    published = hotline(guard(), **steps("loans"))
    active_at = None if away is None else START - away
    began = session(published, auth=3, resumed=1, active_at=active_at)
    assert heard(published, Hand(), Session.from_json(began.to_json())) == [
        "sorry-repeat",
        *asked,
        "loans",
    ]


@pytest.mark.parametrize(("accepts", "given"), [({"level": "number"}, {"level": 2}), ({}, {})])
def test_the_guard_is_told_the_level_wanted(accepts: dict[str, str], given: dict[str, int]) -> None:
    hand = Hand()
    heard(hotline(guard(accepts), **steps("funds")), hand)
    entered = next(one for one in hand.saved if one.frame.flow == "authenticate")
    assert entered.frame.variables == given
