"""CSAT, NPS, FCR and CES, raw and post-stratified."""

from __future__ import annotations

from collections import Counter, defaultdict
from math import sqrt

import msgspec

from ivr.centre.rates import Z95, wilson
from ivr.centre.surveyreport.call import Call
from ivr.centre.surveyreport.strata import Cell, Key, Weighted, post_stratified

MEASURES = ("csat", "nps", "fcr", "ces")
FEWEST = 30
"""Of fewer answers, a figure is shown with the remark that it says little."""
_PSEUDO = 3

_Stratum = tuple[str, int, str, str]
_Survey = tuple[str, str]
"""A survey in a version of the flows."""


class Figure(msgspec.Struct, frozen=True):
    """A mean of `count` answers, and where its true value is with 95 % certainty."""

    value: float
    low: float
    high: float
    count: float


class Score(msgspec.Struct, frozen=True):
    """What one measure came to: as answered, and weighted to stand for all eligible calls."""

    measure: str
    raw: Figure
    weighted: Figure | None = None
    strata: Weighted | None = None

    @property
    def few(self) -> bool:
        """Whether the answers are too few to say much."""
        return self.raw.count < FEWEST


class Scores:
    """Takes calls; knows their scores. A measure stands for the eligible calls whose survey asks for it."""

    def __init__(self) -> None:
        self._calls: Counter[tuple[_Stratum, _Survey]] = Counter()
        self._measures: dict[_Survey, frozenset[str]] = {}
        self._answers: Counter[tuple[_Stratum, str, float]] = Counter()

    def take(self, call: Call) -> None:
        """Count a call."""
        if not call.eligible:
            return
        stratum = (call.queue, call.at.hour, call.row.ended, call.row.outcome)
        survey = call.row.version, call.asked.survey
        self._calls[stratum, survey] += 1
        if survey not in self._measures:
            asked = (one.measures for one in call.questions.values())
            self._measures[survey] = frozenset(one for one in asked if one)
        for measure, value in call.scores:
            self._answers[stratum, measure, value] += 1

    def scores(self) -> list[Score]:
        """Return the score of each measure that anybody answered."""
        return [found for one in MEASURES if (found := self._score(one)) is not None]

    def _score(self, measure: str) -> Score | None:
        cells: defaultdict[Key, Cell] = defaultdict(Cell)
        for (stratum, one, value), count in self._answers.items():
            if one == measure:
                cells[_key(stratum)].add(Cell.of(value, count))
        whole = Cell()
        for cell in cells.values():
            whole.add(cell)
        if not whole.answers:
            return None
        raw = figure(measure, whole)
        strata = post_stratified(
            (key, msgspec.structs.replace(cells.get(key, Cell()), calls=calls))
            for key, calls in self._population(measure).items()
        )
        if strata is None:
            return Score(measure, raw)
        weighted = _figure(measure, strata.mean, strata.variance, strata.effective)
        return Score(measure, raw, weighted, strata)

    def _population(self, measure: str) -> Counter[Key]:
        """Return how many eligible calls there were whose survey asks for a measure."""
        found: Counter[Key] = Counter()
        for (stratum, survey), count in self._calls.items():
            if measure in self._measures[survey]:
                found[_key(stratum)] += count
        return found


def _key(stratum: _Stratum) -> Key:
    queue, hour, ended, outcome = stratum
    return queue, hour, f"{ended} {outcome}"


def figure(measure: str, cell: Cell) -> Figure:
    """Return the figure of some answers, of which there is at least one."""
    mean = cell.total / cell.answers
    return _figure(measure, mean, max(0.0, cell.squares / cell.answers - mean**2), cell.answers)


def _figure(measure: str, mean: float, variance: float, count: float) -> Figure:
    if measure == "nps":
        return Figure(mean, *_nps_interval(mean, variance, count), count)
    if measure == "ces":
        half = Z95 * sqrt(variance / max(count - 1, 1))
        return Figure(mean, mean - half, mean + half, count)
    return Figure(mean, *wilson(mean, count), count)


def _nps_interval(mean: float, variance: float, count: float) -> tuple[float, float]:
    """Return the adjusted Wald interval of promoters − detractors: as if three more people had answered, one
    and a half of them passive, the others halved between the ends; then mean ± z·√(variance/n)."""
    ends = (variance + mean**2) * count + _PSEUDO / 2
    count += _PSEUDO
    middle = mean * (count - _PSEUDO) / count
    half = Z95 * sqrt((ends / count - middle**2) / count)
    return max(-1.0, middle - half), min(1.0, middle + half)
