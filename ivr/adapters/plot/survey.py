"""Pictures of the survey report, as SVG to stand in a page: text as text, black and white."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ivr.adapters.plot.sheet import fonts
from ivr.centre.surveyreport.assessment import EXPLANATIONS, Point
from ivr.centre.surveyreport.funnel import funnel, placed
from ivr.centre.surveyreport.scores import Figure as Score
from ivr.centre.surveyreport.skew import Compared

Words = Mapping[str, str]
_MOST_DAYS = 12
_HATCHES = ("", "///", "...", "xxx", "\\\\\\", "+++", "---", "ooo", "**", "||", "OO")
_ID = re.compile(r' id="([^"]+)"')
_REFERENCE = re.compile(r"#([^\")]+)")


def coverage_by_day(days: Mapping[str, Score], words: Words, language: str) -> str:
    """Draw the coverage of each day with its interval, in per cent."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        _by_day(axes, days, 100, "k-o")
        axes.set_ylim(top=100)
        axes.set_ylabel(words["axis-coverage"])

    return _drawn(draw, (9, 2.8), language, "coverage")


def trend(csat: Mapping[str, Score], nps: Mapping[str, Score], words: Words, language: str) -> str:
    """Draw CSAT and NPS day by day with their intervals, one above the other."""

    def draw(figure: Figure) -> None:
        upper, lower = figure.subplots(2, 1)
        _by_day(upper, csat, 100, "k-s")
        upper.set_ylabel(words["axis-csat"])
        _by_day(lower, nps, 100, "k-^")
        lower.set_ylabel(words["axis-nps"])

    return _drawn(draw, (9, 4.6), language, "trend")


def _by_day(axes: Axes, days: Mapping[str, Score], scale: float, style: str) -> None:
    _plain(axes)
    places = range(len(days))
    values = [scale * one.value for one in days.values()]
    below = [scale * (one.value - one.low) for one in days.values()]
    above = [scale * (one.high - one.value) for one in days.values()]
    axes.errorbar(
        places,
        values,
        (below, above),
        fmt=style,
        markersize=4,
        linewidth=1,
        capsize=3,
        ecolor="0.4",
    )
    every = max(1, -(-len(days) // _MOST_DAYS))
    axes.set_xticks(list(places)[::every], [day[5:] for day in list(days)[::every]])


def answers(questions: Sequence[tuple[str, Mapping[str, int]]], words: Words, language: str) -> str:
    """Draw for each question, by its title, what share each answer has."""

    def draw(figure: Figure) -> None:
        for axes, (title, counts) in zip(
            figure.subplots(len(questions), 1, squeeze=False)[:, 0], questions, strict=True
        ):
            _plain(axes)
            whole = sum(counts.values()) or 1
            shares = [100 * count / whole for count in counts.values()]
            places = range(len(counts))
            bars = axes.bar(places, shares, 0.7, color="0.92", edgecolor="black", linewidth=0.8)
            for bar, hatch in zip(bars, _HATCHES, strict=False):
                bar.set_hatch(hatch)
            axes.bar_label(bars, [f"{share:.0f}" for share in shares], fontsize=8)
            axes.set_xticks(list(places), list(counts))
            axes.set_title(title, loc="left", fontsize=10)
            axes.set_ylabel(words["axis-answers"])
            axes.margins(y=0.18)

    return _drawn(draw, (9, 2.1 * len(questions)), language, "answers")


def funnel_of(sign: Compared, words: Words, language: str) -> str:
    """Draw agents by how often a sign was counted of them, between the limits of honest ones."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        _plain(axes)
        limits = funnel(sign)
        counts = [one.count for one in limits]
        for label, style, fields in (
            ("limit-95", "k--", ("low", "high")),
            ("limit-998", "k-", ("lowest", "highest")),
        ):
            for number, field in enumerate(fields):
                rates = [100 * getattr(one, field) for one in limits]
                axes.plot(
                    counts, rates, style, linewidth=1, label=words[label] if not number else None
                )
        axes.axhline(100 * (sign.rate or 0), color="0.5", linestyle=":", label=words["mean"])
        for found, marker, fill in ((False, "o", "white"), (True, "^", "black")):
            some = [one for one in sign.findings if one.found is found]
            axes.plot(
                [one.count for one in some],
                [100 * placed(sign, one) for one in some],
                marker,
                color="black",
                markerfacecolor=fill,
                markersize=8 if found else 5,
                label=words["marked" if found else "unmarked"],
            )
            for one in some if found else ():
                axes.annotate(
                    one.agent,
                    (one.count, 100 * placed(sign, one)),
                    (6, 4),
                    textcoords="offset points",
                    fontsize=9,
                )
        axes.set_xlabel(words["axis-count"])
        axes.set_ylabel(words["axis-rate"])
        axes.legend(
            fontsize=8, ncols=5, loc="upper center", bbox_to_anchor=(0.5, 1.16), frameon=False
        )

    return _drawn(draw, (9, 4), language, sign.sign)


def reward(points: Sequence[Point], words: Words, language: str) -> str:
    """Draw agents' CSAT against each explanation; a bigger mark is more answers."""

    def draw(figure: Figure) -> None:
        for axes, name in zip(figure.subplots(1, 3, sharey=True), EXPLANATIONS, strict=True):
            _plain(axes)
            scale = 100 if name == "settled" else 1
            most = max(one.answers for one in points)
            axes.scatter(
                [scale * getattr(one, name) for one in points],
                [100 * one.csat for one in points],
                [10 + 70 * one.answers / most for one in points],
                facecolor="none",
                edgecolor="black",
            )
            axes.set_xlabel(words[f"axis-{name}"])
            axes.xaxis.set_major_locator(MaxNLocator(5))
            if name == EXPLANATIONS[0]:
                axes.set_ylabel(words["axis-csat"])

    return _drawn(draw, (9, 3.2), language, "reward")


def _plain(axes: Axes) -> None:
    axes.grid(color="0.88", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _drawn(
    draw: Callable[[Figure], None], size: tuple[float, float], language: str, name: str
) -> str:
    """Return what is drawn, the same for the same figures; `name` keeps what it refers to apart from that of
    other pictures. Raises CannotPlot."""
    file = io.StringIO()
    with rc_context(
        {
            "font.family": fonts(language),
            "font.size": 9,
            "svg.fonttype": "none",
            "svg.hashsalt": name,
            "axes.unicode_minus": False,
        }
    ):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        figure.savefig(
            file, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type"))
        )
    return _inline(file.getvalue())


def _inline(svg: str) -> str:
    """Return the picture alone: without the file's head, and without the names that nothing refers to, which
    several pictures of one page would have in common."""
    svg = svg[svg.index("<svg") :]
    used = set(_REFERENCE.findall(svg))
    return _ID.sub(lambda match: match[0] if match[1] in used else "", svg)
