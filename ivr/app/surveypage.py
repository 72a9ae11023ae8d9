"""The survey report as a page with pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ivr.adapters.plot.survey import answers, coverage_by_day, funnel_of, reward, trend
from ivr.adapters.surveypage.page import Picture, page
from ivr.adapters.surveypage.sections import sections, words
from ivr.centre.surveyreport.report import Report
from ivr.centre.surveyreport.scores import Figure


def survey_page(report: Report, language: str) -> str:
    """Return the page in a language. Raises CannotPlot."""
    pictures: dict[str, Sequence[Picture]] = {
        "asking": list(_coverage(report, language)),
        "scores": list(_trend(report, language)),
        "told": list(_answers(report, language)),
        "skew": list(_funnels(report, language)),
        "reward": list(_reward(report, language)),
    }
    return page(report.wanted, sections(report, language), pictures, language)


def _picture(key: str, language: str, svg: str) -> Picture:
    t = words(language)
    return Picture(t[f"plot-{key}"], t[f"plot-{key}-alt"], svg)


def _coverage(report: Report, language: str) -> Iterator[Picture]:
    rates = {day: one.coverage for day, one in report.groups["day"].items() if one.eligible}
    days = {day: Figure(rate.value, *rate.interval(), rate.count) for day, rate in rates.items()}
    if len(days) > 1:
        yield _picture("coverage", language, coverage_by_day(days, words(language), language))


def _trend(report: Report, language: str) -> Iterator[Picture]:
    csat, nps = report.trends["csat"], report.trends["nps"]
    if len(csat) > 1 and len(nps) > 1:
        yield _picture("trend", language, trend(csat, nps, words(language), language))


def _answers(report: Report, language: str) -> Iterator[Picture]:
    asked = [
        (
            f"{one.survey}: {one.titles.get(language, one.question)}",
            {one.labels.get(language, {}).get(key, key): n for key, n in one.counts.items()},
        )
        for one in report.answers
        if len(one.counts) > 1 and any(one.counts.values())
    ]
    if asked:
        yield _picture("answers", language, answers(asked, words(language), language))


def _funnels(report: Report, language: str) -> Iterator[Picture]:
    t = words(language)
    for sign in report.skew:
        if sign.findings:
            marked = sum(one.found for one in sign.findings)
            alt = t["plot-funnel-alt"].format(marked=marked, agents=len(sign.findings))
            title = t["plot-funnel"].format(sign=t[sign.sign])
            yield Picture(title, alt, funnel_of(sign, t, language))


def _reward(report: Report, language: str) -> Iterator[Picture]:
    if report.fit is not None:
        yield _picture("reward", language, reward(report.points, words(language), language))
