"""What can happen to a case, and the law of it.

    OPEN → SOLVED → CLOSED, and back to OPEN when it is reopened

Each act says by itself why it may not happen to a case (`refuses`), so that nothing that is against the
law can be written, whoever tries, nor be read as if it had been.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec.structs import replace

from ivr.ports.cases import CaseRecord, CaseRefusal, CaseState, Link, NewCase, Terms

SURVEY_DUE = "due"
"""The customer of a closed case is still to be asked."""


class Act(msgspec.Struct, frozen=True, tag=True):
    """Base of all acts. A new field needs a default: acts of yesterday are read for years."""

    def refuses(self, record: CaseRecord, by: str) -> CaseRefusal | None:
        """Return why it may not happen to a case, done by somebody."""
        return CaseRefusal.CLOSED if record.state is CaseState.CLOSED else None

    def upon(self, record: CaseRecord, at: datetime, by: str) -> CaseRecord:
        """Return the case after it."""
        return record


class Opened(Act, frozen=True):
    """A case was opened: the first act of every case, and of none but the first."""

    number: str
    new: NewCase
    owner: str
    terms: Terms

    def record(self, at: datetime) -> CaseRecord:
        """Return the case that it begins."""
        new = self.new
        return CaseRecord(
            number=self.number,
            key=new.key,
            kind=new.kind,
            state=CaseState.OPEN,
            owner=self.owner,
            opened_at=at,
            opened_by=new.by,
            summary=new.summary,
            customer=new.customer,
            ani=new.ani,
            language=new.language,
            accused=new.accused,
            links=new.links,
            facts=new.facts,
            terms=self.terms,
            due=self.terms.due,
        )


class Noted(Act, frozen=True):
    """Somebody wrote something into it."""

    text: str

    def refuses(self, record: CaseRecord, by: str) -> CaseRefusal | None:
        return super().refuses(record, by) or _empty(self.text)


class Assigned(Act, frozen=True):
    """It has another owner, who alone has it from now on."""

    to: str
    why: str = ""

    def refuses(self, record: CaseRecord, by: str) -> CaseRefusal | None:
        if self.to in record.accused:
            return CaseRefusal.ACCUSED
        same = CaseRefusal.SAME_OWNER if self.to == record.owner else None
        return super().refuses(record, by) or same or _empty(self.to)

    def upon(self, record: CaseRecord, at: datetime, by: str) -> CaseRecord:
        return replace(record, owner=self.to)


class Escalated(Act, frozen=True):
    """It went up the ladder: so many steps of it (`rung`) are taken now. Where nobody else may have it,
    its owner stays."""

    to: str
    rung: int
    why: str = ""

    def refuses(self, record: CaseRecord, by: str) -> CaseRefusal | None:
        if self.to in record.accused:
            return CaseRefusal.ACCUSED
        step = CaseRefusal.NO_STEP if self.rung <= record.escalated else None
        return super().refuses(record, by) or step or _empty(self.to)

    def upon(self, record: CaseRecord, at: datetime, by: str) -> CaseRecord:
        return replace(record, owner=self.to, escalated=self.rung)


class Reminded(Act, frozen=True):
    """Its owner was reminded of it."""

    def upon(self, record: CaseRecord, at: datetime, by: str) -> CaseRecord:
        return replace(record, reminded=record.reminded + 1)


class Overran(Act, frozen=True):
    """Its customer was not answered by the day on which they should have been (`due`)."""

    due: datetime

    def refuses(self, record: CaseRecord, by: str) -> CaseRefusal | None:
        twice = CaseRefusal.TWICE if record.overran == self.due else None
        return super().refuses(record, by) or twice

    def upon(self, record: CaseRecord, at: datetime, by: str) -> CaseRecord:
        return replace(record, overran=self.due)


class MadeComplex(Act, frozen=True):
    """It is complex: there is more time. Once."""

    why: str

    def refuses(self, record: CaseRecord, by: str) -> CaseRefusal | None:
        if record.complex:
            return CaseRefusal.TWICE
        none = None if record.terms.complex else CaseRefusal.NO_CLOCK
        return super().refuses(record, by) or none or _empty(self.why)

    def upon(self, record: CaseRecord, at: datetime, by: str) -> CaseRecord:
        return replace(record, complex=True, due=record.terms.complex)


class Extended(Act, frozen=True):
    """There is more time still, as somebody approved who has not to do with it. Once."""

    why: str
    approved_by: str

    def refuses(self, record: CaseRecord, by: str) -> CaseRefusal | None:
        if record.approved_by:
            return CaseRefusal.TWICE
        if record.terms.extended is None:
            return CaseRefusal.NO_CLOCK
        if not record.complex:
            return CaseRefusal.NOT_COMPLEX
        near = ("", by, record.owner, *record.accused)
        approved = None if self.approved_by not in near else CaseRefusal.NO_APPROVAL
        return super().refuses(record, by) or approved or _empty(self.why)

    def upon(self, record: CaseRecord, at: datetime, by: str) -> CaseRecord:
        return replace(record, approved_by=self.approved_by, due=record.terms.extended)


class Accused(Act, frozen=True):
    """It is about an agent, who has nothing to do with it from now on; `owner` has it."""

    agent: str
    owner: str

    def refuses(self, record: CaseRecord, by: str) -> CaseRefusal | None:
        if self.agent in record.accused:
            return CaseRefusal.TWICE
        wrong = CaseRefusal.ACCUSED if self.owner in (self.agent, *record.accused) else None
        return super().refuses(record, by) or wrong or _empty(self.agent)

    def upon(self, record: CaseRecord, at: datetime, by: str) -> CaseRecord:
        return replace(record, accused=(*record.accused, self.agent), owner=self.owner)


class Answered(Act, frozen=True):
    """The customer was told what was decided: the clock stands."""

    text: str

    def refuses(self, record: CaseRecord, by: str) -> CaseRefusal | None:
        return super().refuses(record, by) or _empty(self.text)

    def upon(self, record: CaseRecord, at: datetime, by: str) -> CaseRecord:
        return replace(record, answered_at=record.answered_at or at, answer=self.text)


class Solved(Act, frozen=True):
    """There is a solution."""

    solution: str

    def refuses(self, record: CaseRecord, by: str) -> CaseRefusal | None:
        twice = CaseRefusal.NOT_OPEN if record.state is CaseState.SOLVED else None
        return super().refuses(record, by) or twice or _empty(self.solution)

    def upon(self, record: CaseRecord, at: datetime, by: str) -> CaseRecord:
        return replace(record, state=CaseState.SOLVED, solution=self.solution, solved_by=by)


class Closed(Act, frozen=True):
    """It is over; the customer is asked whether it is solved."""

    def refuses(self, record: CaseRecord, by: str) -> CaseRefusal | None:
        if record.state is CaseState.OPEN:
            return CaseRefusal.NO_SOLUTION
        silent = record.terms.answered and record.answered_at is None and _reachable(record)
        return super().refuses(record, by) or (CaseRefusal.NOT_ANSWERED if silent else None)

    def upon(self, record: CaseRecord, at: datetime, by: str) -> CaseRecord:
        asked = record.terms.survey and _reachable(record)
        survey = SURVEY_DUE if asked else ""
        return replace(record, state=CaseState.CLOSED, closed_at=at, survey=survey)


class Asked(Act, frozen=True):
    """The customer of a closed case was asked about it, or was not: `how` says which."""

    how: str

    def refuses(self, record: CaseRecord, by: str) -> CaseRefusal | None:
        return None if record.survey == SURVEY_DUE else CaseRefusal.TWICE

    def upon(self, record: CaseRecord, at: datetime, by: str) -> CaseRecord:
        return replace(record, survey=self.how)


class Reopened(Act, frozen=True):
    """It was not solved after all: it begins anew, with its owner."""

    why: str
    terms: Terms

    def refuses(self, record: CaseRecord, by: str) -> CaseRefusal | None:
        if record.state is CaseState.OPEN:
            return CaseRefusal.NOT_CLOSED
        return _empty(self.why)

    def upon(self, record: CaseRecord, at: datetime, by: str) -> CaseRecord:
        return replace(
            record,
            state=CaseState.OPEN,
            terms=self.terms,
            due=self.terms.due,
            complex=False,
            approved_by="",
            escalated=0,
            reminded=0,
            overran=None,
            answered_at=None,
            answer="",
            solution="",
            solved_by="",
            closed_at=None,
            survey="",
            noticed=tuple(sent for sent in record.noticed if sent == self.terms.says_opened),
            reopened=record.reopened + 1,
        )


class Linked(Act, frozen=True):
    """Something belongs to it."""

    link: Link

    def refuses(self, record: CaseRecord, by: str) -> CaseRefusal | None:
        if self.link in record.links:
            return CaseRefusal.TWICE
        return _empty(self.link.id)

    def upon(self, record: CaseRecord, at: datetime, by: str) -> CaseRecord:
        return replace(record, links=(*record.links, self.link))


class Noticed(Act, frozen=True):
    """The customer was sent a message; not `delivered`: there is no number on file."""

    template: str
    delivered: bool

    def refuses(self, record: CaseRecord, by: str) -> CaseRefusal | None:
        return CaseRefusal.TWICE if self.template in record.noticed else _empty(self.template)

    def upon(self, record: CaseRecord, at: datetime, by: str) -> CaseRecord:
        return replace(record, noticed=(*record.noticed, self.template))


class Told(Act, frozen=True):
    """The customer rang and was told how far it is."""

    call: str

    def refuses(self, record: CaseRecord, by: str) -> CaseRefusal | None:
        return None


def _empty(text: str) -> CaseRefusal | None:
    return None if text.strip() else CaseRefusal.EMPTY


def _reachable(record: CaseRecord) -> bool:
    return bool(record.customer or record.ani)
