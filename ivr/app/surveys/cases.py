"""Asking customers about their cases that were closed."""

from __future__ import annotations

from datetime import timedelta

from ivr.app.flows import Published
from ivr.centre.surveys.deciding import Asking
from ivr.model.surveys import Kind, survey_for
from ivr.ports.cases import CaseRecord
from ivr.ports.clock import Clock
from ivr.ports.coverage import Progress
from ivr.ports.offers import CASE, Offer, Offers


class CaseAsking:
    """The CaseSurveys port: offers about cases are like those about calls."""

    def __init__(self, offers: Offers, published: Published, clock: Clock) -> None:
        self._offers = offers
        self._published = published
        self._clock = clock

    async def ask(self, case: CaseRecord) -> str:
        """Ask whether the problem is solved, once for each time that a case is closed. Raises PortError."""
        flows = self._published.current
        asks = Asking.of(flows)
        survey = survey_for(flows.surveys, Kind.CASE_CLOSED, case.language)
        if survey is None:
            return "no_survey"
        if (await self._offers.known(case.ani, case.customer)).opted_out:
            return "opted_out"
        how = next(asks.later(case.ani, case.customer), None)
        if how is None:
            return "unreachable"
        now = self._clock.now()
        within = timedelta(milliseconds=asks.rules.later.within)
        await self._offers.make(
            Offer(
                about=f"{CASE}{case.number}:{case.reopened}",
                how=how,
                progress=Progress.DUE,
                survey=survey,
                language=case.language,
                ani=case.ani,
                customer=case.customer,
                version=flows.version,
                made_at=now,
                not_before=now,
                not_after=now + within,
            )
        )
        return "asked"
