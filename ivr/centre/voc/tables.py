"""The figures of a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from ivr.centre.rates import Rate
from ivr.centre.voc import control, hot, year
from ivr.centre.voc.figures import Cell, Figure, Row, figure
from ivr.centre.voc.material import Material
from ivr.centre.voc.values import How, Matter, Source
from ivr.centre.voc.year import Past


def figures(material: Material) -> tuple[Figure, ...]:
    """Return all figures, in the order in which they are shown."""
    hashed = material.hashed()
    month = material.month
    asked = {
        "since": month.begins(material.zone).isoformat(),
        "until": material.until.isoformat(),
        "branch": material.branch,
        "calls of": material.exposed or "the whole bank",
    }
    flows = sorted(material.now.traffic.versions)
    found = []
    for name, (what, rows) in FIGURES.items():
        made = rows(material)
        data = [hashed, _counted(material), [dict(row) for row in made]]
        found.append(figure(name, {"what": what, **asked}, data, flows, made))
    return tuple(found)


def _counted(material: Material) -> list[object]:
    """Return the calls and visits that figures are computed of."""
    traffic = material.now.traffic
    return [sorted(traffic.calls.items()), sorted(traffic.visits.items())]


def _complaints(matters: Iterable[Matter]) -> list[Matter]:
    return [one for one in matters if one.complaint]


def _per_thousand(hits: int, count: int) -> dict[str, Cell]:
    """Return a rate per 1,000 with Wilson's 95 % interval; None of nothing."""
    if not count:
        return {"per_thousand": None, "low": None, "high": None}
    rate = Rate(min(hits, count), count)
    low, high = rate.interval()
    return {"per_thousand": 1000 * hits / count, "low": 1000 * low, "high": 1000 * high}


def _totals(material: Material) -> list[Row]:
    now, before = (material.matters(half) for half in (material.now, material.before))
    said = list(material.said(material.now))
    found = sum(bool(one.theme) for one in said)
    complaints = len(_complaints(now))
    calls = material.now.calls(material.exposed)
    return [
        {
            "calls": material.now.calls(material.branch),
            "calls_before": material.before.calls(material.branch),
            "collected": len(said),
            "classified": found,
            "unclassified": len(said) - found,
            "matters": len(now),
            "matters_before": len(before),
            "complaints": complaints,
            "complaints_before": len(_complaints(before)),
            **_per_thousand(complaints, calls),
        }
    ]


def _sources(material: Material) -> list[Row]:
    now, before = (list(material.said(half)) for half in (material.now, material.before))
    return [
        {
            "source": source.value,
            "voices": sum(one.voice.source is source for one in now),
            "complaints": sum(one.voice.source is source and one.complaint for one in now),
            "before": sum(one.voice.source is source for one in before),
        }
        for source in Source
    ]


def _found_by(material: Material) -> list[Row]:
    counts = Counter(one.how for one in material.said(material.now))
    return [{"how": how.value, "voices": counts[how]} for how in How]


def _themes(material: Material) -> list[Row]:
    now, before = (material.matters(half) for half in (material.now, material.before))
    calls = material.now.calls(material.exposed)
    rows: list[Row] = []
    for group, document in material.taxonomy.taxonomy.items():
        names = [f"{group}.{name}" for name in document.themes]
        rows.append(_theme(group, 1, names, now, before, calls))
        rows += [_theme(name, 2, [name], now, before, calls) for name in names]
    return [*rows, _theme("", 1, [""], now, before, calls)]


def _theme(
    name: str,
    level: int,
    themes: Sequence[str],
    now: Sequence[Matter],
    before: Sequence[Matter],
    calls: int,
) -> Row:
    mine = [one for one in now if one.theme in themes]
    complaints = len(_complaints(mine))
    return {
        "theme": name,
        "level": level,
        "matters": len(mine),
        "complaints": complaints,
        "before": sum(one.theme in themes for one in before),
        "share": len(mine) / len(now) if now else None,
        **_per_thousand(complaints, calls),
    }


def _trend(material: Material) -> list[Row]:
    days = material.month.days(material.zone)
    begins = [int(day.timestamp() * 1000) for day in days]
    counts = [0] * len(days)
    for matter in _complaints(material.matters(material.now)):
        counts[sum(at <= matter.first.at_ms for at in begins) - 1] += 1
    calls = material.now.by_day(material.exposed)
    centre, found = control.limits(counts, [one / 1000 for one in calls])
    return [
        {
            "day": f"{day:%Y-%m-%d}",
            "complaints": one.count,
            "calls": number,
            "per_thousand": one.rate,
            "centre": centre,
            "low": one.low,
            "high": one.high,
            "signal": one.signal,
        }
        for day, number, one in zip(days, calls, found, strict=True)
    ]


def _year(material: Material) -> list[Row]:
    complaints = len(_complaints(material.matters(material.now)))
    calls = material.now.calls(material.exposed)
    return year.rows([*material.past, Past(str(material.month), complaints, calls, "")])


def _steps(material: Material) -> list[Row]:
    visits: Counter[str] = Counter()
    for (branch, step), count in material.now.traffic.visits.items():
        if material.exposed in ("", branch):
            visits[step] += count
    said = (one for one in material.said(material.now) if one.complaint and one.voice.menu)
    calls = {(one.voice.call, one.voice.menu) for one in said}
    complaints = Counter(menu for _, menu in calls)
    rows: list[Row] = [
        {
            "step": step,
            "visits": visits[step],
            "complaints": complaints[step],
            **_per_thousand(complaints[step], visits[step]),
        }
        for step in sorted(visits.keys() | complaints.keys())
    ]
    return sorted(rows, key=lambda row: (-float(row["low"] or 0), -int(row["complaints"] or 0)))


def _branches(material: Material) -> list[Row]:
    """Count by branch, the head office's own last; a branch's report has no other branches."""
    branches = (material.branch,) if material.branch else (*material.taxonomy.branches, "")
    rows: list[Row] = []
    for branch in branches:
        now, before = (
            [one for one in half.matters if one.branch == branch]
            for half in (material.now, material.before)
        )
        complaints = len(_complaints(now))
        calls = sum(n for (_, b), n in material.now.traffic.calls.items() if b == branch)
        rows.append(
            {
                "branch": branch,
                "calls": calls,
                "matters": len(now),
                "complaints": complaints,
                "before": len(_complaints(before)),
                **_per_thousand(complaints, calls),
            }
        )
    return sorted(rows, key=lambda row: (not row["branch"], -int(row["complaints"] or 0)))


def _feedback(material: Material) -> list[Row]:
    return [
        {
            "feedback": one.sent.feedback,
            "branch": one.sent.branch,
            "theme": one.sent.theme,
            "matters": one.sent.matters,
            "complaints": one.sent.complaints,
            "due": f"{one.sent.due:%Y-%m-%d}",
            "standing": one.standing(material.until).value,
            "replied": f"{one.replied_at:%Y-%m-%d}" if one.replied_at else "",
            "reply": one.reply,
            "closed": f"{one.closed_at:%Y-%m-%d}" if one.closed_at else "",
            "how": one.how,
        }
        for one in material.feedback
        if material.branch in ("", one.sent.branch)
    ]


def _classifier(material: Material) -> list[Row]:
    """What cross-validation says; first of all themes together."""
    found = material.accuracy
    if found is None:
        return []
    whole: Row = {
        "theme": "",
        "lessons": found.lessons,
        "f1": found.macro_f1,
        "accuracy": found.accuracy,
        "folds": found.folds,
    }
    each: list[Row] = [
        {"theme": name, "lessons": count, "f1": f1, "accuracy": None, "folds": found.folds}
        for name, (f1, count) in sorted(found.themes.items())
    ]
    return [whole, *each]


FIGURES: Mapping[str, tuple[str, Callable[[Material], list[Row]]]] = {
    "totals": ("calls begun, what was said in them, and the matters it is merged to", _totals),
    "sources": ("what was said, by where it was said", _sources),
    "found_by": ("what was said, by what found its theme", _found_by),
    "themes": ("matters and complaints by theme; complaints per 1,000 calls", _themes),
    "trend": ("complaints begun on each day per 1,000 calls of the day; Laney's u′-chart", _trend),
    "year": (
        "complaints per 1,000 calls of the month and of those before it, as reported; Laney's u′-chart",
        _year,
    ),
    "hot": (
        "complaints by theme, and by branch and theme, against the month before; exact test, q = 0.05",
        hot.rows,
    ),
    "steps": ("calls that complained, by their last menu step, per 1,000 visits of it", _steps),
    "branches": ("complaints by branch, per 1,000 of its own calls", _branches),
    "feedback": ("feedback on the month before, as it stood when the month ended", _feedback),
    "classifier": ("cross-validation of the classifier on all corrections", _classifier),
}
"""What each figure says, and what makes its rows."""
