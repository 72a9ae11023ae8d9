"""Traces for OpenTelemetry: a span for each call, and in it one for each step.

Only names leave the engine, and how things ended: nothing that a caller said, keyed or is called. Spans are sent in
groups by a thread of the library: no call waits for a collector that does not answer.
"""

from __future__ import annotations

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, Status, StatusCode, set_span_in_context

from ivr.model.events import (
    CallEnded,
    CallResumed,
    CallStarted,
    Event,
    StepEntered,
    StepFailed,
    StepLeft,
)
from ivr.ports.clock import Clock
from ivr.ports.events import Events

_CLOSE_MS = 3_000
_SEND_S = 2
_MOST = 20_000
"""Calls that are traced at the same time: of one that goes on at another node nobody tells the end here."""


class Traces:
    """The events port, which also tells a collector at `url` (OTLP over HTTP) of them."""

    def __init__(
        self, events: Events, clock: Clock, url: str, node: str = "", most: int = _MOST
    ) -> None:
        resource = {"service.name": "onecall"} | ({"service.instance.id": node} if node else {})
        self._provider = TracerProvider(resource=Resource.create(resource))
        self._provider.add_span_processor(
            BatchSpanProcessor(OTLPSpanExporter(url, timeout=_SEND_S))
        )
        self._tracer = self._provider.get_tracer("ivr")
        self._events = events
        self._clock = clock
        self._most = most
        self._calls: dict[str, Span] = {}
        self._steps: dict[str, Span] = {}

    def close(self) -> None:
        """Send what is left, as far as the collector takes it in time; waits for that."""
        self._provider.force_flush(_CLOSE_MS)
        self._provider.shutdown()

    def emit(self, call_id: str, event: Event) -> None:
        """Pass an event on. See `Events`."""
        self._events.emit(call_id, event)
        match event:
            case StepEntered():
                self._enter(call_id, event)
            case StepLeft():
                self._leave(call_id, event.outcome)
            case StepFailed():
                if call_id in self._steps:
                    self._steps[call_id].set_status(Status(StatusCode.ERROR))
                self._leave(call_id, "error")
            case CallStarted():
                told = {"flow": event.flow, "dnis": event.dnis, "version": event.version}
                self._begin(call_id, told)
            case CallResumed():
                if call_id not in self._calls:
                    self._begin(call_id, {"flow": event.flow, "resumed": "true"})
            case CallEnded():
                self._end(call_id, event.reason)

    def _begin(self, call_id: str, told: dict[str, str]) -> None:
        attributes = {f"onecall.{name}": value for name, value in told.items()}
        self._calls[call_id] = self._tracer.start_span(
            "call", attributes={"onecall.call": call_id, **attributes}, start_time=self._now()
        )
        if len(self._calls) > self._most:
            self._end(next(iter(self._calls)), "elsewhere")

    def _end(self, call_id: str, reason: str) -> None:
        self._leave(call_id, "")
        span = self._calls.pop(call_id, None)
        if span is not None:
            span.set_attribute("onecall.reason", reason)
            span.end(self._now())

    def _enter(self, call_id: str, event: StepEntered) -> None:
        call = self._calls.get(call_id)
        if call is None:
            return
        self._leave(call_id, "")
        self._steps[call_id] = self._tracer.start_span(
            f"{event.flow}.{event.step}",
            context=set_span_in_context(call),
            attributes={"onecall.verb": event.verb},
            start_time=self._now(),
        )

    def _leave(self, call_id: str, outcome: str) -> None:
        span = self._steps.pop(call_id, None)
        if span is not None:
            span.set_attribute("onecall.outcome", outcome)
            span.end(self._now())

    def _now(self) -> int:
        """Now in nanoseconds, as the library counts."""
        return int(self._clock.now().timestamp() * 1_000_000) * 1_000
