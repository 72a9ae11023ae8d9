"""How many agents a forecast needs."""

from __future__ import annotations

import pytest

from ivr.app.staffing import CannotStaff, Goal, staffing
from tests.app.queuesim.kit import row

NOTED = row(**{"from": "09:00", "to": "10:00"}, calls=200, aht=180, patience=120)


def agents(goal: Goal, **changes: object) -> tuple[int, int]:
    (plan,) = staffing([NOTED.model_copy(update=changes)], goal)
    return plan.erlang_a.agents, plan.erlang_c.agents


def test_the_field_notes_need_13_by_erlang_a_and_14_by_erlang_c() -> None:
    assert agents(Goal()) == (13, 14)


@pytest.mark.parametrize(
    ("goal", "needed"),
    [
        (Goal(abandonment=0.03), (14, 14)),
        (Goal(service_level=0.9), (14, 15)),
        (Goal(within_s=60, abandonment=0.1), (11, 13)),
        (Goal(occupancy=0.7), (14, 15)),
    ],
)
def test_whatever_is_wanted_most_decides(goal: Goal, needed: tuple[int, int]) -> None:
    assert agents(goal) == needed


def test_shrinkage_wrap_up_and_patience_of_those_of_whom_nothing_is_said() -> None:
    (plan,) = staffing([NOTED], Goal(shrinkage=0.35))
    assert (plan.erlang_a.scheduled, plan.load) == (20, 10)
    assert agents(Goal(wrap_up_s=30), aht=None, talk=150.0) == (13, 14)
    assert agents(Goal(patience_s=20), patience=None)[0] > 13


def test_no_calls_need_nobody() -> None:
    assert agents(Goal(), calls=0.0) == (0, 0)


def test_what_nobody_can_do_is_said() -> None:
    with pytest.raises(CannotStaff, match="no number of agents answers 80% within 20 s"):
        agents(Goal(occupancy=0.0001))
