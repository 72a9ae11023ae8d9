"""The cases port: what a person must see to, with one owner at a time, until it is solved."""

from __future__ import annotations

import enum
from collections.abc import Awaitable
from datetime import datetime
from typing import Protocol

import msgspec


class Case(msgspec.Struct, frozen=True):
    """A case as the ledger of orders opens it, in the order's own transaction.

    `number` has 8 digits; `kind` is what it is. `about` is the id of the order it is about; `facts`
    are for its owner to read. The book takes it in (`CaseBook`), and has it from then on.
    """

    number: str
    kind: str
    customer: str
    owner: str
    opened_at: datetime
    about: str = ""
    facts: dict[str, str] = {}
    closed_at: datetime | None = None


class Cases(Protocol):
    """The cases of orders. Every method raises PortError."""

    def list_open(self) -> Awaitable[tuple[Case, ...]]:
        """Return the cases that are not closed, the oldest first."""


class CaseState(enum.StrEnum):
    """How far a case is."""

    OPEN = "open"  # its owner works on it
    SOLVED = "solved"  # there is a solution, and the customer may still have to be told
    CLOSED = "closed"


class LinkKind(enum.StrEnum):
    """What a case can be linked to."""

    CALL = "call"
    ORDER = "order"
    RECORDING = "recording"  # a file of the state folder, by its name
    CALLBACK = "callback"
    CASE = "case"  # another one about the same


CALLER, SURVEY = "caller", "survey"
"""Who links to a case what its customer has said by telephone, and after a survey."""


class Link(msgspec.Struct, frozen=True):
    """Something that belongs to a case, by its `id`."""

    kind: LinkKind
    id: str


class NewCase(msgspec.Struct, frozen=True):
    """A case to be opened. The same `key` opens one case, however often it is asked for:
    `call:<call>:<step>`, `survey:<call>`, `callback:<id>`, `order:<case>`, `desk:<form>`.

    `summary` says what it is about, in the words of whoever opens it. `accused` are the agents
    complained about: none of them ever has to do with it. `owner` is a desk or an agent, where it is
    not to be the kind's. `number` is wanted where it is known already.
    """

    key: str
    kind: str
    by: str
    summary: str = ""
    customer: str = ""
    ani: str = ""
    language: str = "zh"
    accused: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    facts: dict[str, str] = {}
    owner: str = ""
    number: str = ""


class Rung(msgspec.Struct, frozen=True):
    """A step of the ladder: `at` that time a case that is not solved goes to another owner."""

    at: datetime
    to: str


class Terms(msgspec.Struct, frozen=True):
    """What a kind's rules come to for one case, as they were when it was opened: a rule that is changed
    later changes no promise. `due` is when the customer must have been answered, `complex` if it is
    complex, `extended` if more time is approved. `answered`: it is closed only once they were.
    `survey`: they are asked then if it is solved. `says_opened` and `says_closed` are the templates of
    messages that they are sent."""

    due: datetime | None = None
    complex: datetime | None = None
    extended: datetime | None = None
    reminders: tuple[datetime, ...] = ()
    ladder: tuple[Rung, ...] = ()
    answered: bool = False
    survey: bool = False
    says_opened: str = ""
    says_closed: str = ""


class CaseRecord(msgspec.Struct, frozen=True):
    """A case as it stands. `due` is when the customer must have been answered, by the kind's clock; None:
    there is none. `overran` is the last that has passed. `escalated` are the steps of the kind's ladder that were taken, `reopened` how often it
    was. `survey` is what came of asking the customer once it was closed: empty before, `due`, `asked`, or
    why not; `noticed` are the templates of messages that were sent. `entries` counts what has happened to it, `head` is the hash of the last of it.
    """

    number: str
    key: str
    kind: str
    state: CaseState
    owner: str
    opened_at: datetime
    opened_by: str
    summary: str = ""
    customer: str = ""
    ani: str = ""
    language: str = "zh"
    accused: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    facts: dict[str, str] = {}
    terms: Terms = Terms()
    due: datetime | None = None
    complex: bool = False
    approved_by: str = ""
    escalated: int = 0
    reminded: int = 0
    overran: datetime | None = None
    answered_at: datetime | None = None
    answer: str = ""
    solution: str = ""
    solved_by: str = ""
    closed_at: datetime | None = None
    reopened: int = 0
    survey: str = ""
    noticed: tuple[str, ...] = ()
    entries: int = 1
    head: str = ""

    def late(self, now: datetime) -> bool:
        """Whether the customer should have been answered by now, and was not."""
        return self.due is not None and self.answered_at is None and now > self.due


class CaseEntry(msgspec.Struct, frozen=True):
    """Something that has happened to a case: the `number`th thing, `at` what time, `by` whom. `act` is its
    name (`noted`, `assigned` …), `said` its details, as text."""

    number: int
    at: datetime
    by: str
    act: str
    said: dict[str, str] = {}


class CaseFilter(msgspec.Struct, frozen=True):
    """Which cases: all that is given must fit. `state` None: those that are not closed, `past`: any.
    `since` and `until` are about when they were opened; `late` those to be answered before that."""

    state: CaseState | None = None
    past: bool = False
    kind: str = ""
    owner: str = ""
    customer: str = ""
    ani: str = ""
    link: Link | None = None
    since: datetime | None = None
    until: datetime | None = None
    late: datetime | None = None
    most: int = 1_000


class CaseRefusal(enum.StrEnum):
    """Why something may not be done to a case. There are no other reasons."""

    NO_CASE = "no_case"  # there is none with this number
    ACCUSED = "accused"  # an agent complained about has nothing to do with the case
    CLOSED = "closed"  # it is closed: reopen it first
    NOT_CLOSED = "not_closed"  # it is not closed, and cannot be reopened
    NOT_OPEN = "not_open"  # it is solved already
    NO_SOLUTION = "no_solution"  # without a solution it is not closed
    NOT_ANSWERED = "not_answered"  # the customer was not told what was decided
    NO_OWNER = "no_owner"  # there is no such desk and no such agent
    SAME_OWNER = "same_owner"  # they own it already
    NO_STEP = "no_step"  # its kind has no further step of escalation
    NO_CLOCK = "no_clock"  # its kind has no such time
    TWICE = "twice"  # it was given that time already
    NOT_COMPLEX = "not_complex"  # only a complex case is extended
    NO_APPROVAL = "no_approval"  # somebody else than its owner and whoever asks must have approved
    EMPTY = "empty"  # there is nothing written


class Acted(msgspec.Struct, frozen=True):
    """What came of an act: the case as it is now, or why it may not be (`refused`; `case` is as it was)."""

    case: CaseRecord | None = None
    refused: CaseRefusal | None = None


class CaseCounts(msgspec.Struct, frozen=True):
    """How many cases are not closed, and of how many the customer should have been answered by now."""

    open: int = 0
    late: int = 0


class CaseKind(msgspec.Struct, frozen=True):
    """A kind of cases as people choose it: what it is called, by language, and who gets it."""

    name: str
    titles: dict[str, str]
    owner: str


class CaseBook(Protocol):
    """The book of all cases. `by` is who acts: an agent's number, or a person's name.

    Every method raises PortError. What returns is on the disk.
    """

    def open(self, new: NewCase) -> Awaitable[CaseRecord]:
        """Open a case, or return the one of this key as it stands."""

    def get(self, number: str) -> Awaitable[CaseRecord | None]:
        """Return a case; None: there is none."""

    def history(self, number: str) -> Awaitable[tuple[CaseEntry, ...]]:
        """Return all that has happened to a case, in order."""

    def find(self, wanted: CaseFilter) -> Awaitable[tuple[CaseRecord, ...]]:
        """Return cases, those to be answered first before others."""

    def counts(self) -> Awaitable[CaseCounts]:
        """Return how many there are."""

    def changed(self, since: int, within_ms: int) -> Awaitable[int]:
        """Return how many things have happened to cases, as soon as it is more than `since`."""

    def kinds(self) -> Awaitable[tuple[CaseKind, ...]]:
        """Return the kinds that can be opened."""

    def owners(self) -> Awaitable[tuple[str, ...]]:
        """Return who can own a case: desks first, then agents."""

    def desks_of(self, who: str) -> Awaitable[tuple[str, ...]]:
        """Return the desks that an agent, or somebody by login name, works for."""

    def branches_of(self, who: str) -> Awaitable[tuple[str, ...]]:
        """Return the branches that they work for, by number."""

    def note(self, number: str, by: str, text: str) -> Awaitable[Acted]:
        """Write something into a case that is not closed."""

    def assign(self, number: str, by: str, to: str, why: str) -> Awaitable[Acted]:
        """Give a case to another owner: a desk or an agent."""

    def escalate(self, number: str, by: str, why: str) -> Awaitable[Acted]:
        """Give a case to the next owner of its kind's ladder."""

    def make_complex(self, number: str, by: str, why: str) -> Awaitable[Acted]:
        """Give a case the time of complex ones. Once."""

    def extend(self, number: str, by: str, why: str, approved_by: str) -> Awaitable[Acted]:
        """Give a complex case more time, with somebody's approval. Once."""

    def accuse(self, number: str, by: str, agent: str) -> Awaitable[Acted]:
        """Note that a case is about an agent; one whom they own goes up the ladder."""

    def answer(self, number: str, by: str, text: str) -> Awaitable[Acted]:
        """Note what the customer was told: it ends the clock."""

    def solve(self, number: str, by: str, solution: str) -> Awaitable[Acted]:
        """Note how a case was solved."""

    def finish(self, number: str, by: str) -> Awaitable[Acted]:
        """Close a case that is solved, and whose customer was answered; they are asked about it."""

    def reopen(self, number: str, by: str, why: str) -> Awaitable[Acted]:
        """Open a closed case again, with its clock anew."""

    def link(self, number: str, by: str, link: Link) -> Awaitable[Acted]:
        """Link something to a case. What is linked already stays so."""
