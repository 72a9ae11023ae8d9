"""The sheet a picture is drawn on: fonts that have Chinese, black lines told apart by their dashes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from matplotlib import font_manager, rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator

from ivr.adapters.plot.values import CannotPlot, check_name

_FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
)
"""Fonts with Chinese; the first that is there is taken."""
_MOST_TICKS = 12


class Span:
    """The part of a day that is drawn. Along it, time is in hours since it began; what is written below
    is the bank's clock."""

    def __init__(self, begins: datetime, ends: datetime, zone: tzinfo) -> None:
        self._begins = begins
        self._zone = zone
        self.hours = self.at(ends)

    def at(self, moment: datetime) -> float:
        """Return where a moment is."""
        return (moment - self._begins) / timedelta(hours=1)

    def clock(self, hours: float, _: int | None = None) -> str:
        """Return what the bank's clock shows there."""
        return f"{(self._begins + timedelta(hours=hours)).astimezone(self._zone):%H:%M}"


def sheet(panels: int, span: Span) -> tuple[Figure, list[Axes]]:
    """Return a figure with panels one below the other."""
    figure = Figure(figsize=(9, 1.5 + 2.2 * panels), layout="constrained")
    found = figure.subplots(panels, 1, sharex=True, squeeze=False)
    axes: list[Axes] = list(found[:, 0])
    for one in axes:
        one.grid(color="0.85", linewidth=0.6)
        one.set_axisbelow(True)
        one.spines[["top", "right"]].set_visible(False)
    last = axes[-1]
    last.xaxis.set_major_locator(MultipleLocator(max(1, -(-span.hours // _MOST_TICKS))))
    last.xaxis.set_major_formatter(FuncFormatter(span.clock))
    last.set_xlim(0, span.hours)
    return figure, axes


def fonts(language: str) -> list[str]:
    """Return the fonts to write in. Raises CannotPlot where Chinese cannot be written."""
    there = {font.name for font in font_manager.fontManager.ttflist}
    chinese = [font for font in _FONTS if font in there]
    if language == "zh" and not chinese:
        raise CannotPlot(
            "no font with Chinese is here; run: sudo apt-get install fonts-wqy-microhei "
            "(or take --language en)"
        )
    return ["DejaVu Sans", *chinese]


def write(figure: Figure, file: Path, families: Sequence[str]) -> None:
    """Write a figure: the same figures to the same bytes. Raises CannotPlot."""
    check_name(file)
    undated = {"Date": None} if file.suffix.lower() == ".svg" else {"Software": None}
    try:
        with rc_context({"font.family": list(families), "svg.hashsalt": "onecall"}):
            figure.savefig(file, dpi=150, metadata=undated)
    except OSError as error:
        raise CannotPlot(f"{file}: cannot be written: {error.strerror}") from None
