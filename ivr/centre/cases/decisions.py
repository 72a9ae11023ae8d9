"""What is done with a case: whose it is at first, which step of the ladder is next, what is due."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ivr.centre.cases.acts import (
    SURVEY_DUE,
    Accused,
    Act,
    Escalated,
    Opened,
    Overran,
    Reminded,
)
from ivr.ports.cases import CaseRecord, CaseRefusal, CaseState, NewCase, Terms

LAST_RESORT = "operations"
"""The desk that owns what nobody else may."""
BY_ITSELF = "clock"
"""Who acts when time does."""


def opening(number: str, new: NewCase, owner: str, terms: Terms) -> Opened:
    """Open a case: the first owner who is not complained about has it, of the one who is wanted, the
    kind's, and those of the ladder."""
    wanted = (new.owner, owner, *(rung.to for rung in terms.ladder))
    return Opened(number, new, first_free(wanted, new.accused), terms)


def first_free(owners: Iterable[str], accused: Iterable[str]) -> str:
    """Return the first of some owners who may have a case."""
    barred = {"", *accused}
    return next((owner for owner in owners if owner not in barred), LAST_RESORT)


def escalation(record: CaseRecord, why: str) -> Escalated | CaseRefusal:
    """Take a case up the ladder, past those who own it already or are complained about."""
    barred = {record.owner, *record.accused}
    for number, rung in enumerate(record.terms.ladder, 1):
        if number > record.escalated and rung.to not in barred:
            return Escalated(rung.to, number, why)
    return CaseRefusal.NO_STEP


def accusation(record: CaseRecord, agent: str, owner: str) -> Accused:
    """Name an agent as complained about: what they own goes to the next who may have it; `owner` is the
    kind's."""
    ladder = record.terms.ladder
    wanted = (record.owner, *(rung.to for rung in ladder[record.escalated :]), owner)
    return Accused(agent, first_free(wanted, (*record.accused, agent)))


def due(record: CaseRecord, now: datetime) -> Act | None:
    """Return what time does to a case next; None: nothing yet."""
    if record.state is not CaseState.OPEN:
        return None
    reminders = record.terms.reminders[record.reminded :]
    if reminders and reminders[0] <= now and record.answered_at is None:
        return Reminded()
    passed = [number for number, rung in enumerate(record.terms.ladder, 1) if rung.at <= now]
    if passed and passed[-1] > record.escalated:
        # Of several steps that have passed while nobody looked, the highest counts.
        ladder = reversed(record.terms.ladder[record.escalated : passed[-1]])
        to = next((rung.to for rung in ladder if rung.to not in record.accused), record.owner)
        return Escalated(to, passed[-1])
    if (overruns := _overruns(record)) is not None and overruns <= now:
        return Overran(overruns)
    return None


def _overruns(record: CaseRecord) -> datetime | None:
    """Return when the customer should have been answered; None: never, they were, or it was noted."""
    noted = record.answered_at is not None or record.overran == record.due
    return None if noted else record.due


def message(record: CaseRecord) -> str:
    """Return the template of the message that the customer is still to be sent, or nothing."""
    if not record.customer:
        return ""
    opened, closed = record.terms.says_opened, record.terms.says_closed
    wanted = (opened, closed if record.state is CaseState.CLOSED else "")
    return next((one for one in wanted if one and one not in record.noticed), "")


def wakes(record: CaseRecord) -> datetime | None:
    """Return when a case is to be looked at next, by itself; None: never."""
    if record.survey == SURVEY_DUE or message(record):
        return record.opened_at
    if record.state is not CaseState.OPEN:
        return None
    reminders = record.terms.reminders[record.reminded :] if record.answered_at is None else ()
    rungs = [rung.at for rung in record.terms.ladder[record.escalated :]]
    overruns = _overruns(record)
    return min((*reminders, *rungs, *([overruns] if overruns else ())), default=None)
