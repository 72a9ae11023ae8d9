"""Figures for Prometheus."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from ivr.adapters.agi.latency import Latencies
from ivr.adapters.telemetry.metrics import EventMetrics, Figures, exposition
from ivr.model.events import CallEnded, CallStarted
from ivr.ports.agents import AgentState, AgentView
from ivr.ports.coverage import Tally
from ivr.ports.floor import Board, QueueView
from ivr.ports.operations import EngineStatus
from ivr.ports.store import StoreHealth
from tests.adapters.telemetry.kit import ANI, CALL, Kept, call, clock

MONITORING = Path(__file__).parents[3] / "monitoring"
NOW = clock().now()
STATUS = EngineStatus(NOW, 4711, NOW, "ab" * 32, 3, 4000, False, True, StoreHealth(pending=2), 1, 2)
QUEUE = QueueView("service", 4, 1, 33, 90, 10, 8, 1, 0.875, 0.1, None, 2, "surge: second line")
AGENT = AgentView("1001", "Agent", AgentState.READY, NOW)
FIGURES = Figures(
    status=STATUS,
    thinking=Latencies().told(),
    answering=Latencies().told(),
    ami_lag_s=0.002,
    surveys=Tally(eligible=9, offered=8, due=1),
    unknown_orders=2,
    board=Board(NOW, 1, (QUEUE,), (AGENT,), ()),
)


def told(metrics: EventMetrics, figures: Figures = FIGURES) -> dict[str, float]:
    """Return each sample by its name and labels, as Prometheus reads them."""
    text = exposition(metrics, figures).decode()
    return {
        _name(sample.name, sample.labels): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _name(name: str, labels: Mapping[str, str]) -> str:
    inside = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
    return f"{name}{{{inside}}}" if inside else name


def test_a_call_is_counted_and_its_events_go_on() -> None:
    kept, time = Kept(), clock()
    metrics = EventMetrics(kept, time)
    call(metrics, time)
    found = told(metrics)
    assert len(kept.events) == 7
    assert found["onecall_calls_started_total{flow=main}"] == 1
    assert found["onecall_calls_ended_total{reason=completed}"] == 1
    assert found["onecall_steps_total{flow=main,outcome=served,step=agent}"] == 1
    assert found["onecall_queue_left_total{queue=service,status=served}"] == 1
    assert found["onecall_call_seconds_bucket{le=30.0}"] == 0
    assert found["onecall_call_seconds_bucket{le=60.0}"] == 1
    assert found["onecall_call_seconds_sum"] == 42


def test_calls_that_end_at_another_node_are_forgotten_in_time() -> None:
    metrics = EventMetrics(Kept(), clock(), most=2)
    for number in range(5):
        metrics.emit(f"{number}.1", CallStarted("95500", ANI, "ab" * 32, "main"))
    for number in range(5):
        metrics.emit(f"{number}.1", CallEnded("completed"))
    found = told(metrics)
    assert found["onecall_calls_ended_total{reason=completed}"] == 5
    assert found["onecall_call_seconds_count"] == 2


def test_nothing_of_a_caller_is_in_them() -> None:
    kept, time = Kept(), clock()
    metrics = EventMetrics(kept, time)
    call(metrics, time)
    text = exposition(metrics, FIGURES).decode()
    assert ANI not in text
    assert CALL not in text


def test_the_engine_and_its_floor_are_told() -> None:
    found = told(EventMetrics(Kept(), clock()))
    assert found["onecall_calls"] == 3
    assert found["onecall_ready"] == 1
    assert found["onecall_store_pending"] == 2
    assert found["onecall_ami_lag_seconds"] == 0.002
    assert found["onecall_orders_unknown_open"] == 2
    assert found["onecall_survey_coverage_calls{is=offered}"] == 8
    assert found["onecall_queue_longest_seconds{queue=service}"] == 33
    assert found["onecall_queue_surge{queue=service}"] == 1
    assert found["onecall_agents{state=ready}"] == 1
    assert "onecall_queue_abandonment_5m{queue=service}" not in found  # nobody was offered


@pytest.mark.parametrize(
    ("change", "gone"),
    [({"board": None}, "onecall_queue_waiting"), ({"ami_lag_s": None}, "onecall_ami_lag_seconds")],
)
def test_what_is_not_known_is_not_told(change: dict[str, Any], gone: str) -> None:
    found = told(EventMetrics(Kept(), clock()), replace(FIGURES, **change))
    assert not any(name.startswith(gone) for name in found)


def test_a_full_store_is_not_ready() -> None:
    status = replace(STATUS, store=StoreHealth(problem="the disk is full"))
    found = told(EventMetrics(Kept(), clock()), replace(FIGURES, status=status))
    assert found["onecall_ready"] == 0
    assert found["onecall_store_failing"] == 1


def test_latencies_are_cumulative_as_prometheus_wants_them() -> None:
    taken = Latencies()
    for seconds in (0.00005, 0.0004, 0.3, 60.0):
        taken.add(seconds)
    found = told(EventMetrics(Kept(), clock()), replace(FIGURES, thinking=taken.told()))
    counts = {
        name: value
        for name, value in found.items()
        if name.startswith("onecall_agi_think_seconds_bucket")
    }
    assert counts["onecall_agi_think_seconds_bucket{le=0.0001}"] == 1
    assert counts["onecall_agi_think_seconds_bucket{le=0.0005}"] == 2
    assert counts["onecall_agi_think_seconds_bucket{le=0.5}"] == 3
    assert counts["onecall_agi_think_seconds_bucket{le=+Inf}"] == 4
    assert found["onecall_agi_think_seconds_count"] == 4


def _expressions() -> list[str]:
    dashboard = json.loads((MONITORING / "grafana-dashboard.json").read_text("utf-8"))
    rules = yaml.safe_load((MONITORING / "alerts.yml").read_text("utf-8"))
    shown = [one["expr"] for panel in dashboard["panels"] for one in panel.get("targets", [])]
    return shown + [rule["expr"] for group in rules["groups"] for rule in group["rules"]]


def test_what_is_ready_for_grafana_and_prometheus_asks_for_what_there_is() -> None:
    time = clock()
    metrics = EventMetrics(Kept(), time)
    call(metrics, time)
    text = exposition(metrics, FIGURES).decode()
    known = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    asked = {
        name for expression in _expressions() for name in re.findall(r"onecall_\w+", expression)
    }
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked}
    assert len(asked) > 15
    assert families <= known
