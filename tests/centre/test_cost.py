"""What callers pay, against the textbook and the laws that any such figure must keep."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.centre.cost import Chain, Cost, Endless, Move, costs, solve


def menu(*options: tuple[str, float, float]) -> Chain[str, str]:
    """Return a menu whose options (name, weight, seconds) are one key each."""
    moves = [Move(name, weight, keys=1, ms=1000 * s) for name, weight, s in options]
    return Chain({"menu": 1}, {"menu": moves}, {name: name for name, _, _ in options})


def test_a_menu() -> None:
    found = costs(menu(("balance", 3, 2), ("agent", 1, 8)))
    assert found == {"balance": Cost(0.75, 1, 2000), "agent": Cost(0.25, 1, 8000)}


def test_an_errand_begins_anew_at_each_leaf() -> None:
    # Half of the callers go on from the balance to the agent, with one more key.
    moves = {
        "menu": [Move("balance", 1, keys=1, ms=2000)],
        "balance": [Move("agent", 1, keys=1, ms=500), Move(None, 1)],
    }
    found = costs(Chain({"menu": 1}, moves, {"balance": "balance", "agent": "agent"}))
    assert found == {"balance": Cost(1, 1, 2000), "agent": Cost(0.5, 1, 500)}


def test_callers_who_lose_their_way_pay_for_it() -> None:
    # One in four hears the whole menu in vain (10 s) and begins again: 10 s · (1/4)/(3/4) more.
    moves = [Move("agent", 3, keys=1, ms=4000), Move("menu", 1, ms=10_000)]
    (found,) = costs(Chain({"menu": 1}, {"menu": moves}, {"agent": "agent"})).values()
    assert found.visits == pytest.approx(1)
    assert found.keys == pytest.approx(1)
    assert found.ms == pytest.approx(4000 + 10_000 / 3)


def test_states_that_share_a_leaf_are_one() -> None:
    moves = {"menu": [Move("here", 1, ms=1000), Move("there", 3, ms=3000)]}
    chain = Chain({"menu": 1}, moves, {"here": "message", "there": "message"})
    assert costs(chain) == {"message": Cost(1, 0, 2500)}


def test_a_leaf_nobody_comes_to_is_not_there() -> None:
    chain = Chain({"menu": 1}, {"menu": [Move("end")]}, {"end": "end", "agent": "agent"})
    assert set(costs(chain)) == {"end"}


def test_a_circle_that_nobody_gets_out_of_has_no_price() -> None:
    chain: Chain[str, str] = Chain({"a": 1}, {"a": [Move("b")], "b": [Move("a")]}, {})
    with pytest.raises(Endless, match="never get out of"):
        costs(chain)


@given(st.permutations([("a", 1.0), ("b", 1.0), ("c", 1.0), ("d", 1.0)]))
def test_equal_callers_pay_the_same_in_all_in_whatever_order_options_are(
    order: list[tuple[str, float]],
) -> None:
    found = costs(
        menu(*((name, weight, 2.0 * place) for place, (name, weight) in enumerate(order)))
    )
    assert sum(one.visits * one.ms for one in found.values()) == pytest.approx(3000)


@st.composite
def systems(draw: st.DrawFn) -> tuple[list[int], list[list[int]]]:
    """Return the weights in which calls begin, and of moves; column 0 is the end of the call."""
    size = draw(st.integers(1, 6))
    begin = draw(st.lists(st.integers(0, 5), min_size=size, max_size=size).filter(any))
    row = st.tuples(st.integers(1, 5), *[st.integers(0, 4)] * size)
    rows = draw(st.lists(row, min_size=size, max_size=size))
    return begin, [list(one) for one in rows]


def _exactly(begin: list[int], rows: list[list[int]]) -> list[Fraction]:
    """Solve v = b + vP by Gauss and Jordan, in fractions."""
    size = len(rows)
    chances = [[Fraction(weight, sum(row)) for weight in row[1:]] for row in rows]
    total = sum(begin)
    table = [
        [(1 if s == t else 0) - chances[s][t] for s in range(size)] + [Fraction(begin[t], total)]
        for t in range(size)
    ]
    for pivot in range(size):
        swap = next(row for row in range(pivot, size) if table[row][pivot])
        table[pivot], table[swap] = table[swap], table[pivot]
        table[pivot] = [value / table[pivot][pivot] for value in table[pivot]]
        for row in range(size):
            if row != pivot:
                factor = table[row][pivot]
                table[row] = [a - factor * b for a, b in zip(table[row], table[pivot], strict=True)]
    return [row[-1] for row in table]


@settings(max_examples=60)
@given(systems())
def test_visits_solve_the_linear_system(system: tuple[list[int], list[list[int]]]) -> None:
    begin, rows = system
    chances: Mapping[int, Any] = {
        s: {t: weight / sum(row) for t, weight in enumerate(row[1:]) if weight}
        for s, row in enumerate(rows)
    }
    found = solve({t: weight / sum(begin) for t, weight in enumerate(begin)}, chances)
    for state, visits in enumerate(_exactly(begin, rows)):
        assert found[state] == pytest.approx(float(visits), rel=1e-9)


@settings(max_examples=60)
@given(systems(), st.data())
def test_what_the_leaves_cost_is_what_the_call_costs(
    system: tuple[list[int], list[list[int]]], data: st.DataObject
) -> None:
    begin, rows = system
    size = len(rows)
    # The end of the call is a leaf as well, so that nothing is spent after the last leaf.
    moves = {
        s: [
            Move("end" if t == 0 else t - 1, weight, keys=t, ms=10 * s + t)
            for t, weight in enumerate(row)
            if weight
        ]
        for s, row in enumerate(rows)
    }
    among = data.draw(st.sets(st.integers(0, size - 1)))
    leaves: dict[Any, Any] = {state: state for state in among} | {"end": "end"}
    chain: Chain[Any, Any] = Chain(dict(enumerate(begin)), moves, leaves)
    found = costs(chain)
    visits = _exactly(begin, rows)
    for price in ("keys", "ms"):
        whole = sum(
            visits[s] * Fraction(int(move.weight), sum(rows[s])) * int(getattr(move, price))
            for s, some in moves.items()
            for move in some
        )
        paid = sum(one.visits * getattr(one, price) for one in found.values())
        assert paid == pytest.approx(float(whole), rel=1e-9, abs=1e-9)
    assert found["end"].visits == pytest.approx(1)


def test_long_flows_are_solved_quickly() -> None:
    # A menu of 5 at each of 3,000 steps: the next four, or back to the first.
    size = 3000
    moves: dict[int, list[Move[int]]] = {
        s: [Move(min(s + ahead, size), 1, keys=1) for ahead in range(1, 5)] + [Move(0, 1)]
        for s in range(size)
    }
    moves = {**moves, **{s: [Move(s + 1)] for s in range(40, size)}}
    found = costs(Chain({0: 1}, moves, {size: "end"}))
    assert found["end"].visits == pytest.approx(1)
