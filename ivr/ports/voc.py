"""The voice of the customer: what a month's report reads, and the book of what people did about it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from ivr.model.events import Event

Told = tuple[str, int, Event]
"""A call's id, when it was (Unix ms), and what happened: a plain tuple, as there are millions."""


class Proof(msgspec.Struct, frozen=True):
    """What was read of a source: how many `rows`, the SHA-256 (hex) over them in their order, and the
    number of the last (`mark`): whoever reads up to it again reads the same."""

    rows: int = 0
    sha256: str = ""
    mark: int = 0


class CallReading(Protocol):
    """Events of calls as they are read. `proof` is whole when all were."""

    proof: Proof

    def __iter__(self) -> Iterator[Told]:
        """Yield what happened, in the order written."""


class CallEvents(Protocol):
    """The store as the report reads it. Every method raises PortError, also while it is read."""

    def between(
        self,
        since: datetime,
        until: datetime,
        steps: Collection[str],
        mark: int | None = None,
        menus: bool = True,
    ) -> CallReading:
        """Read what tells of all calls (begun, waited, asked, over), their menus if wanted, and these
        steps (`flow.step`), from `since` to before `until`; with a `mark` up to there."""

    def of_calls(self, calls: Sequence[str], mark: int) -> Iterator[Told]:
        """Yield the same of these calls, whenever they were, in the order written."""


class Act(msgspec.Struct, frozen=True, tag=True):
    """Base of what people do about what was heard."""


class Corrected(Act, frozen=True):
    """Somebody says which theme an item is of. `text` is what it says: the classifier learns from it."""

    item: str
    theme: str
    text: str = ""


class Sent(Act, frozen=True):
    """A branch is told how often it was about a theme in a month (`2026-10`). `feedback` names this:
    `2026-10/102/cards.fees`. `matters` were heard, `complaints` of them; a reply is due by then."""

    feedback: str
    month: str
    branch: str
    theme: str
    matters: int
    complaints: int
    due: datetime


class Replied(Act, frozen=True):
    """The branch says what it has done, or why not."""

    feedback: str
    text: str


class Closed(Act, frozen=True):
    """The head office takes the reply for good: `how` it ended."""

    feedback: str
    how: str


Acts = Corrected | Sent | Replied | Closed


class Entry(msgspec.Struct, frozen=True):
    """An act: its number (from 1, without gaps), when, and by whom."""

    number: int
    at: datetime
    by: str
    act: Acts


class KeptReport(msgspec.Struct, frozen=True):
    """A report as it was made: its JSON, with its SHA-256 (hex), and the taxonomy it was made by."""

    month: str
    sha256: str
    body: bytes
    taxonomy_sha256: str
    taxonomy: str


class VocBook(Protocol):
    """What people did: nothing in it is changed or deleted. Every method raises PortError."""

    def entries(self, mark: int | None = None) -> list[Entry]:
        """Return all acts in order; with a `mark`, up to that number."""

    def append(self, by: str, *acts: Acts) -> list[Entry]:
        """Write acts down, all or none of them."""

    def keep(self, report: KeptReport) -> None:
        """Keep a report; one that is kept already stays as it is."""

    def taxonomy(self, sha256: str) -> str | None:
        """Return the text of a taxonomy by which a report was made."""

    def kept(self, month: str = "") -> list[KeptReport]:
        """Return the reports that are kept, the oldest first; of one month, if it is given."""


class Lesson(msgspec.Struct, frozen=True):
    """A text, and the theme that a person says it is of."""

    text: str
    theme: str


class Guess(msgspec.Struct, frozen=True):
    """A theme, and how sure the classifier is (0 to 1)."""

    theme: str
    confidence: float


class Accuracy(msgspec.Struct, frozen=True):
    """How often the classifier is right about lessons that it has not seen (cross-validation in `folds`
    parts): the share, the mean of the themes' F1, and of each theme its F1 and number of lessons."""

    lessons: int
    folds: int
    accuracy: float
    macro_f1: float
    themes: dict[str, tuple[float, int]]


class Model(Protocol):
    """A classifier that has learnt. `sha256` is that of all it has learnt."""

    sha256: str

    def guess(self, texts: Sequence[str]) -> list[Guess]:
        """Return the likeliest theme of each text."""


class Learning(Protocol):
    """Makes classifiers. The same lessons make the same one."""

    def learn(self, lessons: Sequence[Lesson]) -> Model | None:
        """Return a classifier; None: there are not two themes with two lessons each."""

    def accuracy(self, lessons: Sequence[Lesson]) -> Accuracy | None:
        """Return how good it is; None as above."""
