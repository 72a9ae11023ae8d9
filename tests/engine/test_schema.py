"""The JSON Schema of flow files, judged by another's validator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from ivr.adapters.flowfile.reader import read
from ivr.engine.schema import flow_schema
from ivr.steps import discover

VERBS = discover()
SCHEMA = flow_schema(VERBS)
VALIDATOR = Draft202012Validator(SCHEMA)
FLOWS = Path(__file__).parents[2] / "flows"


def wrong(text: str) -> list[str]:
    """Return the JSON paths of what the schema does not accept."""
    tree, problems = read(text, "f")
    assert tree is not None
    assert problems == []
    return [error.json_path for error in VALIDATOR.iter_errors(tree.plain())]


def flow(step: str) -> str:
    return f"flow: a\nlanguages: [zh]\nstart: a\nsteps:\n  a: {step}\n"


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "path",
    sorted(path for path in FLOWS.rglob("*.yaml") if path.parent.name != "callers"),
    ids=lambda path: path.stem,
)
def test_the_demo_flows_are_accepted(path: Path) -> None:
    assert wrong(path.read_text("utf-8")) == []


@pytest.mark.parametrize("verb", VERBS)
def test_every_step_types_example_is_accepted(verb: str) -> None:
    steps = "".join(f"  {line}\n" for line in VERBS[verb].example.splitlines())
    assert wrong(f"flow: a\nlanguages: [zh]\nstart: a\nsteps:\n{steps}") == []


@pytest.mark.parametrize("verb", VERBS)
def test_every_step_type_is_described_with_its_example(verb: str) -> None:
    described: dict[str, Any] = SCHEMA["$defs"][f"verb-{verb}"]
    assert described["description"]
    assert VERBS[verb].example.strip() in described["markdownDescription"]
    shown = described["markdownDescription"].split("```yaml\n")[1].removesuffix("```")
    assert yaml.safe_load(shown)


def properties() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property that an author may write, but verbs, which are described as step types."""
    for name, definition in SCHEMA["$defs"].items():
        for form in definition.get("anyOf", [definition]):
            for key, value in form.get("properties", {}).items():
                if name != "Step" or key not in VERBS:
                    yield f"{name}.{key}", value


def with_an_example(schema: dict[str, Any]) -> bool:
    forms = [*schema.get("anyOf", []), *schema.get("oneOf", [])]
    if "$ref" in schema:
        forms.append(SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[-1]])
    told = any(key in schema for key in ("examples", "enum", "const"))
    return told or any(with_an_example(form) for form in forms)


@pytest.mark.parametrize(
    ("name", "schema"), list(properties()), ids=[name for name, _ in properties()]
)
def test_every_property_has_a_description_and_an_example(name: str, schema: dict[str, Any]) -> None:
    assert schema.get("description"), name
    assert with_an_example(schema), name


@pytest.mark.parametrize("verb", VERBS)
def test_the_examples_of_fields_are_accepted(verb: str) -> None:
    """Each example of a field stands in a step that is right but for it."""
    body = SCHEMA["$defs"][f"verb-{verb}"]
    form = next(one for one in body.get("anyOf", [body]) if "properties" in one)
    for key, schema in form["properties"].items():
        for example in schema.get("examples", ()):
            field = Draft202012Validator({**schema, "$defs": SCHEMA["$defs"]})
            assert field.is_valid(_as_yaml(example)), f"{verb}.{key}: {example}"


def _as_yaml(value: Any) -> Any:
    """Return an example as it is read from YAML: keys are texts."""
    if isinstance(value, dict):
        return {str(key): _as_yaml(one) for key, one in value.items()}
    return [_as_yaml(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("step", "path"),
    [
        ("{say: hello, next: b}", None),
        ("{say: [hello, {money: 5}], next: b}", None),
        ("{say: hello, menu: {prompt: x, choices: {1: b}}}", "$.steps.a"),
        ("{next: b}", "$.steps.a"),
        ("{say: hello, nxt: b}", "$.steps.a"),
        ("{say: Hello World}", "$.steps.a.say"),
        ("{hangup: }", None),
        ("{hangup: done, next: b}", "$.steps.a"),
        ("{menu: {prompt: x, choices: {1: b, 2: {goto: c}}}}", None),
        ("{menu: {prompt: {1: x, 2: y}, choices: {1: b}, timeout: 5s}}", None),
        ("{menu: {prompt: x, choices: {1: b}, timeout: 5}}", "$.steps.a.menu.timeout"),
        ("{menu: {prompt: x, choices: {1: b}, timeout: }}", "$.steps.a.menu.timeout"),
        ("{menu: {prompt: x, choices: {1: b}, repeat: 9, terminator: '#'}}", None),
        ("{menu: {prompt: x}}", "$.steps.a.menu"),
        ("{menu: {prompt: x, choices: {x: b}}}", "$.steps.a.menu.choices"),
        ("{say: hello, requires: {auth: 4}}", "$.steps.a.requires.auth"),
        ("{say: hello, requires: {auth: 2}, on: {done: b, refused: c, error: d}}", None),
        ("{queue: service, on: {servd: b}}", "$.steps.a.on"),
        ("{subflow: other, on: {whatever: b}}", None),
    ],
)
def test_steps(step: str, path: str | None) -> None:
    assert wrong(flow(step)) == ([path] if path else [])


def test_calendars() -> None:
    calendar = (FLOWS / "service.yaml").read_text("utf-8")
    assert wrong(calendar) == []
    assert wrong(calendar + "holiday_hour: closed\n") == ["$"]


@pytest.mark.parametrize("name", ["queues", "agents"])
def test_queues_and_agents(name: str) -> None:
    text = (FLOWS / f"{name}.yaml").read_text("utf-8")
    assert wrong(text) == []
    assert wrong(text + "every: day\n") == ["$"]


@pytest.mark.parametrize(
    ("rule", "sound"),
    [
        ('"{{ loans >= 60 }}"', True),
        ("anyone", True),
        ('{when: "{{ loans >= 60 }}", after: 40s}', True),
        ("{when: anyone, after: 40}", False),
        ("everyone", False),
        ("{after: 40s}", False),
    ],
)
def test_rules_of_queues(rule: str, sound: bool) -> None:
    assert (wrong(f"queues: {{loans: {{agents: [{rule}]}}}}") == []) is sound


ORDER = (Path(__file__).parents[1] / "steps/orders/visit.yaml").read_text("utf-8")


@pytest.mark.parametrize("name", ["transfer", "visit", "later"])
def test_order_types_are_accepted(name: str) -> None:
    path = Path(__file__).parents[1] / f"steps/orders/{name}.yaml"
    assert wrong(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (("level: 1", "level: 4"), "$.level"),
        (("level: 1", "levle: 1"), "$"),
        (("number: {least: 1", "number: {last: 1"), "$.slots.people"),
        (("    prompt: which-day\n", ""), "$.slots.day"),
        (("date: {from: tomorrow", "dates: {from: tomorrow"), "$.slots.day"),
        (("case: {kind: visit, owner: front-desk}", "case: {kind: visit}"), "$.case"),
    ],
)
def test_what_is_wrong_in_an_order_type_is_seen_while_typing(
    change: tuple[str, str], path: str
) -> None:
    assert ORDER.count(change[0]) == 1
    assert wrong(ORDER.replace(*change)) == [path]
