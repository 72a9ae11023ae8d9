"""The survey report: calls go in, one by one, figures come out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec

from ivr.centre.kpi import Work
from ivr.centre.rates import Rate
from ivr.centre.surveyreport.answers import Answers, Told
from ivr.centre.surveyreport.assessment import Assessed, Fit, Point
from ivr.centre.surveyreport.call import Call, scores
from ivr.centre.surveyreport.counting import Count, SkewCounts
from ivr.centre.surveyreport.missing import Difference, two_proportions
from ivr.centre.surveyreport.scores import MEASURES, Figure, Score, Scores, figure
from ivr.centre.surveyreport.skew import Compared, compare
from ivr.centre.surveyreport.strata import Cell
from ivr.centre.surveyreport.totals import Grouped, Groups, Totals
from ivr.model.surveys import Question
from ivr.ports.coverage import Asked, How


class Wanted(msgspec.Struct, frozen=True):
    """The calls that are reported: those that ended on these days, the last included, with this queue's
    or this agent's; empty: any."""

    first: date
    last: date
    queue: str = ""
    agent: str = ""

    def wants(self, call: Call) -> bool:
        """Whether a call is of the queue and with the agent."""
        legs = call.row.legs
        agent = not self.agent or any(leg.agent == self.agent for leg in legs)
        return agent and (not self.queue or call.queue == self.queue)


class Missing(msgspec.Struct, frozen=True):
    """7-day repeat rates: of callers who answered against eligible callers who did not, and of callers who
    were asked in the call against those to be asked afterwards."""

    answered: Difference
    in_call: Difference


class Cases(msgspec.Struct, frozen=True):
    """Surveys about closed cases: FCR by issue, not by call."""

    offered: int
    started: int
    scores: tuple[Score, ...]


class Report(msgspec.Struct, frozen=True):
    """All figures. `trends` are by measure and day; `unknown` are versions of flows whose surveys are not
    kept, so that nobody knows what their answers measure. `fit` is None where too little is known, or for
    the reason `unfitted`."""

    wanted: Wanted
    whole: Totals
    groups: Groups
    scores: tuple[Score, ...]
    cases: Cases
    answers: tuple[Answers, ...]
    trends: Mapping[str, Mapping[str, Figure]]
    missing: Missing
    skew: tuple[Compared, ...]
    points: tuple[Point, ...]
    fit: Fit | None = None
    unfitted: str = ""
    unknown: tuple[str, ...] = ()


class Tally:
    """Takes the calls of a time, in any order. Agents are compared on the calls of all of them, whoever is
    wanted."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._grouped = Grouped()
        self._scores = Scores()
        self._told = Told()
        self._skew = SkewCounts()
        self._assessed = Assessed()
        self._again = {True: Count(), False: Count()}
        self._again_by_way = {True: Count(), False: Count()}
        self._cases: dict[str, Cell] = {}
        self._cases_asked = self._cases_started = 0

    def take(self, *calls: Call) -> None:
        """Count calls. Many at once are quicker: each figure goes through all of them by itself."""
        wanted = [call for call in calls if self._wanted.wants(call)]
        for figures, some in (
            (self._skew, calls),
            (self._assessed, calls),
            (self._grouped, wanted),
            (self._scores, wanted),
            (self._told, wanted),
        ):
            for call in some:
                figures.take(call)
        for call in wanted:
            if call.eligible and call.again is not None:
                self._again[call.started].add(call.again)
                self._again_by_way[call.row.how is How.IN_CALL].add(call.again)

    def take_case(self, asked: Asked, questions: Mapping[str, Question]) -> None:
        """Count what came of asking about a closed case."""
        self._cases_asked += 1
        self._cases_started += any(asked.answers.values())
        for measure, value in scores(questions, asked.answers):
            self._cases.setdefault(measure, Cell()).add(Cell(0, 1, value, value * value))

    def report(self, works: Mapping[str, Work], unknown: tuple[str, ...] = ()) -> Report:
        """Return the figures; `works` is what each agent did in the time."""
        cases = tuple(
            Score(one, figure(one, self._cases[one])) for one in MEASURES if one in self._cases
        )
        return Report(
            self._wanted,
            self._grouped.whole(),
            self._grouped.groups(),
            tuple(self._scores.scores()),
            Cases(self._cases_asked, self._cases_started, cases),
            tuple(self._told.answers()),
            {one: self._told.trend(one) for one in MEASURES},
            Missing(_difference(self._again), _difference(self._again_by_way)),
            tuple(compare(self._skew)),
            tuple(self._assessed.points(works)),
            unknown=unknown,
        )


def _difference(counts: Mapping[bool, Count]) -> Difference:
    one, other = (Rate(counts[side].hits, counts[side].count) for side in (True, False))
    return two_proportions(one, other)
