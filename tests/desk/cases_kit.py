"""A book of cases in memory: the house's own law over a dictionary, and its demo's kinds made small."""

from __future__ import annotations

from ivr.adapters.cases.memory import MemoryCases
from ivr.app.cases.book import Book
from ivr.app.cases.rules import FlowRules
from ivr.model.cases import CasesDocument
from ivr.model.flow import FlowSet
from ivr.model.place import Place
from ivr.model.queues import AgentDocument, QueueDocument
from ivr.model.queues.plan import QueuePlan
from ivr.model.sheet import Sheet
from ivr.ports.clock import Clock

PLAN = QueuePlan(
    queues={
        "service": QueueDocument.model_validate({"agents": ["anyone"], "callbacks": {}}),
        "loans": QueueDocument.model_validate({"agents": ["anyone"]}),
    },
    agents={
        number: AgentDocument.model_validate({"name": number})
        for number in ("1001", "1002", "1008")
    },
    reasons={"1": "break", "2": "training"},
    dispositions={"01": "solved", "02": "follow-up", "05": "complaint"},
)
CASES = CasesDocument.model_validate(
    {
        "desks": {
            "complaints": {"queue": "service", "agents": ["1001", "1002"]},
            "loans-desk": {"agents": ["1008"]},
            "branch-101": {"branch": "101", "people": ["he.ying"]},
        },
        "cases": {
            "complaint": {
                "title": {"zh": "投诉", "en": "Complaint"},
                "owner": "complaints",
                "answer": "15 days",
                "complex": "30 days",
                "extension": "30 days",
                "escalate": [{"after": "10 days", "to": "loans-desk"}],
                "survey": True,
            },
            "suggestion": {"title": {"en": "Suggestion"}, "owner": "loans-desk", "answered": False},
        },
    }
)
FLOWS = FlowSet("0" * 64, {}, queues=PLAN, cases=Sheet(CASES, Place("flows/cases.yaml", 1, 1)))


def book_of(clock: Clock) -> Book:
    """Return an empty book."""
    rules = FlowRules(FLOWS)
    return Book(MemoryCases(), lambda: rules, clock)
