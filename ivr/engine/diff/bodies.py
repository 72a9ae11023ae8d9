"""Flows and steps as flat texts, to be compared: `choices.2.goto` → `transfer`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ivr.model.calendar import Calendar, Span
from ivr.model.flow import Flow, Node
from ivr.model.orders import OrderType
from ivr.model.queues import AgentDocument, QueueDocument, QueuePlan

AND = " + "
"""Between the items of a list."""
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield what a value of mappings, lists and scalars holds, each scalar or list of scalars with
    the dotted way to it."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple) and any(isinstance(one, Mapping | list) for one in value):
        for place, inner in enumerate(value, 1):
            yield from flat(inner, f"{path}.{place}")
    elif value is not None and value not in ("", [], ()):
        yield path, AND.join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def written(node: Node) -> dict[str, Any]:
    """Return what an author wrote in a step, without what is so anyway."""
    return node.step.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def step_body(node: Node) -> object:
    """Return what makes a step the step it is, whatever it and those it leads to are called."""
    labels = node.step.labels()
    others = {*node.edges.values(), *labels.values()}
    fields = {path: text for path, text in flat(written(node)) if text not in others}
    return node.step.verb, node.requires, fields, set(node.edges), labels


def flow_body(flow: Flow) -> object:
    """Return what makes a flow the flow it is, whatever it is called."""
    steps = {name: (step_body(node), dict(node.edges)) for name, node in flow.steps.items()}
    return head(flow), steps


def head(flow: Flow) -> dict[str, str]:
    """Return what is written at the top of a flow."""
    written = {
        "numbers": flow.numbers,
        "languages": flow.languages,
        "start": flow.start,
        "defaults": msgspec.to_builtins(flow.defaults),
        "on": flow.handlers,
        "accepts": flow.accepts,
        "returns": {outcome: values or "·" for outcome, values in flow.returns.items()},
    }
    return dict(flat(written))


def calendar_body(calendar: Calendar) -> dict[str, str]:
    """Return what a calendar says; a day without hours is closed."""
    said = {
        "zone": calendar.zone,
        "week": {day: _hours(spans) for day, spans in zip(_DAYS, calendar.week, strict=True)},
        "holidays": sorted(map(str, calendar.holidays)),
        "holiday_hours": _hours(calendar.holiday_hours),
        "workdays": sorted(map(str, calendar.workdays)),
        "exceptions": {str(day): _hours(spans) for day, spans in calendar.exceptions.items()},
    }
    return dict(flat(said))


def order_body(order: OrderType) -> dict[str, str]:
    """Return what the file of an order type says."""
    document = order.document
    said = document.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"note"})
    return dict(flat(said))


def listed_body(document: QueueDocument | AgentDocument) -> dict[str, str]:
    """Return what is said of a queue, or of an agent."""
    return dict(flat(document.model_dump(mode="json", exclude_defaults=True)))


def shared_body(plan: QueuePlan) -> dict[str, str]:
    """Return what is said of all queues and all agents together."""
    said = {
        "fairness": plan.fairness.model_dump(mode="json"),
        "skills": plan.skills,
        "reasons": plan.reasons,
        "dispositions": plan.dispositions,
    }
    return dict(flat(said))


def _hours(spans: tuple[Span, ...]) -> str:
    return ", ".join(map(str, spans)) or "closed"
