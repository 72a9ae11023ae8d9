"""A book of cases in memory: the house's own law over a dictionary, and its demo's kinds made small."""

from __future__ import annotations

from datetime import datetime

from ivr.app.cases.book import Book
from ivr.app.cases.rules import FlowRules
from ivr.model.cases import CasesDocument
from ivr.model.flow import FlowSet
from ivr.model.place import Place
from ivr.model.queues import AgentDocument, QueueDocument
from ivr.model.queues.plan import QueuePlan
from ivr.model.sheet import Sheet
from ivr.ports.cases import CaseCounts, CaseFilter, CaseRecord, CaseState
from ivr.ports.casestore import SealedAct
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


class Shelf:
    """Implements the CaseStore port."""

    def __init__(self) -> None:
        self._sealed: dict[str, list[SealedAct]] = {}
        self._records: dict[str, CaseRecord] = {}

    async def add(self, sealed: SealedAct, record: CaseRecord, wake: datetime | None) -> bool:
        before = self._sealed.setdefault(sealed.case, [])
        if sealed.number != len(before) + 1:
            return False
        before.append(sealed)
        self._records[record.number] = record
        return True

    async def get(self, number: str) -> CaseRecord | None:
        return self._records.get(number)

    async def of_key(self, key: str) -> CaseRecord | None:
        return next((one for one in self._records.values() if one.key == key), None)

    async def entries(self, number: str) -> tuple[SealedAct, ...]:
        return tuple(self._sealed.get(number, ()))

    async def find(self, wanted: CaseFilter) -> tuple[CaseRecord, ...]:
        return tuple(one for one in self._records.values() if _fits(one, wanted))[: wanted.most]

    async def awake(self, now: datetime, most: int) -> tuple[CaseRecord, ...]:
        return ()

    async def counts(self, now: datetime) -> CaseCounts:
        open_ = await self.find(CaseFilter())
        return CaseCounts(len(open_), sum(one.late(now) for one in open_))

    async def written(self) -> int:
        return sum(map(len, self._sealed.values()))

    async def close(self) -> None:
        pass


def _fits(case: CaseRecord, wanted: CaseFilter) -> bool:
    state = CaseState.CLOSED
    return (
        (case.state is wanted.state if wanted.state else wanted.past or case.state is not state)
        and wanted.customer in ("", case.customer)
        and wanted.kind in ("", case.kind)
    )


def book_of(clock: Clock) -> Book:
    """Return an empty book."""
    rules = FlowRules(FLOWS)
    return Book(Shelf(), lambda: rules, clock)
