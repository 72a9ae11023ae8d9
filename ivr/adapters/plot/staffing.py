"""How many agents are needed over a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from pathlib import Path

from matplotlib import rc_context
from matplotlib.ticker import MaxNLocator

from ivr.adapters.plot.sheet import Span, fonts, sheet, write
from ivr.adapters.plot.values import Need

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {"agents": "agents", "load": "load, erlangs", "paid": "scheduled"},
    "zh": {"agents": "坐席人数", "load": "话务量（爱尔兰）", "paid": "排班人数"},
}


def plot_staffing(
    file: Path, needs: Sequence[Need], title: str, zone: tzinfo, language: str = "en"
) -> None:
    """Draw how many agents are needed by interval. Raises CannotPlot."""
    words, families = _WORDS[language], fonts(language)
    span = Span(needs[0].begins, needs[-1].ends, zone)
    edges = [*(span.at(one.begins) for one in needs), span.hours]
    steps: Sequence[tuple[str, list[float], str, str, float]] = [
        (words["paid"], [one.scheduled for one in needs], "-", "0.6", 3.0),
        ("Erlang C", [one.erlang_c for one in needs], "--", "black", 1.2),
        ("Erlang A", [one.erlang_a for one in needs], "-", "black", 1.8),
        (words["load"], [one.load for one in needs], ":", "black", 1.2),
    ]
    with rc_context({"font.family": families}):
        figure, (axes,) = sheet(1, span)
        axes.set_title(title, loc="left", fontsize=11)
        for label, values, dashes, colour, width in steps:
            axes.step(
                edges,
                [*values, values[-1]],
                where="post",
                linestyle=dashes,
                color=colour,
                linewidth=width,
                label=label,
            )
        axes.set_ylabel(words["agents"])
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend(fontsize=8, ncols=4, loc="lower center", framealpha=1)
        write(figure, file, families)
