"""What callers in a queue are told, and what agents hear."""

from __future__ import annotations

import pytest

from ivr.centre.waiting import told, whispers
from ivr.model.prompt import Prompted, Spoken
from ivr.model.values import Scalar
from ivr.ports.waiting import Wait


def heard(wait: Wait) -> list[object]:
    return [one.id if isinstance(one, Prompted) else one for one in told(wait)]


@pytest.mark.parametrize(
    ("estimate_s", "said"),
    [
        (None, []),
        (59, ["queue-estimate-short"]),
        (60, ["queue-estimate", Spoken("duration", 60)]),
        (61, ["queue-estimate", Spoken("duration", 120)]),
        (1200, ["queue-estimate", Spoken("duration", 1200)]),
        (1201, ["queue-estimate-long"]),
    ],
)
def test_an_estimate_is_told_in_whole_minutes_and_not_beyond_reason(
    estimate_s: int | None, said: list[object]
) -> None:
    assert heard(Wait(1, estimate_s, say=True)) == ["queue-next", *said]


def test_a_position_is_told_or_not_and_what_is_due_comes_first() -> None:
    assert heard(Wait(2, say=True, prompts=("queue-recorded",))) == [
        "queue-recorded",
        "queue-position",
        Spoken("number", 2),
        "queue-position-end",
    ]
    assert heard(Wait(0, say=True)) == ["queue-thanks"]
    assert heard(Wait(1)) == []


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, ()),
        ({"segment": "vip"}, ("whisper-vip",)),
        ({"calls_today": 2}, ("whisper-second-today",)),
        ({"calls_today": 3}, ("whisper-often-today",)),
    ],
)
def test_an_agent_hears_who_it_is(facts: dict[str, Scalar], said: tuple[str, ...]) -> None:
    assert whispers(facts, "zh", 0, transferred=False, callback=False) == said


def test_who_is_called_by_a_campaign_has_not_asked_for_a_call_back() -> None:
    facts: dict[str, Scalar] = {"campaign": "reminders", "contact": 1}
    assert whispers(facts, "zh", 0, transferred=False, callback=True) == ("whisper-campaign",)
    assert whispers({}, "zh", 0, transferred=False, callback=True) == ("whisper-callback",)


def test_an_agent_hears_how_the_caller_comes() -> None:
    assert whispers({}, "en", 300, transferred=True, callback=True) == (
        "whisper-transfer",
        "whisper-callback",
        "whisper-waited",
        "whisper-en",
    )
