"""Studies: days enough to know, the same each time, and in agreement with Erlang."""

from __future__ import annotations

import random

import pytest

from ivr.app.queuesim.day import Behaviour
from ivr.app.queuesim.forecast import Forecasted, Spread, staffed
from ivr.app.queuesim.study import Findings, Settings, study
from ivr.centre.erlang import Demand, erlang_a
from ivr.centre.kpi.target import Ratio, read_target
from ivr.centre.kpi.verdict import State, interval
from ivr.centre.patience import exponential
from tests.app.queuesim.kit import AT_ONCE, BEGINS, plan, row


def settings(
    agents: int = 13, target: str = "", days: int = 10, calls: float = 4800, seed: int = 1
) -> Settings:
    source = Forecasted([row(calls=calls)], exponential(120))
    return Settings(
        plan(agents), source, BEGINS, AT_ONCE, days=days, seed=seed,
        target=read_target(target) if target else None,
    )  # fmt: skip


def run(one: Settings) -> tuple[Findings, list[tuple[int, int]]]:
    told: list[tuple[int, int]] = []
    return study(one, lambda done, of: told.append((done, of))), told


def test_the_same_settings_have_the_same_findings_and_another_seed_has_others() -> None:
    few = [run(settings(days=2, calls=150, seed=seed))[0] for seed in (1, 1, 2)]
    assert few[0].days == few[1].days != few[2].days
    assert few[0].intervals == few[1].intervals


def test_another_plan_meets_the_same_callers() -> None:
    offered = [run(settings(agents, days=3, calls=150))[0].total().offered for agents in (1, 5)]
    assert offered[0] == offered[1]


def test_days_intervals_and_agents_add_up() -> None:
    findings, told = run(settings(2, days=3, calls=400))
    total = findings.total("q")
    assert total.offered == sum(one.offered for one in findings.intervals.values())
    assert total.offered == total.handled + total.abandoned
    assert findings.work.handled == total.handled
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert findings.total("other").offered == 0


@pytest.mark.parametrize(
    ("bound", "state", "days"),
    [(1.9, State.MET, 10), (0.4, State.MISSED, 10), (1, State.UNDECIDED, 20)],
)
def test_days_are_simulated_until_it_is_decided(bound: float, state: State, days: int) -> None:
    """What is asserted is a multiple of what 20 days come to."""
    value = run(settings(1, days=20, calls=120))[0].total().abandonment or 0
    findings, told = run(settings(1, f"abandonment<={bound * value:.6f}", days=20, calls=120))
    assert findings.verdict is not None
    assert (findings.verdict.state, len(findings.days), told[-1]) == (state, days, (days, 20))


@pytest.mark.proof
@pytest.mark.timeout(60)
@pytest.mark.parametrize("agents", [12, 13, 14])
def test_it_agrees_with_erlang_a(agents: int) -> None:
    """The field notes' vectors, 99.9 % sure on either side: 48,000 calls for each figure."""
    findings, _ = run(settings(agents, days=10))
    expected = erlang_a(Demand(200 / 3600, 180, 120), agents, 20)
    days = [day["q"] for day in findings.days]
    figures: dict[float, list[Ratio]] = {
        expected.abandonment: [(day.abandoned, day.offered) for day in days],
        expected.service_level: [(day.handled_in_time, day.offered) for day in days],
        expected.wait_s: [
            ((day.handled_wait_ms + day.abandoned_wait_ms) / 1000, day.offered) for day in days
        ],
    }
    for value, ratios in figures.items():
        low, high = interval(ratios, 0.999)
        assert low <= value <= high
        assert high - low < 0.5 * value
    occupancy = findings.work.occupancy
    assert occupancy == pytest.approx(expected.occupancy, rel=0.02)


def test_a_forecast_is_met_on_average_and_in_its_hours() -> None:
    rows = [
        row(**{"from": "09:00", "to": "09:30"}, calls=30, talk=60, aht=None, language="en", level=2)
    ]
    source = Forecasted(rows, exponential(60))
    one = Settings(plan(20, wrap_up={"time": "15s"}), source, BEGINS, Behaviour(), days=40)
    findings, _ = run(one)
    total = findings.total()
    assert total.offered / 40 == pytest.approx(30, rel=0.1)
    starts = {start.astimezone(BEGINS.tzinfo).strftime("%H:%M") for _, start in findings.intervals}
    assert starts == {"09:00", "09:15"}
    assert total.talk_s == pytest.approx(60, rel=0.1)
    assert total.acw_s == 15
    assert total.asa_s == pytest.approx(3, abs=0.5)  # the ringing alone


@pytest.mark.parametrize("spread", [Spread(), Spread(0.5), Spread(1.5)])
def test_the_spread_leaves_the_mean_alone(spread: Spread) -> None:
    chance = random.Random(3)
    times = [spread.sample(180, chance) for _ in range(20_000)]
    mean = sum(times) / len(times)
    assert mean == pytest.approx(180, rel=0.05)
    deviation = (sum((one - mean) ** 2 for one in times) / len(times)) ** 0.5
    assert deviation / mean == pytest.approx(spread.lognormal or 1, rel=0.15)


def test_as_many_agents_as_wanted() -> None:
    three = plan(3, second_line=1)
    assert list(staffed(three, 1).agents) == ["1001", "1003"]
    assert list(staffed(three, 5).agents) == [
        "1001",
        "1002",
        "1001 (2)",
        "1002 (2)",
        "1001 (3)",
        "1003",
    ]
    with pytest.raises(ValueError, match="nobody in the first line"):
        staffed(plan(1, second_line=1), 5)


def test_agents_work_when_the_forecast_says() -> None:
    rows = [
        row(**{"from": "09:00", "to": "10:00"}, agents=1),
        row(**{"from": "09:00", "to": "10:00"}, agents=1, language="en"),
        row(**{"from": "10:00", "to": "11:00"}, agents=1),
    ]
    day = Forecasted(rows, exponential(60)).day(plan(4, second_line=1), BEGINS, random.Random(1))
    assert sorted(day.shifts) == [
        ("1001", 32_400, 36_000),
        ("1001", 36_000, 39_600),
        ("1002", 32_400, 36_000),
        ("1004", 32_400, 39_600),
    ]
