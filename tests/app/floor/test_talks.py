"""Conversations as the story of a call tells them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ivr.app.floor.talks import Talks
from ivr.model.events import ConversationEnded
from ivr.model.floor import Answered, Ended, FloorEvent, Left

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
OWN, OTHER = "PJSIP/agent1001-1", "consult-1001-agent-1002-ab"


class Told:
    """What the stories of calls are told."""

    def __init__(self) -> None:
        self.talks = Talks()
        self.events: list[tuple[str, object]] = []
        self.talks.tell = lambda call_id, event: self.events.append((call_id, event))

    def at(self, seconds: float, *events: FloorEvent) -> Told:
        for event in events:
            self.talks.take(NOON + timedelta(seconds=seconds), event)
        return self

    def speaks(self, since: float, until: float, *leg: str) -> None:
        """Have a leg speak; Asterisk notices the end a second later."""
        self.talks.voices.begins(*leg)
        self.talks.voices.stops(*leg, at=NOON + timedelta(seconds=until + 1))

    @property
    def silences(self) -> list[int | None]:
        return [one.silent_ms for _, one in self.events if isinstance(one, ConversationEnded)]


def test_a_conversation_lasts_from_the_first_answer_to_the_end_whatever_comes_between() -> None:
    told = Told().at(0, Answered("c", "loans", "1001", OWN))
    told.at(30, Answered("c", "loans", "1001", again=True)).at(
        40, Ended("c", "loans", "1001", "caller")
    )
    assert told.events == [("c", ConversationEnded("loans", "1001", 40_000, "caller"))]


def test_each_agent_of_a_transferred_call_has_one() -> None:
    told = Told().at(0, Answered("c", "loans", "1001", OWN))
    told.at(
        20,
        Answered("c", "loans", "1002", OTHER, again=True),
        Ended("c", "loans", "1001", "transfer"),
    )
    told.at(25, Ended("c", "loans", "1002", "agent"), Left("c", "loans", "served"))
    assert told.events == [
        ("c", ConversationEnded("loans", "1001", 20_000, "transfer")),
        ("c", ConversationEnded("loans", "1002", 5_000, "agent")),
    ]


def test_who_never_talked_has_none_and_nobody_has_two() -> None:
    told = Told().at(0, Ended("c", "loans", "1001", "agent"))
    told.at(1, Answered("c", "loans", "1001"), Left("c", "loans", "abandoned"))
    told.at(2, Ended("c", "loans", "1001", "agent"))
    assert told.events == []


@pytest.mark.parametrize(
    ("caller", "agent", "silent"),
    [(12, 15, 5_000), (15, 12, 5_000), (None, 11, 9_000), (None, None, None)],
)
def test_it_was_silent_since_whoever_spoke_last(
    caller: float | None, agent: float | None, silent: int | None
) -> None:
    told = Told().at(10, Answered("c", "loans", "1001", OWN))
    for until, leg in ((caller, ("c", "PJSIP/trunk-1")), (agent, ("1.2", OWN))):
        if until is not None:
            told.speaks(10, until, *leg)
    told.at(20, Ended("c", "loans", "1001", "agent"))
    assert told.silences == [silent]


def test_whoever_speaks_at_the_end_leaves_no_silence() -> None:
    told = Told().at(10, Answered("c", "loans", "1001", OWN))
    told.speaks(10, 11, OWN)
    told.talks.voices.begins("c")
    told.at(20, Ended("c", "loans", "1001", "caller"))
    assert told.silences == [0]


def test_what_was_said_before_does_not_count_and_what_was_missed_is_not_known() -> None:
    told = Told()
    told.speaks(1, 2, "c")
    told.at(10, Answered("c", "loans", "1001", OWN)).at(20, Ended("c", "loans", "1001", "agent"))
    told.at(30, Answered("c", "loans", "1001", OWN))
    told.talks.voices.begins(OWN)
    told.talks.voices.forget()
    told.at(40, Ended("c", "loans", "1001", "agent"))
    assert told.silences == [None, None]
