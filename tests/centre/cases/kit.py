"""A case in the hand, and time."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.centre.cases.acts import Act, Opened
from ivr.centre.cases.chain import Written, opened, written
from ivr.centre.cases.decisions import opening
from ivr.ports.cases import CaseRecord, CaseRefusal, NewCase, Rung, Terms
from ivr.ports.casestore import SealedAct

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
NUMBER = "12345679"
NEW = NewCase("call:1:main/complain", "complaint", "caller", customer="C1001", ani="13800001111")
TERMS = Terms(
    due=MONDAY + timedelta(days=15),
    complex=MONDAY + timedelta(days=30),
    extended=MONDAY + timedelta(days=60),
    reminders=(MONDAY + timedelta(days=5), MONDAY + timedelta(days=12)),
    ladder=(
        Rung(MONDAY + timedelta(days=7), "lead"),
        Rung(MONDAY + timedelta(days=13), "head-office"),
    ),
    answered=True,
    survey=True,
)


class Hand:
    """A case that things are done to, one after the other."""

    def __init__(
        self,
        new: NewCase = NEW,
        terms: Terms = TERMS,
        owner: str = "complaints",
        number: str = NUMBER,
    ) -> None:
        act: Opened = opening(number, new, owner, terms)
        begun = opened(act, MONDAY)
        self.now = MONDAY
        self.record: CaseRecord = begun.record
        self.entries: list[SealedAct] = [begun.sealed]

    def does(self, act: Act, by: str = "1008") -> CaseRefusal | None:
        """Do something; return why it may not be, and then nothing has changed."""
        done: Written | CaseRefusal = written(self.record, act, self.now, by)
        if isinstance(done, CaseRefusal):
            return done
        self.record = done.record
        self.entries.append(done.sealed)
        return None
