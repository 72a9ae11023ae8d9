"""What the report says, in words and tables, in Chinese or English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec
import yaml

from ivr.centre.rates import Rate
from ivr.centre.surveyreport.assessment import LEAST_AGENTS
from ivr.centre.surveyreport.missing import Difference
from ivr.centre.surveyreport.report import Report
from ivr.centre.surveyreport.scores import Figure, Score
from ivr.centre.surveyreport.skew import Compared, Finding
from ivr.centre.surveyreport.totals import Totals

Words = Mapping[str, str]
LANGUAGES = ("zh", "en")
_FOLDER = Path(__file__).parent / "words"
_SIGNIFICANT = 0.05
_NOTHING = 1e-12
_RATES = ("coverage", "response", "completion")


class Table(msgspec.Struct, frozen=True):
    """A table: what it is of, its columns, its rows; `texts` are the columns, but the first, that hold no
    figures, `strong` the rows to look at first."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: tuple[int, ...] = ()
    strong: frozenset[int] = frozenset()


class Section(msgspec.Struct, frozen=True):
    """A part of the report. `key` names it, for pictures too."""

    key: str
    title: str
    text: str
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()


@cache
def words(language: str) -> Words:
    """Return what the report says in a language, by key."""
    found: Words = yaml.safe_load((_FOLDER / f"{language}.yaml").read_text("utf-8"))
    return found


def sections(report: Report, language: str) -> list[Section]:
    """Return the report in a language."""
    t = words(language)
    return [
        _asking(report, t),
        _scores(report, t),
        _cases(report, t),
        _told(report, t, language),
        _missing(report, t),
        _skew(report, t),
        _reward(report, t),
    ]


def _asking(report: Report, t: Words) -> Section:
    why = report.whole.ineligible
    calls = report.whole.calls
    reasons = tuple(
        (t[reason], str(count), percent(count / calls)) for reason, count in sorted(why.items())
    )
    tables = [_whole(report.whole, t)]
    if reasons:
        tables.append(Table(t["why"], (t["reason"], t["count"], t["share"]), reasons))
    for by, groups in report.groups.items():
        tables.append(_totals(t[f"by-{by}"], groups, t))
    notes = (t["unknown"].format(versions=" ".join(one[:12] for one in report.unknown)),)
    return Section(
        "asking", t["asking"], t["asking-how"], tuple(tables), notes if report.unknown else ()
    )


def _whole(whole: Totals, t: Words) -> Table:
    counts = {
        "calls": whole.calls,
        "ineligible": whole.ineligible.total(),
        "waiting": whole.waiting,
        "eligible": whole.eligible,
        "offered": whole.offered,
        "started": whole.started,
        "completed": whole.completed,
    }
    rows = [(t[name], str(count)) for name, count in counts.items()]
    rows += [(t[name], with_interval(getattr(whole, name), 2)) for name in _RATES]
    return Table(t["all"], (t["figure"], t["value"]), tuple(rows))


def _totals(title: str, groups: Mapping[str, Totals], t: Words) -> Table:
    columns = ("eligible", "offered", "started")
    head = (t["group"], *(t[one] for one in columns), *(t[one] for one in _RATES))
    rows = tuple(
        (
            t.get(name or "self", name),
            *(str(getattr(one, column)) for column in columns),
            *(with_interval(getattr(one, rate)) for rate in _RATES),
        )
        for name, one in groups.items()
    )
    return Table(title, head, rows)


def _scores(report: Report, t: Words) -> Section:
    if not report.scores:
        return Section("scores", t["scores"], t["scores-how"], (), (t["no-answers"],))
    columns = ("measure", "raw", "answers", "weighted", "effective", "strata", "pooled", "unheard")
    rows = tuple(_score(one, t) for one in report.scores)
    notes = tuple(
        t["unheard-note"].format(measure=t[one.measure], calls=one.strata.unheard)
        for one in report.scores
        if one.strata is not None and one.strata.unheard
    )
    table = Table(t["scores"], tuple(t[one] for one in columns), rows)
    return Section("scores", t["scores"], t["scores-how"], (table, *_trends(report, t)), notes)


def _score(score: Score, t: Words) -> tuple[str, ...]:
    few = f" ({t['few']})" if score.few else ""
    raw = value(score.measure, score.raw) + few
    if score.weighted is None or score.strata is None:
        return (t[score.measure], raw, f"{score.raw.count:.0f}", *(t["dash"],) * 5)
    strata = (str(one) for one in (score.strata.strata, score.strata.pooled, score.strata.unheard))
    weighted = value(score.measure, score.weighted)
    counts = f"{score.raw.count:.0f}", weighted, f"{score.weighted.count:.0f}"
    return (t[score.measure], raw, *counts, *strata)


def _trends(report: Report, t: Words) -> Iterator[Table]:
    measures = [one for one in report.trends if report.trends[one]]
    days = sorted({day for one in measures for day in report.trends[one]})
    head = (t["day"], *(part for one in measures for part in (t[one], t["answers"])))
    rows = tuple(
        (day, *(part for one in measures for part in _on(one, report.trends[one].get(day), t)))
        for day in days
    )
    if len(days) > 1:
        yield Table(t["by-day"], head, rows)


def _on(measure: str, figure: Figure | None, t: Words) -> tuple[str, str]:
    return (value(measure, figure), f"{figure.count:.0f}") if figure else (t["dash"], "0")


def _cases(report: Report, t: Words) -> Section:
    cases = report.cases
    if not cases.offered:
        return Section("cases", t["cases"], t["no-cases"])
    text = t["cases-how"].format(offered=cases.offered, started=cases.started)
    head = (t["measure"], t["raw"], t["answers"])
    rows = tuple(_score(one, t)[:3] for one in cases.scores)
    return Section("cases", t["cases"], text, (Table(t["cases"], head, rows),) if rows else ())


def _told(report: Report, t: Words, language: str) -> Section:
    rows: list[tuple[str, ...]] = []
    notes: list[str] = []
    for one in report.answers:
        title = f"{one.survey}: {one.titles.get(language, one.question)}"
        answered = sum(one.counts.values())
        labels = one.labels.get(language, {})
        for answer, count in one.counts.items():
            share = percent(count / answered) if answered else t["dash"]
            rows.append((title, labels.get(answer, answer), str(count), share))
        rows.append((title, t["refused"], str(one.refused), ""))
        if one.only:
            only = "; ".join(f"{name} {', '.join(some)}" for name, some in one.only.items())
            notes.append(f"{title}: {t['only'].format(only=only)}")
    if not rows:
        return Section("told", t["told"], t["no-answers"])
    head = (t["question"], t["answer"], t["answers"], t["share"])
    return Section(
        "told", t["told"], "", (Table(t["told"], head, tuple(rows), (1,)),), tuple(notes)
    )


def _missing(report: Report, t: Words) -> Section:
    head = (t["compared"], t["first"], t["second"], t["difference"], t["p"], t["note"])
    rows = (
        _difference("missing-answered", report.missing.answered, t),
        _difference("missing-in_call", report.missing.in_call, t),
    )
    return Section(
        "missing", t["missing"], t["missing-how"], (Table(t["missing"], head, rows, (5,)),)
    )


def _difference(key: str, found: Difference, t: Words) -> tuple[str, ...]:
    rates = with_interval(found.one), with_interval(found.other)
    if found.p is None:
        return (t[key], *rates, t["dash"], t["dash"], t["missing-few"])
    apart = f"{100 * found.value:+.1f} ({100 * found.low:+.1f} … {100 * found.high:+.1f})"
    verdict = t["missing-differ" if found.p < _SIGNIFICANT else "missing-alike"]
    return (t[key], *rates, apart, chance(found.p), verdict)


def _skew(report: Report, t: Words) -> Section:
    head = ("sign", "rate", "overdispersion", "agents", "too-few", "marked", "note")
    rows = tuple(_sign(one, t) for one in report.skew)
    wanted = report.wanted.agent
    found = [
        one
        for sign in report.skew
        for one in sign.findings
        if (one.agent == wanted if wanted else one.found)
    ]
    found.sort(key=lambda one: (one.adjusted, one.p, one.agent))
    meanings = tuple((t[one.sign], t[f"sign-{one.sign}"]) for one in report.skew)
    tables = [
        Table(t["skew"], tuple(t[one] for one in head), rows, (6,)),
        Table(t["signs"], (t["sign"], t["meaning"]), meanings, (1,)),
    ]
    if found:
        title = t["of-agent"].format(name=wanted) if wanted else t["found"]
        tables.append(_findings(title, found, t))
    none = not any(one.found for one in found) and any(one.findings for one in report.skew)
    return Section(
        "skew", t["skew"], t["skew-how"], tuple(tables), (t["found-none"],) if none else ()
    )


def _sign(one: Compared, t: Words) -> tuple[str, ...]:
    marked = sum(finding.found for finding in one.findings)
    rate = t["dash"] if one.rate is None else percent(one.rate)
    if one.rho is None:
        return (t[one.sign], rate, t["dash"], "0", str(one.too_few), t["dash"], t["skew-few"])
    counts = str(len(one.findings)), str(one.too_few), str(marked)
    return (t[one.sign], rate, f"{one.rho:.4f}", *counts, "")


def _findings(title: str, found: list[Finding], t: Words) -> Table:
    head = ("agent-number", "sign", "hits", "tries", "rate", "expected", "p", "adjusted", "marked")
    rows = tuple(
        (
            one.agent,
            t[one.sign],
            str(one.hits),
            str(one.count),
            percent(one.hits / one.count),
            percent(one.expected),
            chance(one.p),
            chance(one.adjusted),
            t["yes" if one.found else "no"],
        )
        for one in found
    )
    strong = frozenset(place for place, one in enumerate(found) if one.found)
    return Table(title, tuple(t[one] for one in head), rows, (1,), strong)


def _reward(report: Report, t: Words) -> Section:
    fit = report.fit
    if fit is None:
        few = len(report.points) < LEAST_AGENTS
        said = t["reward-few" if few else "reward-alike"].format(points=len(report.points))
        note = report.unfitted or said
        return Section("reward", t["reward"], t["reward-how"], (), (note,))
    head = (t["effect"], t["coefficient"], t["interval"], t["p"], t["vif"])
    rows = tuple(
        (
            t[one.name],
            f"{one.coefficient:+.2f}",
            f"{one.low:+.2f} … {one.high:+.2f}",
            chance(one.p),
            f"{one.vif:.1f}",
        )
        for one in fit.effects
    )
    notes = [t["r2"].format(r2=f"{fit.r2:.2f}", agents=fit.agents)]
    if fit.collinear:
        names = ", ".join(t[one] for one in fit.collinear)
        notes.append(t["reward-collinear"].format(names=names))
    table = Table(t["reward"], head, rows)
    return Section("reward", t["reward"], t["reward-how"], (table,), tuple(notes))


def percent(share: float) -> str:
    """Write a share."""
    return f"{100 * share:.1f} %"


def with_interval(rate: Rate, digits: int = 1) -> str:
    """Write a rate with its interval; a dash of nothing."""
    if not rate.count:
        return "–"
    low, high = (f"{100 * one:.{digits}f}" for one in rate.interval())
    return f"{100 * rate.value:.{digits}f} % ({low} … {high})"


def value(measure: str, figure: Figure) -> str:
    """Write a score with its interval: shares in per cent, NPS in points, CES as a key."""
    if measure == "ces":
        return f"{figure.value:.2f} ({figure.low:.2f} … {figure.high:.2f})"
    unit, sign = ("", "+") if measure == "nps" else (" %", "")
    low, high = (f"{100 * one:{sign}.1f}" for one in (figure.low, figure.high))
    return f"{100 * figure.value:{sign}.1f}{unit} ({low} … {high})"


def chance(p: float) -> str:
    """Write a p."""
    if p < _NOTHING:
        return f"< {_NOTHING:.0e}"
    return f"{p:.3f}" if p >= 0.001 else f"{p:.0e}"
