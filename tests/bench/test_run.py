"""The benchmarks work, from the command line to the figures. What the figures are is not tested."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import after, dispatch, live, orders, queuesim, store, surveys, synthetic, voc

ROOT = Path(__file__).resolve().parents[2]


def bench(what: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench", what, "--quick", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=170)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)[what]
    return report


@pytest.mark.proof
@pytest.mark.timeout(180)
def test_every_engine_answers_the_synthetic_asterisk() -> None:
    report = bench("synthetic")
    assert list(report["medians"]) == list(synthetic.ENGINES)
    for figures in report["medians"].values():
        assert figures["failed"] == 0
        assert min(figures[name] for name in ("sessions", "commands_1", "commands_100")) > 0
    assert [target["name"] for target in report["targets"]] == ["P5", "P6", "P7", "P12"]
    assert report["notes"][0] == "0 sessions failed; 0 of OneCall's calls are not in its event log"


@pytest.mark.asterisk
@pytest.mark.timeout(180)
def test_callers_reach_the_menu_on_a_real_asterisk() -> None:
    report = bench("asterisk")
    assert list(report["medians"]) == list(live.DIALLED)
    for figures in report["medians"].values():
        assert figures["failed"] == 0
        assert figures["asterisk_ms"] > 0
    assert report["medians"][live.ONECALL]["engine_ms"] > 0
    assert report["medians"][live.NATIVE]["native_share"] == 1
    assert [target["name"] for target in report["targets"]] == ["P1", "P2", "P4", "P4"]


@pytest.mark.proof
@pytest.mark.timeout(180)
def test_recorded_calls_are_found_and_compared() -> None:
    report = bench("after")
    assert list(report["medians"]) == [*after.QUERIES, after.SAME, after.CHANGED]
    assert report["medians"]["calls, all of them"]["calls"] == after.QUICK.calls
    assert report["medians"][after.SAME]["same"] == after.QUICK.compared
    assert report["medians"][after.CHANGED]["elsewhere"] > 0
    assert [target["name"] for target in report["targets"]] == ["A1", "A1", "A2"]


@pytest.mark.proof
@pytest.mark.timeout(180)
def test_orders_are_taken_down_on_every_ledger() -> None:
    report = bench("orders")
    assert list(report["medians"]) == list(orders.ENGINES)
    for engine in orders.ENGINES[1:]:
        figures = report["medians"][engine]
        assert min(figures[name] for name in ("rate", "posted", "cpu_ms", "p50", "p99")) > 0
    assert [target["name"] for target in report["targets"]] == ["O1", "O2"]


@pytest.mark.proof
@pytest.mark.timeout(180)
def test_calls_are_written_to_every_database() -> None:
    report = bench("store")
    assert list(report["medians"]) == list(store.ENGINES)
    for figures in report["medians"].values():
        assert min(figures.values()) > 0


@pytest.mark.proof
@pytest.mark.timeout(180)
def test_the_dispatcher_decides_in_a_rush() -> None:
    report = bench("dispatch")
    assert list(report["medians"]) == list(dispatch.ENGINES)
    assert all(figures["rate"] > 0 for figures in report["medians"].values())
    assert {target["name"] for target in report["targets"]} == {"D1"}


@pytest.mark.proof
@pytest.mark.timeout(180)
def test_queues_are_simulated() -> None:
    report = bench("queue-sim")
    assert list(report["medians"]) == list(queuesim.CASES)
    assert all(figures["calls"] > 1000 for figures in report["medians"].values())
    assert {target["name"] for target in report["targets"]} == {"S1"}


@pytest.mark.proof
@pytest.mark.timeout(180)
def test_a_month_is_reported_twice_to_the_same_bytes() -> None:
    report = bench("report")
    assert report["medians"][voc.MAKE]["calls"] == voc.QUICK.calls
    assert report["medians"][voc.VERIFY]["peak_mib"] > 0
    assert [target["met"] for target in report["targets"]] == [True, True, True]


@pytest.mark.proof
@pytest.mark.timeout(180)
def test_the_surveys_of_a_month_are_reported_twice_to_the_same_bytes() -> None:
    report = bench("surveys")
    assert report["medians"][surveys.MAKE]["calls"] > 500
    assert [target["met"] for target in report["targets"]] == [True, True, True]
