"""Charts as SVG, drawn by hand: black lines and hatches, text that can be read aloud, the same bytes for the
same figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from math import ceil, floor, log10

from ivr.centre.voc.figures import Cell, Row

WIDTH, HEIGHT = 900, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 12, 14, 34
_LINE = 26
"""Height of a line of the steps' chart."""
_NAMES = 270
MOST_STEPS = 15

Words = Mapping[str, str]


def trend(rows: Sequence[Row], words: Words, at: str = "day") -> str:
    """Draw a rate by day or month (the row's field `at`), with its centre and its limits; what is no chance
    is a filled square."""
    values = [_number(row[name]) for row in rows for name in ("per_thousand", "high")]
    top = _nice(max([value for value in values if value is not None], default=1.0))
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(rows))

    def x(place: int) -> float:
        return _LEFT + step * (place + 0.5)

    def y(value: float) -> float:
        return HEIGHT - _BOTTOM - (HEIGHT - _BOTTOM - _TOP) * value / top

    parts = [*_scale(top, y), *_days(rows, x, at), _legend(words)]
    for name, kind in (("high", "limit"), ("low", "limit"), ("centre", "centre")):
        parts += _curve(rows, name, kind, x, y)
    parts += _curve(rows, "per_thousand", "rate", x, y)
    parts += [_mark(row, x(place), y, words, at) for place, row in enumerate(rows)]
    return _svg(WIDTH, HEIGHT, words[f"{at}_title"], words["trend_text"], parts)


def steps(rows: Sequence[Row], words: Words) -> str:
    """Draw the first steps' rates as points with their intervals."""
    shown = [row for row in rows if row["complaints"] and row["high"] is not None][:MOST_STEPS]
    top = _nice(max((_number(row["high"]) or 0 for row in shown), default=1.0))
    height = _TOP + _LINE * len(shown) + _BOTTOM

    def x(value: float) -> float:
        return _NAMES + (WIDTH - _NAMES - _RIGHT - 8) * value / top

    parts: list[str] = []
    for tick in _ticks(top):
        parts.append(_path("grid", [(x(tick), _TOP), (x(tick), height - _BOTTOM)]))
        parts.append(_text(x(tick), height - _BOTTOM + 18, _short(tick), "middle"))
    for place, row in enumerate(shown):
        middle = _TOP + _LINE * (place + 0.5)
        low, rate, high = (_number(row[name]) or 0 for name in ("low", "per_thousand", "high"))
        parts.append(_text(_NAMES - 10, middle + 5, str(row["step"]), "end"))
        parts.append(_path("range", [(x(low), middle), (x(high), middle)]))
        parts += [
            _path("range", [(x(end), middle - 5), (x(end), middle + 5)]) for end in (low, high)
        ]
        parts.append(f'<circle class="point" cx="{x(rate):.1f}" cy="{middle:.1f}" r="5"/>')
    return _svg(WIDTH, height, words["steps_title"], words["steps_text"], parts)


def _svg(width: int, height: int, title: str, text: str, parts: Sequence[str]) -> str:
    drawn = "\n".join(part for part in parts if part)
    label = escape(f"{title}. {text}")
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{label}"'
        f' xmlns="http://www.w3.org/2000/svg">\n{drawn}\n</svg>'
    )


def _scale(top: float, y: Callable[[float], float]) -> Iterator[str]:
    for tick in _ticks(top):
        yield _path("grid", [(_LEFT, y(tick)), (WIDTH - _RIGHT, y(tick))])
        yield _text(_LEFT - 8, y(tick) + 5, _short(tick), "end")


def _days(rows: Sequence[Row], x: Callable[[int], float], at: str) -> Iterator[str]:
    """Write every other day of a month below, or month of a year."""
    for place in range(0, len(rows), 2):
        yield _text(x(place), HEIGHT - _BOTTOM + 20, str(int(str(rows[place][at])[-2:])), "middle")


def _legend(words: Words) -> str:
    """Say what the lines are; it stands above the plot, at the right."""
    kinds = (("rate", "legend_rate"), ("centre", "legend_centre"), ("limit", "legend_limit"))
    parts = []
    for place, (kind, name) in enumerate(kinds):
        left = WIDTH - _RIGHT - 200 * (len(kinds) - place)
        parts.append(_path(kind, [(left, 8), (left + 32, 8)]))
        parts.append(_text(left + 40, 13, words[name], "start"))
    return "\n".join(parts)


def _curve(
    rows: Sequence[Row],
    name: str,
    kind: str,
    x: Callable[[int], float],
    y: Callable[[float], float],
) -> Iterator[str]:
    """Draw a curve; days without the figure are gaps."""
    run: list[tuple[float, float]] = []
    for place in range(len(rows) + 1):
        value = _number(rows[place][name]) if place < len(rows) else None
        if value is not None:
            run.append((x(place), y(value)))
        elif run:
            yield _path(kind, run)
            run = []


def _mark(row: Row, x: float, y: Callable[[float], float], words: Words, at: str) -> str:
    rate = _number(row["per_thousand"])
    if rate is None:
        return ""
    said = words[f"signal_{row['signal'] or 'none'}"]
    title = f"<title>{escape(str(row[at]))}: {rate:.2f} ({escape(said)})</title>"
    if row["signal"]:
        return f'<rect class="signal" x="{x - 6:.1f}" y="{y(rate) - 6:.1f}" width="12" height="12">{title}</rect>'
    return f'<circle class="day" cx="{x:.1f}" cy="{y(rate):.1f}" r="3.5">{title}</circle>'


def _path(kind: str, points: Sequence[tuple[float, float]]) -> str:
    drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="{kind}" points="{drawn}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _number(value: Cell) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _nice(top: float) -> float:
    """Return a round number that is at least `top`."""
    if top <= 0:
        return 1.0
    unit = 10.0 ** floor(log10(top))
    return next(
        step * unit for step in (1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10) if step * unit >= top * 0.999
    )


def _ticks(top: float) -> list[float]:
    return [top * part / 5 for part in range(6)]


def _short(value: float) -> str:
    return f"{value:.0f}" if value == ceil(value) else f"{value:.2g}"
