"""The queues and agents of a FlowSet."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ivr.model.place import Place
from ivr.model.queues.agent import AgentDocument, SkillKind
from ivr.model.queues.queue import QueueDocument
from ivr.model.queues.rules import Fairness

CALLER_FACTS: Mapping[str, str] = {
    "language": "text",
    "segment": "text",
    "level": "number",
    "last_agent": "text",
}
"""What a rule may read of the caller (`caller.language`), with its type. `last_agent` is the number
of the agent who knows their case."""


class QueuePlan(msgspec.Struct, frozen=True):
    """Queues and agents by name, and what they have in common.

    `places` are those of the keys of queues.yaml and agents.yaml, as in a flow's Node, behind
    `queues.` and `agents.`.
    """

    queues: Mapping[str, QueueDocument] = {}
    agents: Mapping[str, AgentDocument] = {}
    skills: Mapping[str, SkillKind] = {}
    fairness: Fairness = Fairness()
    reasons: Mapping[str, str] = {}
    dispositions: Mapping[str, str] = {}
    places: Mapping[str, Place] = {}
