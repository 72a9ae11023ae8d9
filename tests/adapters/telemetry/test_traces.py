"""Traces, as an OpenTelemetry collector takes them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from ivr.adapters.telemetry.traces import Traces
from ivr.model.events import CallEnded, CallResumed, CallStarted, StepEntered, StepFailed
from tests.adapters.telemetry.kit import ANI, CALL, Kept, call, clock


@contextmanager
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """Take what is sent; yield where, and the bodies."""
    bodies: list[bytes] = []

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Taker)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/traces", bodies
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def spans(bodies: list[bytes]) -> dict[str, Span]:
    requests = [ExportTraceServiceRequest.FromString(body) for body in bodies]
    return {
        span.name: span
        for request in requests
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    }


def attributes(span: Span) -> dict[str, str]:
    return {one.key: one.value.string_value for one in span.attributes}


def test_a_call_is_a_span_with_its_steps_in_it() -> None:
    time, kept = clock(), Kept()
    with collector() as (url, bodies):
        traces = Traces(kept, time, url, "e1")
        call(traces, time)
        traces.close()
    found = spans(bodies)
    whole, menu, agent = found["call"], found["main.menu"], found["main.agent"]
    assert menu.parent_span_id == agent.parent_span_id == whole.span_id
    assert whole.end_time_unix_nano - whole.start_time_unix_nano == 42_000_000_000
    assert menu.end_time_unix_nano - menu.start_time_unix_nano == 2_000_000_000
    assert attributes(whole)["onecall.call"] == CALL
    assert attributes(whole)["onecall.reason"] == "completed"
    assert attributes(agent) == {"onecall.verb": "queue", "onecall.outcome": "served"}
    assert len(kept.events) == 7
    assert ANI.encode() not in b"".join(bodies)


def test_a_failed_step_and_a_call_that_began_on_another_node() -> None:
    time = clock()
    with collector() as (url, bodies):
        traces = Traces(Kept(), time, url)
        traces.emit(CALL, CallResumed("main", "menu"))
        traces.emit(CALL, StepEntered("main", "menu", "menu"))
        traces.emit(CALL, StepFailed("main", "menu", "the bank is away"))
        traces.emit(CALL, CallEnded("failed"))
        traces.close()
    found = spans(bodies)
    assert attributes(found["call"])["onecall.resumed"] == "true"
    assert found["main.menu"].status.code == 2  # an error
    assert b"the bank is away" not in b"".join(bodies)


def test_a_call_that_ends_at_another_node_is_told_of_in_time() -> None:
    with collector() as (url, bodies):
        traces = Traces(Kept(), clock(), url, most=1)
        traces.emit("1.1", CallStarted("95500", ANI, "ab" * 32, "main"))
        traces.emit("1.1", StepEntered("main", "menu", "menu"))
        traces.emit("2.1", CallStarted("95500", ANI, "ab" * 32, "main"))
        traces.close()
    found = spans(bodies)
    assert attributes(found["call"])["onecall.call"] == "1.1"
    assert attributes(found["call"])["onecall.reason"] == "elsewhere"
    assert found["main.menu"].parent_span_id == found["call"].span_id


def test_a_collector_that_is_away_costs_no_event() -> None:
    kept = Kept()
    traces = Traces(kept, clock(), "http://127.0.0.1:9/v1/traces")
    traces.emit(CALL, CallStarted("95500", ANI, "ab" * 32, "main"))
    traces.emit(CALL, CallEnded("completed"))
    traces.close()
    assert len(kept.events) == 2
