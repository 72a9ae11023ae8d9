"""Erlang's formulas against the vectors of the field notes, and against their own laws."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.centre.erlang import (
    Demand,
    agents_needed,
    erlang_a,
    erlang_b,
    erlang_c,
    scheduled,
)

NOTED = Demand(rate=200 / 3600, aht_s=180, patience_s=120)
"""The field notes' vectors: 200 calls an hour of 180 s, patience 120 s, service level within 20 s."""
VECTORS = [
    # agents, B, P(wait), SL, ASA, ρ; Erlang A: P(Ab), E[W]
    (12, 0.1197, 0.4494, 0.6402, 40.4, 0.833, 0.0616, 7.4),
    (13, 0.0843, 0.2853, 0.7956, 17.1, 0.769, 0.0384, 4.6),
    (14, 0.0568, 0.1741, 0.8884, 7.8, 0.714, 0.0228, 2.7),
]

demands = st.builds(
    Demand, rate=st.floats(0.001, 0.5), aht_s=st.floats(10, 600), patience_s=st.floats(5, 300)
)


@pytest.mark.parametrize(("agents", "b", "delayed", "sl", "asa", "rho", "ab", "wait"), VECTORS)
def test_the_vectors_of_the_field_notes(
    agents: int, b: float, delayed: float, sl: float, asa: float, rho: float, ab: float, wait: float
) -> None:
    assert erlang_b(agents, NOTED.load) == pytest.approx(b, abs=5e-5)
    c = erlang_c(NOTED, agents, 20)
    assert (c.delayed, c.service_level) == pytest.approx((delayed, sl), abs=5e-5)
    assert c.wait_s == pytest.approx(asa, abs=0.05)
    assert c.occupancy == pytest.approx(rho, abs=5e-4)
    a = erlang_a(NOTED, agents, 20)
    assert a.abandonment == pytest.approx(ab, abs=5e-5)
    assert a.wait_s == pytest.approx(wait, abs=0.05)


def test_how_many_agents_the_field_notes_need() -> None:
    few = agents_needed(lambda n: erlang_a(NOTED, n, 20), lambda one: one.abandonment <= 0.05)
    prompt = agents_needed(lambda n: erlang_c(NOTED, n, 20), lambda one: one.service_level >= 0.8)
    assert (few, prompt) == (13, 14)
    assert agents_needed(lambda n: erlang_c(NOTED, n, 20), lambda one: one.wait_s < 0) is None


@pytest.mark.parametrize(
    ("agents", "share", "paid"), [(14, 0.3, 20), (7, 0.3, 10), (13, 0, 13), (14, 0.31, 21)]
)
def test_shrinkage(agents: int, share: float, paid: int) -> None:
    assert scheduled(agents, share) == paid


@pytest.mark.parametrize("share", [1.0, -0.1])
def test_no_such_shrinkage(share: float) -> None:
    with pytest.raises(ValueError, match="shrinkage"):
        scheduled(10, share)


def test_a_queue_that_only_grows() -> None:
    figures = erlang_c(Demand(rate=1, aht_s=10), 10, 20)
    assert (figures.delayed, figures.service_level, figures.wait_s) == (1.0, 0.0, inf)


def test_nobody_calls() -> None:
    figures = erlang_a(Demand(rate=0, aht_s=10, patience_s=10), 1, 20)
    assert (figures.delayed, figures.service_level, figures.wait_s) == (0.0, 1.0, 0.0)


@pytest.mark.parametrize(("aht", "patience"), [(0, 1), (1, 0)])
def test_no_such_demand(aht: float, patience: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        Demand(rate=1, aht_s=aht, patience_s=patience)


def test_endless_patience_is_erlang_c() -> None:
    endless = Demand(NOTED.rate, NOTED.aht_s)
    patient = Demand(NOTED.rate, NOTED.aht_s, 1e7)
    c = erlang_c(NOTED, 13, 20)
    assert erlang_a(endless, 13, 20) == c
    near = erlang_a(patient, 13, 20)
    assert (near.delayed, near.service_level) == pytest.approx(
        (c.delayed, c.service_level), rel=1e-3
    )


@pytest.mark.proof
@pytest.mark.timeout(60)  # the garbage of a whole proof before it is collected here
@settings(max_examples=40)
@given(demands, st.integers(1, 100))
def test_whoever_does_not_give_up_is_answered_at_last(demand: Demand, agents: int) -> None:
    """Ties the density of the wait to the birth-and-death process: both know who is served."""
    figures = erlang_a(demand, agents, 15 * demand.patience_s)
    assert figures.service_level == pytest.approx(1 - figures.abandonment, abs=1e-5)


@settings(max_examples=40)
@given(demands, st.integers(1, 100))
def test_one_agent_more_never_hurts(demand: Demand, agents: int) -> None:
    fewer, more = erlang_a(demand, agents, 20), erlang_a(demand, agents + 1, 20)
    assert more.abandonment <= fewer.abandonment + 1e-9
    assert more.service_level >= fewer.service_level - 1e-9
    assert more.occupancy <= fewer.occupancy + 1e-9


def test_a_thousand_agents_and_hopeless_overload_are_no_trouble() -> None:
    assert erlang_a(Demand(5, 200, 300), 1000, 20).service_level > 0.5
    hopeless = erlang_a(Demand(20, 300, 600), 10, 20)
    assert hopeless.abandonment == pytest.approx(1 - 10 / 6000)
