"""The surveys port: which survey a caller is due, and what they say, kept before the next question."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from typing import ClassVar, Protocol

import msgspec

from ivr.model.commands import Command
from ivr.model.events import SurveyAnswered, SurveyEnded, SurveyOffered
from ivr.model.world import Answer, World
from ivr.ports.cases import CaseRecord

Said = SurveyOffered | SurveyAnswered | SurveyEnded


class Asking(msgspec.Struct, frozen=True):
    """Who would be asked, in which call. `pending`: about an earlier call (they ring back, or the bank
    has called to ask), not this one. `survey`: the one of a campaign, for which the bank has called."""

    call_id: str
    ani: str
    customer: str
    language: str
    dnis: str = ""
    pending: bool = False
    survey: str = ""


class Due(msgspec.Struct, frozen=True):
    """The survey that a caller is due. `about` is the call or the case that it asks about, empty for this
    call; `answered` is what was answered already, by question (empty: refused), and not asked again."""

    survey: str
    about: str = ""
    answered: dict[str, str] = {}


class Surveys(Protocol):
    """Every method raises PortError."""

    def due(self, asking: Asking) -> Awaitable[Due | None]:
        """Return which survey a caller is due; None: none, for a reason that the coverage ledger has."""

    def tell(self, call_id: str, said: Said) -> Awaitable[None]:
        """Keep what was said, and return once it outlives a crash."""

    def opt_out(self, call_id: str, ani: str, customer: str) -> Awaitable[None]:
        """Never ask this caller again, in any way."""


class CaseSurveys(Protocol):
    """Asks customers about their cases that were closed. Raises PortError."""

    def ask(self, case: CaseRecord) -> Awaitable[str]:
        """Ask whether the problem is solved, once for each time that a case is closed; return `asked`,
        or why not: `opted_out`, `unreachable`, `no_survey`."""


class DueSurvey(Command[Surveys, Due | None], frozen=True):
    """Which survey is this caller due?"""

    port: ClassVar[str] = "surveys"
    answer: ClassVar[object] = Due | None
    asking: Asking

    def perform(self, port: Surveys) -> Awaitable[Due | None]:
        return port.due(self.asking)


class TellSurvey(Command[Surveys, None], frozen=True):
    """Keep this answer."""

    port: ClassVar[str] = "surveys"
    answer: ClassVar[object] = None
    call_id: str
    said: Said

    def perform(self, port: Surveys) -> Awaitable[None]:
        return port.tell(self.call_id, self.said)

    def answers(self, world: World) -> Iterator[Answer]:
        yield Answer(value=None)
        yield from self.failures()


class OptOut(Command[Surveys, None], frozen=True):
    """Never ask this caller again."""

    port: ClassVar[str] = "surveys"
    answer: ClassVar[object] = None
    call_id: str
    ani: str
    customer: str

    def perform(self, port: Surveys) -> Awaitable[None]:
        return port.opt_out(self.call_id, self.ani, self.customer)

    def answers(self, world: World) -> Iterator[Answer]:
        yield Answer(value=None)
        yield from self.failures()
