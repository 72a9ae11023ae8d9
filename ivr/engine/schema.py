"""JSON Schema of flow files, so that editors complete and check while typing.

All of it follows from the step classes and from `ivr.model.document`.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from ivr.centre.orders.slots import discover
from ivr.model.campaigns import CampaignDocument
from ivr.model.cases import CasesDocument
from ivr.model.document import NAME_PATTERN, CalendarDocument, FlowDocument, StepDocument
from ivr.model.flow import ERROR, HANGUP, REFUSED
from ivr.model.orders import OrderDocument
from ivr.model.orders.document import SLOT_PATTERN
from ivr.model.queues import AgentsDocument, QueuesDocument
from ivr.model.step import Step
from ivr.model.surveys import SurveyDocument, SurveyRulesDocument
from ivr.model.taxonomy import TaxonomyDocument

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REF = "#/$defs/{model}"
_STEP = "Step"

Schema = dict[str, Any]

FILES: Mapping[str, type[BaseModel]] = {
    "calendar": CalendarDocument,
    "order": OrderDocument,
    "queues": QueuesDocument,
    "agents": AgentsDocument,
    "campaign": CampaignDocument,
    "cases": CasesDocument,
    "survey": SurveyDocument,
    "survey_rules": SurveyRulesDocument,
    "taxonomy": TaxonomyDocument,
}
"""What a file may be beside a flow, by the key that says so."""


class _AsWritten(GenerateJsonSchema):
    """Only what authors write: no nulls, and no defaults, which may be held in other units. Where a
    default is what authors would write, it is an example."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        default = schema.get("default")
        if inner.get("type") in ("integer", "boolean") and default is not None:
            inner.setdefault("examples", [default])
        return inner

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def flow_schema(verbs: Mapping[str, type[Step]]) -> Schema:
    """Return the JSON Schema (2020-12) of flow files, and of all others beside them, with these step types."""
    slots = discover()
    models: list[type[BaseModel]] = [
        FlowDocument,
        *FILES.values(),
        StepDocument,
        *slots.values(),
        *verbs.values(),
    ]
    refs, shared = models_json_schema(
        [(model, "validation") for model in models],
        ref_template=_REF,
        schema_generator=_AsWritten,
    )
    definitions: Schema = shared["$defs"]
    flow, *bodies = (_taken(refs[model, "validation"], definitions) for model in models)
    files = dict(zip(FILES, bodies, strict=False))
    frame, *bodies = bodies[len(files) :]
    kinds, bodies = bodies[: len(slots)], bodies[len(slots) :]
    definitions |= {f"slot-{kind}": body for kind, body in zip(slots, kinds, strict=True)}
    order = files["order"]
    order["properties"]["slots"] |= {
        "propertyNames": {"pattern": SLOT_PATTERN},
        "additionalProperties": {
            "oneOf": [{"$ref": _REF.format(model=f"slot-{kind}")} for kind in slots]
        },
    }
    order["properties"]["slots"].pop("patternProperties", None)
    for verb, body in zip(verbs, bodies, strict=True):
        definitions[f"verb-{verb}"] = _body(verbs[verb], body)
    definitions[_STEP] = _step(verbs, frame)
    flow["properties"]["steps"] |= {
        "propertyNames": {"pattern": NAME_PATTERN},
        "additionalProperties": {"$ref": _REF.format(model=_STEP)},
    }
    flow["properties"]["steps"].pop("patternProperties", None)
    definitions |= {key.title(): file for key, file in files.items()}
    definitions["Flow"] = flow
    return {
        "$schema": DIALECT,
        "title": "OneCall flow file",
        "type": "object",
        **_by_key(list(files)),
        "$defs": definitions,
    }


def _by_key(keys: Sequence[str]) -> Schema:
    """Say that what a file may hold follows from the key that it has; without one it is a flow."""
    if not keys:
        return {"$ref": _REF.format(model="Flow")}
    return {
        "if": {"required": [keys[0]]},
        "then": {"$ref": _REF.format(model=keys[0].title())},
        "else": _by_key(keys[1:]),
    }


def _taken(reference: Schema, definitions: Schema) -> Schema:
    """Take a model's own schema out of the definitions."""
    found: Schema = definitions.pop(reference["$ref"].rsplit("/", 1)[-1])
    return found


def _body(kind: type[Step], body: Schema) -> Schema:
    """Return the schema of what stands after a verb: the mapping, or its shorthand."""
    text = inspect.cleandoc(kind.__doc__ or "")
    body.pop("description", None)
    body["title"] = kind.verb
    name = kind.model_fields[kind.shorthand].alias or kind.shorthand if kind.shorthand else ""
    for field, value in _written(kind, name):
        body["properties"].get(field, {}).setdefault("examples", [value])
    forms = [body]
    if name:
        forms.insert(0, {**body["properties"][name]})
    if not body.get("required"):
        forms.append({"type": "null"})
    example = f"{text}\n\n```yaml\n{kind.example.rstrip()}\n```"
    about = {"description": text, "markdownDescription": example}
    return {**body, **about} if len(forms) == 1 else {"anyOf": forms, **about}


def _written(kind: type[Step], shorthand: str) -> Iterator[tuple[str, Any]]:
    """Yield the fields that the step type's own example writes, with what stands there."""
    for step in yaml.safe_load(kind.example).values():
        body = step.get(kind.verb)
        if isinstance(body, dict):
            yield from ((str(field), value) for field, value in body.items())
        elif shorthand and body is not None:
            yield shorthand, body


def _step(verbs: Mapping[str, type[Step]], frame: Schema) -> Schema:
    properties = dict(frame["properties"])
    for verb in verbs:
        properties[verb] = {"$ref": _REF.format(model=f"verb-{verb}")}
    return {
        "title": "A step",
        "description": "One verb, and where its outcomes lead.",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "oneOf": [{"required": [verb]} for verb in verbs],
        "allOf": [_edges(kind) for kind in verbs.values()],
    }


def _edges(kind: type[Step]) -> Schema:
    """Say which edges a step of this kind has."""
    outcomes = {
        **kind.outcomes,
        **kind.optional,
        REFUSED: "The caller did not reach the level that `requires` says.",
        ERROR: "The step failed.",
        HANGUP: "The caller hung up.",
    }
    known: Schema = {name: {"description": when} for name, when in outcomes.items()}
    edges: Schema = {"properties": known}
    if kind.calls is Step.calls:
        # What a flow that is called returns, only that flow's file knows.
        edges["propertyNames"] = {"enum": list(known)}
    then: Schema = {"properties": {"on": edges}}
    if kind.normal is None:
        then["properties"]["next"] = False
    return {"if": {"required": [kind.verb]}, "then": then}
