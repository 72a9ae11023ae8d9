"""Every figure of the report, one a row: for CSV."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.centre.rates import Rate
from ivr.centre.surveyreport.report import Report
from ivr.centre.surveyreport.scores import Figure
from ivr.centre.surveyreport.totals import Totals

HEAD = ("part", "group", "name", "figure", "value", "low", "high", "n")
Row = tuple[str | float | None, ...]
_COUNTS = ("calls", "waiting", "eligible", "offered", "started", "completed")
_RATES = ("coverage", "response", "completion")


def rows(report: Report) -> Iterator[Row]:
    """Yield all figures; `low` to `high` is the 95 % interval, `n` what it is of. Where a figure does not
    exist, its value is empty."""
    yield from _asking(report)
    yield from _scores(report)
    yield from _answers(report)
    yield from _missing(report)
    yield from _skew(report)
    yield from _reward(report)


def _asking(report: Report) -> Iterator[Row]:
    yield from _totals("all", "", report.whole)
    for by, groups in report.groups.items():
        for name, totals in groups.items():
            yield from _totals(by, name, totals)
    for reason, count in sorted(report.whole.ineligible.items()):
        yield ("ineligible", "", reason, "calls", count, None, None, report.whole.calls)


def _scores(report: Report) -> Iterator[Row]:
    for score in report.scores:
        yield _figure("scores", "", score.measure, "raw", score.raw)
        if score.weighted is not None:
            yield _figure("scores", "", score.measure, "weighted", score.weighted)
    for measure, days in report.trends.items():
        for day, figure in days.items():
            yield _figure("scores", day, measure, "raw", figure)
    for score in report.cases.scores:
        yield _figure("cases", "", score.measure, "raw", score.raw)


def _answers(report: Report) -> Iterator[Row]:
    for one in report.answers:
        whole = sum(one.counts.values())
        for answer, count in one.counts.items():
            yield ("answers", one.survey, one.question, answer, count, None, None, whole)
        yield ("answers", one.survey, one.question, "refused", one.refused, None, None, whole)


def _totals(part: str, name: str, totals: Totals) -> Iterator[Row]:
    for count in _COUNTS:
        yield (part, name, "", count, getattr(totals, count), None, None, totals.calls)
    for rate in _RATES:
        yield _rate(part, name, "", rate, getattr(totals, rate))


def _rate(part: str, group: str, name: str, figure: str, rate: Rate) -> Row:
    if not rate.count:
        return (part, group, name, figure, None, None, None, 0)
    return (part, group, name, figure, rate.value, *rate.interval(), rate.count)


def _figure(part: str, group: str, name: str, kind: str, figure: Figure) -> Row:
    return (part, group, name, kind, figure.value, figure.low, figure.high, figure.count)


def _missing(report: Report) -> Iterator[Row]:
    for name, found in (("answered", report.missing.answered), ("in_call", report.missing.in_call)):
        yield _rate("repeat", name, "", "first", found.one)
        yield _rate("repeat", name, "", "second", found.other)
        whole = found.one.count + found.other.count
        yield ("repeat", name, "", "difference", found.value, found.low, found.high, whole)
        yield ("repeat", name, "", "p", found.p, None, None, whole)


def _skew(report: Report) -> Iterator[Row]:
    for sign in report.skew:
        yield ("agents", "", sign.sign, "rho", sign.rho, None, None, len(sign.findings))
        for one in sign.findings:
            figures = {
                "rate": one.hits / one.count,
                "expected": one.expected,
                "p": one.p,
                "adjusted": one.adjusted,
                "marked": int(one.found),
            }
            for figure, value in figures.items():
                yield ("agents", one.agent, sign.sign, figure, value, None, None, one.count)


def _reward(report: Report) -> Iterator[Row]:
    fit = report.fit
    if fit is None:
        return
    for one in fit.effects:
        interval = one.coefficient, one.low, one.high
        yield ("reward", "", one.name, "coefficient", *interval, fit.agents)
        yield ("reward", "", one.name, "p", one.p, None, None, fit.agents)
        yield ("reward", "", one.name, "vif", one.vif, None, None, fit.agents)
