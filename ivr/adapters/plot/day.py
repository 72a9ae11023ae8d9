"""Waiting and abandonment over a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta, tzinfo
from math import nan
from pathlib import Path

from matplotlib import rc_context
from matplotlib.ticker import PercentFormatter

from ivr.adapters.plot.sheet import Span, fonts, sheet, write
from ivr.adapters.plot.values import Curve

_WIDTH = timedelta(minutes=15)
_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "offered": "calls offered in 15 min",
        "asa": "average speed\nof answer, s",
        "abandonment": "abandonment",
        "level": "service level",
        "goal": "target",
        "shares": "share of calls offered",
    },
    "zh": {
        "offered": "每 15 分钟来电数",
        "asa": "平均应答速度（秒）",
        "abandonment": "放弃率",
        "level": "服务水平",
        "goal": "目标",
        "shares": "占来电的比例",
    },
}


def plot_day(
    file: Path,
    curve: Sequence[Curve],
    title: str,
    zone: tzinfo,
    language: str = "en",
    most_abandonment: float = 0.05,
) -> None:
    """Draw calls, waiting and abandonment by interval, with the target of abandonment as a line.
    Raises CannotPlot."""
    words, families = _WORDS[language], fonts(language)
    span = Span(curve[0].begins, curve[-1].begins + _WIDTH, zone)
    middles = [span.at(one.begins + _WIDTH / 2) for one in curve]
    with rc_context({"font.family": families}):
        figure, (calls, waits, shares) = sheet(3, span)
        calls.set_title(title, loc="left", fontsize=11)
        heights = [one.offered for one in curve]
        calls.bar(middles, heights, 0.225, color="0.8", edgecolor="black", linewidth=0.5)
        calls.set_ylabel(words["offered"])
        waits.plot(middles, _gaps(one.asa_s for one in curve), "k-o", markersize=3)
        waits.set_ylabel(words["asa"])
        waits.set_ylim(bottom=0)
        level = _gaps(one.service_level for one in curve)
        shares.plot(middles, level, "k-s", markersize=3, label=words["level"])
        lost = _gaps(one.abandonment for one in curve)
        shares.plot(middles, lost, "k--^", markersize=3, label=words["abandonment"])
        goal = f"{words['goal']} {most_abandonment:.0%}"
        shares.axhline(most_abandonment, color="0.4", linestyle=":", label=goal)
        shares.set_ylim(0, 1.02)
        shares.yaxis.set_major_formatter(PercentFormatter(1))
        shares.set_ylabel(words["shares"])
        shares.legend(fontsize=8, ncols=3, loc="center right", framealpha=1)
        write(figure, file, families)


def _gaps(values: Iterable[float | None]) -> list[float]:
    """Return values to draw; where there is none, the line has a gap."""
    return [nan if value is None else value for value in values]
