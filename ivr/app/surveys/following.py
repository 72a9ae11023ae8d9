"""What follows from answers: bad ones open a case, and a case that is not solved is opened again.

All of it is found in the ledger, and asked for again after a restart: a case has one key for one survey.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Protocol

from ivr.app.flows import Published
from ivr.centre.surveys.answers import asked
from ivr.model.surveys import NO, SurveyDocument
from ivr.ports.cases import SURVEY, CaseBook, Link, LinkKind, NewCase
from ivr.ports.clock import Clock
from ivr.ports.coverage import Asked, CoverageRow
from ivr.ports.offers import CASE, Offers

LOOKED_BACK = timedelta(days=7)
"""How far an engine that starts looks."""
SETTLED = timedelta(minutes=2)
"""How long after an answer nothing more comes, where the survey was not ended."""

_LOG = logging.getLogger("ivr.surveys")


class Rows(Protocol):
    """What is needed of the ledger."""

    async def row(self, call_id: str) -> CoverageRow | None: ...


class Following:
    """Looks at what callers have answered."""

    def __init__(
        self, offers: Offers, rows: Rows, book: CaseBook, published: Published, clock: Clock
    ) -> None:
        self._offers = offers
        self._rows = rows
        self._book = book
        self._published = published
        self._clock = clock
        self._after = 0
        self._open: set[str] = set()

    async def look(self) -> None:
        """Do what follows from surveys that are over. Raises PortError."""
        now = self._clock.now()
        after, spoken_of = await self._offers.spoken_of(now - LOOKED_BACK, self._after)
        self._open.update(spoken_of)
        self._after = after
        for about in sorted(self._open):
            came = asked(about, await self._offers.said(about))
            if await self._over(about, came, now):
                self._open.discard(about)

    async def _over(self, about: str, came: Asked, now: datetime) -> bool:
        """Do what follows from a survey; False: more may be said."""
        sheet = self._published.current.surveys.get(came.survey)
        if sheet is None or not came.answers:
            return bool(came.how) or sheet is None
        last = came.answered_at
        if not came.how and last is not None and now - last < SETTLED:
            return False
        if about.startswith(CASE):
            await self._reopen(about, came, sheet.document)
            return True
        return await self._complain(about, came, sheet.document)

    async def _reopen(self, about: str, came: Asked, document: SurveyDocument) -> None:
        number = about.removeprefix(CASE).partition(":")[0]
        unsolved = (
            came.answers.get(name) == NO
            for name, question in document.questions.items()
            if question.measures == "fcr"
        )
        if any(unsolved):
            await self._book.reopen(number, SURVEY, "the customer says it is not solved")
        for name in came.recordings:
            await self._book.link(number, SURVEY, Link(LinkKind.RECORDING, name))

    async def _complain(self, about: str, came: Asked, document: SurveyDocument) -> bool:
        """Open a case where an answer wants one; False: the call goes on, and who called is not known."""
        opens = document.opens_case
        if opens is None or not any(
            came.answers.get(one) in some for one, some in opens.when.items()
        ):
            return True
        row = await self._rows.row(about)
        if row is None:
            return False
        answers = {name: answer for name, answer in came.answers.items() if answer}
        recordings = tuple(Link(LinkKind.RECORDING, name) for name in came.recordings)
        case = await self._book.open(
            NewCase(
                key=f"survey:{about}",
                kind=opens.kind,
                by=SURVEY,
                summary=", ".join(f"{name}: {answer}" for name, answer in answers.items()),
                customer=row.customer,
                ani=row.ani,
                language=row.language,
                accused=tuple(dict.fromkeys(leg.agent for leg in row.legs)),
                links=(Link(LinkKind.CALL, about), *recordings),
                facts={"survey": came.survey, **answers},
            )
        )
        _LOG.info("case %s: what the caller of %s answered", case.number, about)
        return True
