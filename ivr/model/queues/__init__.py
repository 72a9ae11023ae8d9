"""Queues and agents, as `flows/queues.yaml` and `flows/agents.yaml` say them."""

from ivr.model.queues.agent import AgentDocument, AgentsDocument, SkillKind
from ivr.model.queues.plan import CALLER_FACTS, QueuePlan
from ivr.model.queues.queue import Callbacks, QueueDocument, QueuesDocument, Surge
from ivr.model.queues.rules import CallbackMode, Fairness, Rule, Strategy

__all__ = [
    "CALLER_FACTS",
    "AgentDocument",
    "AgentsDocument",
    "CallbackMode",
    "Callbacks",
    "Fairness",
    "QueueDocument",
    "QueuePlan",
    "QueuesDocument",
    "Rule",
    "SkillKind",
    "Strategy",
    "Surge",
]
