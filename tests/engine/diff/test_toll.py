"""What a change costs callers."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.adapters.flowfile import load_files
from ivr.adapters.sim.prompts import SimPrompts, estimate_ms
from ivr.centre.traffic import Spot, StepTraffic, Traffic
from ivr.engine.diff.compare import compare
from ivr.engine.diff.toll import Toll, toll
from ivr.model.flow import FlowSet

PROMPTS = SimPrompts({"en": {"main-menu": "x" * 200, "hello": "y" * 100}})
MENU_MS, HELLO_MS = estimate_ms("x" * 200), estimate_ms("y" * 100)
GOALS = ("balance", "agent", "message")
STEPS = {
    "balance": '{balance: {account: "1"}, on: {done: end, unavailable: end}}',
    "agent": "{queue: {name: a}, on: {served: end, timeout: end, full: end, empty: end, closed: end, overflow: end}}",
    "message": "{record: {into: m}, on: {done: end, no_input: end}}",
    "funds": '{balance: {account: "2"}, on: {done: end, unavailable: end}}',
    "end": "{hangup: done}",
}


def hotline(
    *order: str, start: str = "menu", more: str = "", names: dict[str, str] | None = None
) -> FlowSet:
    """Return a hotline whose menu offers goals in this order, on the keys from 1 on."""
    called = names or {}
    choices = ", ".join(
        f"{key}: {{goto: {called.get(goal, goal)}, label: {goal}}}"
        for key, goal in enumerate(order, 1)
    )
    steps = "".join(
        f"  {called.get(name, name)}: {STEPS[name]}\n" for name in sorted({*order, "end"})
    )
    return load_files({"main.yaml": f"""\
flow: main
numbers: ["100"]
languages: [en]
start: {start}
steps:
  menu:
    menu: {{prompt: main-menu, choices: {{{choices}}}, repeat: "", tries: 1}}
    on: {{no_input: end, invalid: end}}
{steps}{more}"""})  # fmt: skip


def price(
    before: FlowSet, after: FlowSet, traffic: Traffic | None = None, monthly: float = 0
) -> Toll:
    return toll(before, after, compare(before, after), PROMPTS, "en", traffic, monthly)


def calls(**outcomes: int) -> Traffic:
    taken = {name.strip("_"): number for name, number in outcomes.items()}
    number = sum(taken.values())
    return Traffic(
        {Spot("main", "menu"): StepTraffic(number, taken)}, {"v": number}, {"main": number}
    )


@settings(max_examples=20)
@given(st.permutations(GOALS), st.dictionaries(st.sampled_from("123"), st.integers(0, 50)))
def test_the_same_flows_cost_nothing_more(order: list[str], taken: dict[str, int]) -> None:
    same = price(hotline(*order), hotline(*order), calls(**taken, hangup=50), 1000)
    assert all(leaf.before == leaf.after for leaf in same.leaves)
    assert same.hours == pytest.approx(0, abs=1e-12)
    assert same.keys == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("order", list(permutations(GOALS)))
def test_equal_callers_pay_the_same_in_all_in_whatever_order_options_are(
    order: tuple[str, ...],
) -> None:
    change = price(hotline(*GOALS), hotline(*order))
    assert (change.measured, change.calls) == (False, 1000)
    assert change.hours == pytest.approx(0, abs=1e-9)


@settings(max_examples=20)
@given(st.permutations(GOALS), st.tuples(*[st.integers(0, 100)] * 3))
def test_a_change_and_its_undoing_cost_nothing_together(
    order: list[str], taken: tuple[int, ...]
) -> None:
    before, after = hotline(*GOALS), hotline(*order)
    there = price(before, after, calls(_1=taken[0], _2=taken[1], _3=taken[2]), 1000)
    moved = {f"_{order.index(goal) + 1}": n for goal, n in zip(GOALS, taken, strict=True)}
    back = price(after, before, calls(**moved), 1000)
    assert there.hours == pytest.approx(-back.hours, abs=1e-9)


def test_who_presses_the_key_that_moved_pays() -> None:
    busy = calls(_1=10_000, _2=0, _3=0)
    change = price(
        hotline("balance", "agent", "message"), hotline("message", "agent", "balance"), busy, 3600
    )
    leaves = {leaf.spot.step: leaf for leaf in change.leaves}
    assert leaves["balance"].calls == pytest.approx(3600, rel=0.001)
    assert leaves["balance"].after is not None
    assert leaves["balance"].after.visits == pytest.approx(1, rel=0.001)
    assert leaves["balance"].hours == pytest.approx(2 / 3 * MENU_MS / 1000, rel=0.01)
    assert change.hours == pytest.approx(leaves["balance"].hours, rel=0.01)
    assert [leaf.spot.step for leaf in change.leaves][:2] in (
        ["end", "balance"],
        ["balance", "end"],
    )


def test_a_greeting_in_front_costs_every_caller_its_length() -> None:
    greeted = hotline(*GOALS, start="hello", more="  hello: {say: hello, next: menu}\n")
    change = price(hotline(*GOALS), greeted)
    way = [leaf for leaf in change.leaves if leaf.spot.step != "end"]
    assert len(way) == len(GOALS)
    for leaf in way:
        assert leaf.before is not None
        assert leaf.after is not None
        assert leaf.after.ms - leaf.before.ms == pytest.approx(HELLO_MS)


def test_a_renamed_step_is_the_same_leaf() -> None:
    change = price(hotline(*GOALS), hotline(*GOALS, names={"agent": "person"}))
    assert change.hours == pytest.approx(0, abs=1e-12)
    (renamed,) = (leaf for leaf in change.leaves if leaf.verb == "queue")
    assert renamed.spot == Spot("main", "person")
    assert renamed.before == renamed.after


def test_what_comes_and_goes_has_no_price() -> None:
    change = price(
        hotline(*GOALS), hotline("balance", "agent", "funds"), calls(_1=1000, _3=1000), 1000
    )
    leaves = {leaf.spot.step: leaf for leaf in change.leaves}
    assert leaves["message"].after is None
    assert leaves["funds"].before is None
    assert leaves["message"].hours == leaves["funds"].hours == leaves["funds"].keys == 0
    assert leaves["funds"].calls < 10


def test_more_calls_cost_more() -> None:
    before, after = hotline(*GOALS), hotline(*reversed(GOALS))
    busy = calls(_1=100, _2=10, _3=5)
    once, twice = (price(before, after, busy, monthly) for monthly in (500, 1000))
    assert once.measured
    assert twice.hours == pytest.approx(2 * once.hours)
    assert once.hours > 0
