"""The dispatcher and its peer are given the same rush, and decide the same."""

from __future__ import annotations

from itertools import islice

from bench.dispatch import OneCall, Size, SortAll, decisions, plan_of


def test_both_decide_the_same() -> None:
    size = Size(waiting=60, agents=12)
    plan = plan_of(size.agents, True)
    made = [
        [given for _, given in islice(decisions(it, plan, size), 120)]
        for it in (OneCall(plan), SortAll(plan))
    ]
    assert made[0] == made[1]
    assert sum(map(len, made[0])) > 40
