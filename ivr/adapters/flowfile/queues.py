"""From queues.yaml and agents.yaml to a QueuePlan."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace
from pydantic import ValidationError

from ivr.adapters.flowfile.complaints import problems
from ivr.adapters.flowfile.nodes import Row, Table, Tree
from ivr.model.place import Place
from ivr.model.problem import Problem
from ivr.model.queues import AgentsDocument, QueuePlan, QueuesDocument


def read_queues(tree: Table, plan: QueuePlan) -> tuple[QueuePlan, list[Problem]]:
    """Return the plan with the queues of a file, and everything that is wrong with it."""
    try:
        document = QueuesDocument.model_validate(tree.plain())
    except ValidationError as error:
        return plan, problems(error, tree, QueuesDocument)
    places = {**plan.places, **dict(_places(tree))}
    return replace(plan, queues=document.queues, fairness=document.fairness, places=places), []


def read_agents(tree: Table, plan: QueuePlan) -> tuple[QueuePlan, list[Problem]]:
    """Return the plan with the agents of a file, and everything that is wrong with it."""
    try:
        document = AgentsDocument.model_validate(tree.plain())
    except ValidationError as error:
        return plan, problems(error, tree, AgentsDocument)
    read = replace(
        plan,
        agents=document.agents,
        skills=document.skills,
        reasons=document.reasons,
        dispositions=document.dispositions,
        places={**plan.places, **dict(_places(tree))},
    )
    return read, []


def _places(tree: Tree, path: str = "") -> Iterator[tuple[str, Place]]:
    """Yield the places of all keys and list items: `queues.wealth.agents.0`."""
    if isinstance(tree, Table):
        for key, entry in tree.entries.items():
            yield path + key, entry.place
            yield from _places(entry.value, f"{path}{key}.")
    elif isinstance(tree, Row):
        for number, item in enumerate(tree.items):
            yield f"{path}{number}", item.place
            yield from _places(item, f"{path}{number}.")
