"""The coverage ledger: for each call that is over, whether and how its caller was asked about it."""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Awaitable
from datetime import datetime
from typing import Protocol

import msgspec


class How(enum.StrEnum):
    """What a call's row says: exactly one of these."""

    IN_CALL = "in_call"  # asked before the call was over
    CALL = "call"  # to be asked by one call of the bank's
    MESSAGE = "message"  # to be asked by a message
    INELIGIBLE = "ineligible"  # not to be asked, for one of the reasons below


class Reason(enum.StrEnum):
    """Why a caller is not asked. There are no others."""

    OPTED_OUT = "opted_out"  # they said so, by key or to the bank
    SHORT = "short"  # shorter than the bank's least, 5 s
    TEST = "test"  # from a number that the bank tests with
    RECENT = "recent"  # asked within so many days as the bank says
    LINE = "line"  # to a number whose callers are asked nothing (under age)
    STAFF = "staff"  # an agent's service code, no caller's call
    OWN = "own"  # the bank called, and nobody talked with an agent: a survey, a confirmation
    UNREACHABLE = "unreachable"  # not asked in the call, and no way is open to ask them afterwards
    NOT_SERVED = "not_served"  # no engine ever had it; Asterisk's records alone know of it
    NO_SURVEY = "no_survey"  # the bank has no survey for such calls


class Leg(msgspec.Struct, frozen=True):
    """A conversation with an agent: see `ivr.model.events.ConversationEnded`."""

    queue: str
    agent: str
    ms: int
    by: str
    silent_ms: int | None = None


class CoverageRow(msgspec.Struct, frozen=True):
    """A row. `number` counts from 1 without gaps; `hash` is the SHA-256 (hex) over the row without it,
    with `previous`, the row's before (64 zeros for the first).

    `survey` is which one, `kind` what is asked about (`agent` or `self_service`, or
    what a `campaign` asks). `legs` are the
    conversations in their order. `ended` is who hung up first: `agent`, `caller`, `hotline` or
    `unknown`; `outcome` is the reason of the call's end. `started_at` and `ended_at` are the call's.
    `ani` is empty for a withheld number, `customer` where nobody was identified.
    """

    number: int
    call_id: str
    started_at: datetime
    ended_at: datetime
    how: How
    reason: str
    survey: str
    kind: str
    language: str
    dnis: str
    ani: str
    customer: str
    version: str
    ended: str
    outcome: str
    legs: tuple[Leg, ...]
    previous: str
    hash: str = ""


class Begun(msgspec.Struct, frozen=True):
    """Who called when: so much of a row as tells whether a caller called again."""

    started_at: datetime
    reason: str
    kind: str
    ani: str
    customer: str


class Progress(enum.StrEnum):
    """How far an offer has come that was made after the call."""

    DUE = "due"
    SENT = "sent"  # the message is out, or the telephone was answered
    ANSWERED = "answered"  # at least one question
    EXPIRED = "expired"  # after 24 hours, or after its one attempt
    CANCELLED = "cancelled"  # opted out meanwhile


class Asked(msgspec.Struct, frozen=True):
    """What came of asking about a call. `how` is how the survey ended (`SurveyEnded.how`), empty before.
    `progress` is None where it was asked in the call. `answers` are by question, in the order asked;
    an empty one was refused."""

    call_id: str
    survey: str
    answers: dict[str, str] = {}
    recordings: tuple[str, ...] = ()
    how: str = ""
    progress: Progress | None = None
    answered_at: datetime | None = None


class Tally(msgspec.Struct, frozen=True):
    """How many callers were to be asked who have not opted out since, how many of them were (in the call,
    by a message that is out, on a telephone that was answered), and how many still will be (`due`)."""

    eligible: int = 0
    offered: int = 0
    due: int = 0


class CoverageBook(Protocol):
    """The ledger as it is read. Every method raises PortError."""

    def rows(self, since: datetime, until: datetime | None = None) -> AsyncIterator[CoverageRow]:
        """Yield the rows of calls that ended from `since` to before `until`, in the order written."""

    def asked(self, since: datetime, until: datetime | None = None) -> AsyncIterator[Asked]:
        """Yield what came of asking about the same calls, in the same order."""

    def told(
        self, since: datetime, until: datetime | None = None
    ) -> AsyncIterator[tuple[CoverageRow, Asked]]:
        """Yield the same rows, each with what came of asking."""

    def begun(self, since: datetime, until: datetime | None = None) -> AsyncIterator[Begun]:
        """Yield who called when, of the same rows."""

    def asked_of_cases(
        self, since: datetime, until: datetime | None = None
    ) -> AsyncIterator[Asked]:
        """Yield what came of asking about the cases that were closed then, the oldest first; the
        `call_id` of each is `case:NUMBER:TIMES`, the case's number and how often it had been reopened."""

    def tally(self, since: datetime, until: datetime | None = None) -> Awaitable[Tally]:
        """Return how many of the calls that ended then were asked about, without reading each."""
