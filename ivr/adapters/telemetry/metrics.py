"""Figures for Prometheus: counted from events as they pass, and asked for at each scrape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import CounterMetricFamily, Metric

from ivr.model.events import (
    CallEnded,
    CallQueued,
    CallResumed,
    CallStarted,
    Event,
    OrderChanged,
    PromptMissing,
    StepFailed,
    StepLeft,
    SurveyEnded,
)
from ivr.ports.clock import Clock
from ivr.ports.coverage import Tally
from ivr.ports.events import Events
from ivr.ports.floor import Board
from ivr.ports.operations import EngineStatus, Latency

_CALL_S = (5, 15, 30, 60, 120, 300, 600, 1800)
_MOST = 20_000
"""Calls whose beginning is remembered: of one that goes on at another node nobody tells the end here."""


class Figures(msgspec.Struct, frozen=True):
    """How an engine is at one moment.

    `thinking` is from Asterisk's answer to the engine's next command, `answering` from a command that takes no
    time of its own to its answer; `ami_lag_s` how long Asterisk's manager takes to answer a ping, None
    where there is no connection. `surveys` are today's. `cases` counts those of orders whose result is
    unknown. `board` is None where another engine leads.
    """

    status: EngineStatus
    thinking: Latency
    answering: Latency
    ami_lag_s: float | None
    surveys: Tally
    unknown_orders: int
    board: Board | None = None


_COUNTED: tuple[tuple[type[Event], str, str, tuple[str, ...]], ...] = (
    (CallStarted, "calls_started", "Calls that began here.", ("flow",)),
    (CallEnded, "calls_ended", "Calls that ended here.", ("reason",)),
    (CallResumed, "calls_resumed", "Calls that came back on a new connection.", ()),
    (StepLeft, "steps", "Steps that ended, by outcome.", ("flow", "step", "outcome")),
    (StepFailed, "steps_failed", "Steps that could not go on.", ("flow", "step")),
    (CallQueued, "queue_left", "Callers who left a queue, by how.", ("queue", "status")),
    (OrderChanged, "orders", "Dictated orders that came to a state.", ("state",)),
    (SurveyEnded, "surveys", "Surveys that ended, by how.", ("how",)),
    (PromptMissing, "prompts_missing", "Prompts that had no recording.", ()),
)
"""Events, what their counter is called and says, and the fields that are its labels."""


class _Tally:
    """Counts the events of one sort by what their labels say.

    It stands in the way of every event of every call: a dictionary, for the library's own counters take ten
    times as long. What they look like in the end is made up at a scrape.
    """

    __slots__ = ("_counts", "_labels", "_name", "_what")

    def __init__(self, name: str, what: str, labels: tuple[str, ...]) -> None:
        self._name = f"onecall_{name}"
        self._what = what
        self._labels = labels
        # Without labels there is one figure, from the beginning.
        self._counts: Counter[tuple[Any, ...]] = Counter() if labels else Counter({(): 0})

    def add(self, event: Event) -> None:
        """Count one."""
        self._counts[tuple([getattr(event, name) for name in self._labels])] += 1

    def told(self) -> Metric:
        """Return what was counted."""
        family = CounterMetricFamily(self._name, self._what, labels=self._labels)
        for values, count in self._counts.items():
            family.add_metric([str(value) for value in values], count)
        return family


class EventMetrics:
    """The events port, which also counts. One for each engine: nothing is kept in the process at large."""

    def __init__(self, events: Events, clock: Clock, most: int = _MOST) -> None:
        self._events = events
        self._clock = clock
        self._most = most
        self._began: dict[str, float] = {}
        self.registry = CollectorRegistry()
        self.registry.register(self)
        self._tallies = {kind: _Tally(name, what, labels) for kind, name, what, labels in _COUNTED}
        self._lasted = Histogram(
            "onecall_call_seconds", "How long calls took.", buckets=_CALL_S, registry=self.registry
        )

    def emit(self, call_id: str, event: Event) -> None:
        """Pass an event on. See `Events`."""
        self._events.emit(call_id, event)
        tally = self._tallies.get(type(event))
        if tally is None:
            return
        tally.add(event)
        if isinstance(event, CallStarted):
            self._began[call_id] = self._clock.now().timestamp()
            if len(self._began) > self._most:
                del self._began[next(iter(self._began))]
        elif isinstance(event, CallEnded) and call_id in self._began:
            self._lasted.observe(self._clock.now().timestamp() - self._began.pop(call_id))

    def collect(self) -> Iterable[Metric]:
        """Return what was counted, as the library asks for it."""
        return [tally.told() for tally in self._tallies.values()]


def exposition(counted: EventMetrics, figures: Figures) -> bytes:
    """Return all figures in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Collected(figures))
    return generate_latest(counted.registry) + generate_latest(registry)


class _Collected:
    """Figures as a collector of the library."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        found = self._figures
        status, store = found.status, found.status.store
        yield _gauge("onecall_calls", "Calls that run now.", status.calls)
        yield _gauge("onecall_calls_most", "Calls that the engine takes.", status.calls_most)
        yield _gauge("onecall_draining", "1 while no new calls are taken.", status.draining)
        yield _gauge("onecall_ready", "1 if it should be given calls.", not status.problems)
        yield _gauge(
            "onecall_start_time_seconds", "When it started (Unix).", status.started.timestamp()
        )
        if status.ami is not None:
            yield _gauge("onecall_ami_connected", "1 if Asterisk's manager is there.", status.ami)
        if found.ami_lag_s is not None:
            yield _gauge("onecall_ami_lag_seconds", "Asterisk's answer to a ping.", found.ami_lag_s)
        yield _gauge("onecall_store_pending", "Entries that wait to be written.", store.pending)
        yield _gauge("onecall_store_failing", "1 if nothing can be written.", bool(store.problem))
        yield CounterMetricFamily("onecall_store_lost", "Entries given up.", value=store.lost)
        yield _latency(
            "onecall_agi_think_seconds", "From an answer to the next command.", found.thinking
        )
        yield _latency(
            "onecall_agi_answer_seconds", "Asterisk's answer to a command.", found.answering
        )
        yield _gauge(
            "onecall_orders_unknown_open", "Orders of unknown result.", found.unknown_orders
        )
        yield from _surveys(found.surveys)
        if found.board is not None:
            yield from _floor(found.board)


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=value)


def _latency(name: str, what: str, latency: Latency) -> Metric:
    counted, buckets = 0, []
    for bound, count in latency.buckets:
        counted += count
        buckets.append(("+Inf" if bound == float("inf") else str(bound), counted))
    return HistogramMetricFamily(
        name, what, buckets=buckets or [("+Inf", 0)], sum_value=latency.total_s
    )


def _surveys(tally: Tally) -> Iterable[Metric]:
    family = GaugeMetricFamily(
        "onecall_survey_coverage_calls", "Today's calls, by what the ledger says.", labels=["is"]
    )
    for name in ("eligible", "offered", "due"):
        family.add_metric([name], getattr(tally, name))
    yield family


_QUEUE = {
    "waiting": "Callers who wait.",
    "callbacks": "Promised calls in the queue.",
    "longest_s": "Longest wait now, seconds.",
    "ready": "Agents who could take a call.",
    "offered": "Offered today.",
    "handled": "Handled today.",
    "abandoned": "Abandoned today.",
    "service_level": "Service level today, 0 to 1.",
    "abandonment": "Abandonment today, 0 to 1.",
    "abandonment_5m": "Abandonment in the last five minutes, 0 to 1.",
    "estimate_s": "Estimated wait, seconds.",
    "surge": "1 in a surge.",
}


def _floor(board: Board) -> Iterable[Metric]:
    for name, what in _QUEUE.items():
        metric = name.replace("_s", "_seconds") if name.endswith("_s") else name
        family = GaugeMetricFamily(f"onecall_queue_{metric}", what, labels=["queue"])
        for queue in board.queues:
            value = getattr(queue, name)
            if value is not None:
                family.add_metric([queue.queue], float(bool(value) if name == "surge" else value))
        yield family
    agents = GaugeMetricFamily("onecall_agents", "Agents, by state.", labels=["state"])
    states = [agent.state.value for agent in board.agents]
    for state in sorted(set(states)):
        agents.add_metric([state], states.count(state))
    yield agents
