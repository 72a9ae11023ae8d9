"""What customers said, and what it was sorted into."""

from __future__ import annotations

import enum
from datetime import datetime, timedelta, tzinfo

import msgspec

from ivr.model.taxonomy import TaxonomyDocument

HEAD_OFFICE = ""
"""The branch of what is no branch's."""


class Source(enum.StrEnum):
    """Where something was said."""

    CASE = "case"  # told to a person or a flow, who opened a case
    INTENT = "intent"  # chosen in a menu
    DISPOSITION = "disposition"  # told to an agent, who keyed what it was about
    SURVEY = "survey"  # answered when asked, or left as a comment
    CALLBACK = "callback"  # nothing said: the bank did not keep its promise to call


class Voice(msgspec.Struct, frozen=True):
    """One thing said, at `at_ms` (Unix). `id` is its source and what names it there: `case:12345678`.

    `call` is the call it is about (may be empty), `who` said it (a customer's number, or a telephone;
    empty: not known), `branch` whose it is, `menu` the menu step (`flow.step`) that the caller was in
    last, `queue` where they waited last. What else is set follows from the source: the `step` chosen,
    the `disposition`, the `case`'s kind, the survey's `question` and `answer`, what became of the
    `callback`. `text` is what was written of it.
    """

    id: str
    source: Source
    at_ms: int
    call: str = ""
    who: str = ""
    branch: str = HEAD_OFFICE
    menu: str = ""
    queue: str = ""
    step: str = ""
    disposition: str = ""
    case: str = ""
    question: str = ""
    answer: str = ""
    callback: str = ""
    text: str = ""


class How(enum.StrEnum):
    """What a theme was found by."""

    CORRECTED = "corrected"  # a person said so
    RULE = "rule"  # a rule of the taxonomy
    CLASSIFIER = "classifier"  # the classifier, which was sure enough
    NOTHING = "nothing"  # there is none


class Classified(msgspec.Struct, frozen=True):
    """A voice with its theme (`group.theme`; empty: none), and whether it is a complaint."""

    voice: Voice
    theme: str
    how: How
    complaint: bool


class Matter(msgspec.Struct, frozen=True):
    """What is one matter: all that was said about it, in the order of time."""

    said: tuple[Classified, ...]

    @property
    def first(self) -> Voice:
        """What was said first."""
        return self.said[0].voice

    @property
    def theme(self) -> str:
        """Its theme: all of it that has one has the same."""
        return next((one.theme for one in self.said if one.theme), "")

    @property
    def complaint(self) -> bool:
        """Whether any of it is a complaint."""
        return any(one.complaint for one in self.said)

    @property
    def branch(self) -> str:
        """The first branch that anything of it belongs to."""
        return next((one.voice.branch for one in self.said if one.voice.branch), HEAD_OFFICE)


class Month(msgspec.Struct, frozen=True):
    """A month of the bank's calendar, written `2026-10`."""

    year: int
    month: int

    @classmethod
    def of(cls, text: str) -> Month:
        """Read a month. Raises ValueError."""
        at = datetime.strptime(text, "%Y-%m")  # noqa: DTZ007 - only the month is read
        if text != f"{at:%Y-%m}":
            raise ValueError(text)
        return cls(at.year, at.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def before(self) -> Month:
        """The month before."""
        return Month(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    @property
    def after(self) -> Month:
        """The month after."""
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    def begins(self, zone: tzinfo) -> datetime:
        """Return its first moment."""
        return datetime(self.year, self.month, 1, tzinfo=zone)

    def ends(self, zone: tzinfo) -> datetime:
        """Return the first moment after it."""
        return self.after.begins(zone)

    def days(self, zone: tzinfo) -> list[datetime]:
        """Return the first moment of each of its days."""
        begins, number = self.begins(zone), 0
        found = []
        while (day := begins + timedelta(days=number)) < self.ends(zone):
            found.append(day)
            number += 1
        return found


class Owners:
    """Whose calls are. `complaining` are the flows in which callers complain."""

    def __init__(self, taxonomy: TaxonomyDocument) -> None:
        owned = taxonomy.branches.items()
        self._queues = {queue: number for number, one in owned for queue in one.queues}
        self._numbers = {dnis: number for number, one in owned for dnis in one.numbers}
        self.complaining = frozenset(step.partition(".")[0] for step in taxonomy.collect.steps)

    def branch(self, dnis: str, queue: str) -> str:
        """Return whose a call is: by the queue it waited in, else by the number dialled."""
        return self._queues.get(queue) or self._numbers.get(dnis, HEAD_OFFICE)
