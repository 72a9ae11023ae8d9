"""docs/steps/ is what the step types say, and their examples work."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from ivr.adapters.flowfile.loader import try_load_files
from ivr.centre.orders.slots import discover as discover_slots
from ivr.engine import queue_reference, sheet_reference
from ivr.engine.check import check
from ivr.engine.order_reference import PAGE
from ivr.engine.order_reference import page as order_types
from ivr.engine.reference import page, pages, summary
from ivr.model.codes import Code
from ivr.model.orders import OrderDocument
from ivr.model.problem import Severity
from ivr.model.queues import AgentsDocument, QueueDocument, QueuesDocument, Rule, Surge
from ivr.model.step import Step
from ivr.ports.posting import OPERATIONS, SOURCES
from ivr.steps import discover

DOCS = Path(__file__).parents[2] / "docs" / "steps"
STEPS = discover()
PAGES = pages(STEPS)

MISSING_AROUND_AN_EXAMPLE = {Code.UNKNOWN_RESULT, Code.UNSET_VARIABLE, Code.NO_NUMBER, Code.ENDLESS}
"""A step alone reads variables that others set, answers no number, and may lead to itself."""

CALENDAR = "calendar: service\nzone: Asia/Shanghai\nweek: {mon-fri: ['08:30-20:00']}\n"
ACCEPTING = """\
flow: branches
languages: [zh, en]
accepts: {number: text}
returns: {done: {}}
start: over
steps:
  over: {return: done}
"""
AUTHENTICATE = """\
flow: authenticate
languages: [zh, en]
returns: {ok: {}, refused: {}}
start: ask
steps:
  ask: {authenticate: , on: {ok: yes, failed: no, locked: no, unavailable: no, no_input: no}}
  yes: {return: ok}
  no: {return: refused}
"""
CASES = "desks: {lead: {}}\ncases: {complaint: {owner: lead}, suggestion: {owner: lead}}\n"
TRANSFER = (Path(__file__).parents[1] / "steps/orders/transfer.yaml").read_text("utf-8")
ORDER = TRANSFER.replace('level_above: {amount: "20000.00", level: 3}\n', "")
"""Level 3 is more than AUTHENTICATE gives."""


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_reference_is_not_stale(name: str) -> None:
    path = DOCS / name
    assert path.is_file(), "run `ivr reference`"
    assert path.read_text("utf-8") == PAGES[name], "run `ivr reference`"


def test_the_reference_of_order_types_is_whole_and_not_stale() -> None:
    text = order_types()
    assert (DOCS / PAGE).read_text("utf-8") == text, "run `ivr reference`"
    models: list[type[BaseModel]] = [OrderDocument, *discover_slots().values()]
    names = [field.alias or name for model in models for name, field in model.model_fields.items()]
    assert all(f"| `{name}` |" in text for name in (*names, *SOURCES, *OPERATIONS))


def test_the_reference_of_queues_and_agents_is_whole_and_not_stale() -> None:
    text = queue_reference.page()
    assert (DOCS / queue_reference.PAGE).read_text("utf-8") == text, "run `ivr reference`"
    models: list[type[BaseModel]] = [QueuesDocument, QueueDocument, Rule, Surge, AgentsDocument]
    names = [name for model in models for name in model.model_fields]
    assert all(f"| `{name}` |" in text for name in (*names, "caller.language"))


@pytest.mark.parametrize("name", sheet_reference.PAGES)
def test_the_reference_of_further_files_is_whole_and_not_stale(name: str) -> None:
    text = sheet_reference.pages()[name]
    assert (DOCS / name).read_text("utf-8") == text, "run `ivr reference`"
    for model in sheet_reference.PAGES[name].files.values():
        assert all(f"| `{field}` |" in text for field in model.model_fields)


def test_there_is_no_page_of_a_step_type_that_is_gone() -> None:
    written = {path.name for path in DOCS.glob("*.md")}
    assert written == {*PAGES, PAGE, queue_reference.PAGE, *sheet_reference.PAGES}


@pytest.mark.parametrize("verb", STEPS)
def test_a_page_has_every_field_and_outcome(verb: str) -> None:
    kind = STEPS[verb]
    text = page(kind)
    names = [field.alias or name for name, field in kind.model_fields.items()]
    assert all(f"| `{name}` |" in text for name in (*names, *kind.outcomes, *kind.optional))
    assert summary(kind) in text


@pytest.mark.parametrize("verb", STEPS)
def test_the_example_loads_and_checks(verb: str) -> None:
    kind = STEPS[verb]
    example: dict[str, dict[Any, Any]] = yaml.safe_load(kind.example)
    assert [name for name, node in example.items() if verb in node], "the example is of that verb"
    result = try_load_files(
        {
            "example.yaml": _flow(kind, example),
            "service.yaml": CALENDAR,
            "branches.yaml": ACCEPTING,
            "authenticate.yaml": AUTHENTICATE,
            "orders/transfer.yaml": ORDER,
            "queues.yaml": "queues: {service: {agents: [anyone]}}",
            "cases.yaml": CASES,
        }
    )
    assert result.flow_set is not None, result.problems
    errors = [
        str(problem)
        for problem in check(result.flow_set)
        if problem.severity is Severity.ERROR and problem.code not in MISSING_AROUND_AN_EXAMPLE
    ]
    assert not errors


def _flow(kind: type[Step], example: dict[str, dict[Any, Any]]) -> str:
    """Return a flow of the example and of the steps it leads to."""
    targets = {target for node in example.values() for target in _targets(kind, node)}
    stubs = "".join(f"  {target}: {{hangup: }}\n" for target in sorted(targets - set(example)))
    returns = "returns: {ok: {balance: money}}\n" if kind.verb == "return" else ""
    head = f"flow: example\nlanguages: [zh, en]\nstart: {next(iter(example))}\n{returns}"
    return f"{head}steps:\n{indent(kind.example, '  ')}{stubs}"


def _targets(kind: type[Step], node: dict[Any, Any]) -> set[str]:
    step = kind.model_validate(node[kind.verb])
    # This reader takes `on` for a truth.
    edges = {*node.get(True, {}).values(), *step.edges().values()}
    return edges | ({node["next"]} if "next" in node else set())
