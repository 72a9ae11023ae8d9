"""Surveys in the simulator: who is asked is decided as in the coverage ledger; what is said is in the
call's story."""

from __future__ import annotations

from datetime import datetime
from itertools import chain, repeat

from ivr.adapters.sim.keeping import SimEvents
from ivr.centre.surveys.answers import asked
from ivr.centre.surveys.deciding import Asking as Whom
from ivr.centre.surveys.deciding import ineligible
from ivr.centre.surveys.story import so_far
from ivr.model.events import SurveyEnded
from ivr.model.flow import FlowSet
from ivr.model.surveys import Kind, SurveyRules, survey_for
from ivr.ports.clock import Clock
from ivr.ports.offers import Known
from ivr.ports.store import StampedEvent
from ivr.ports.surveys import Asking, Due, Said

EARLIER = "1699999999.1"
"""The call that every simulated caller may be asked about who rings back."""


class SimSurveys:
    """The Surveys port of one simulated call, which began at `begun`."""

    def __init__(self, flows: FlowSet, events: SimEvents, clock: Clock, begun: datetime) -> None:
        rules = flows.survey_rules
        self._whom = Whom(
            rules.document.survey_rules if rules is not None else SurveyRules(), flows.surveys
        )
        self._events = events
        self._clock = clock
        self._begun = begun
        self._opted_out = False

    async def due(self, asking: Asking) -> Due | None:
        """Return which survey the caller is due. Whose is pending is due one about a call with an agent,
        unless their number is one that the bank tests with."""
        if self._opted_out or self._ended():
            return None
        if asking.pending:
            tests = asking.ani in self._whom.rules.test_numbers
            survey = survey_for(self._whom.surveys, Kind.AGENT, asking.language)
            return Due(survey, EARLIER) if survey is not None and not tests else None
        happened = self._happened(asking.call_id)
        if asking.survey:
            return Due(asking.survey, answered=asked(asking.call_id, happened).answers)
        story = so_far(happened, self._clock.now())
        if ineligible(story, Known(), self._whom) is not None:
            return None
        return Due(self._whom.survey(story), answered=asked(asking.call_id, happened).answers)

    async def tell(self, call_id: str, said: Said) -> None:
        """Have it in the call's story."""
        self._events.emit(call_id, said)

    async def opt_out(self, call_id: str, ani: str, customer: str) -> None:
        """Ask nothing more."""
        self._opted_out = True

    def _ended(self) -> bool:
        return any(
            isinstance(one, SurveyEnded) and one.how != "broken_off" for one in self._events.events
        )

    def _happened(self, call_id: str) -> list[StampedEvent]:
        times = chain((self._begun,), repeat(self._clock.now()))
        return [
            StampedEvent(at, call_id, one)
            for one, at in zip(self._events.events, times, strict=False)
        ]
