"""From queues.yaml and agents.yaml to a QueuePlan."""

from __future__ import annotations

from msgspec.structs import replace

from ivr.adapters.flowfile.nodes import Table
from ivr.adapters.flowfile.sheets import read_sheet
from ivr.model.problem import Problem
from ivr.model.queues import AgentsDocument, QueuePlan, QueuesDocument


def read_queues(tree: Table, plan: QueuePlan) -> tuple[QueuePlan, list[Problem]]:
    """Return the plan with the queues of a file, and everything that is wrong with it."""
    sheet, wrong = read_sheet(tree, QueuesDocument)
    if sheet is None:
        return plan, wrong
    document, places = sheet.document, {**plan.places, **sheet.places}
    return replace(plan, queues=document.queues, fairness=document.fairness, places=places), []


def read_agents(tree: Table, plan: QueuePlan) -> tuple[QueuePlan, list[Problem]]:
    """Return the plan with the agents of a file, and everything that is wrong with it."""
    sheet, wrong = read_sheet(tree, AgentsDocument)
    if sheet is None:
        return plan, wrong
    document = sheet.document
    read = replace(
        plan,
        agents=document.agents,
        skills=document.skills,
        reasons=document.reasons,
        dispositions=document.dispositions,
        places={**plan.places, **sheet.places},
    )
    return read, []
