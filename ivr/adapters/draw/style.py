"""How a picture looks, whatever draws it: its words, and its colours for traffic.

The busier a way, the darker *and* wider it is, and it bears its number: the scale can be read in
black and white as well.
"""

from __future__ import annotations

import itertools
import math
import re

from ivr.centre.traffic import StepTraffic
from ivr.engine.picture import Arrow, Box, Kind, Marker, Picture, Sign

HEAT = ("#fdbe85", "#fd8d3c", "#e6550d", "#b63b02", "#7f2704")
"""From few calls to many."""
NOBODY = "#b8b8b8"
INK = "#37474f"
PALE = "#90a4ae"
WIDEST = 6.0

_UNSAFE = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")


def clean(text: str) -> str:
    """Return a text on one line, with nothing in it that XML cannot hold."""
    return " ".join(_UNSAFE.sub(" ", text).split())


def busiest(picture: Picture) -> int:
    """Return the calls of the busiest way; 0 when nobody called."""
    return max((arrow.calls or 0 for arrow in picture.arrows), default=0)


def level(calls: int, most: int) -> int:
    """Return how much of the scale a way takes: 0 nobody, up to `len(HEAT)`.

    It grows with the square root, so that rare ways can be told from ways that nobody takes.
    """
    return math.ceil(len(HEAT) * math.sqrt(calls / most)) if calls and most else 0


def colour(calls: int, most: int) -> str:
    """Return the colour of a way."""
    return HEAT[level(calls, most) - 1] if calls and most else NOBODY


def width(calls: int, most: int) -> float:
    """Return how wide a way is drawn, in points."""
    return round(1 + (WIDEST - 1) * math.sqrt(calls / most), 1) if calls and most else 1.0


def scale(most: int) -> list[tuple[str, float, str]]:
    """Return the legend: colour, width and the numbers of calls it stands for."""
    steps = len(HEAT)
    highest = [math.floor(most * (place / steps) ** 2) for place in range(steps + 1)]
    return [
        (HEAT[place - 1], width(high, most), str(high) if low + 1 == high else f"{low + 1}–{high}")
        for place, (low, high) in enumerate(itertools.pairwise(highest), 1)
        if high > low
    ]


def sign(marker: Marker) -> str:
    """Return what stands on a marker."""
    mark = {Sign.NUMBER: "☎ ", Sign.EVENT: "any ", Sign.STEP: "→ "}[marker.sign]
    return clean(mark + marker.text)


def title(box: Box) -> str:
    """Return a step's name, and what its flow comes back with there."""
    return clean(f"{box.name} → {box.outcome}" if box.outcome else box.name)


def kind(box: Box) -> str:
    """Return a step's type, and the auth level it needs."""
    return clean(f"{box.verb} · level {box.level}" if box.level else box.verb)


def figures(traffic: StepTraffic) -> str:
    """Return what happened in a step, in one line."""
    if not traffic.visits:
        return "no visits"
    gone = [f"{traffic.drop_off:.1%} gone"] if traffic.drop_off else []
    seconds = f"{traffic.average_ms / 1000:.1f} s"
    return " · ".join([f"{traffic.visits:,} visits", *gone, seconds])


def words(arrow: Arrow) -> list[str]:
    """Return the lines that stand on an arrow."""
    back = arrow.labels and arrow.kind is Kind.CALL
    said = (f"back: {arrow.labels[0]}", *arrow.labels[1:]) if back else arrow.labels
    labels = [clean(" · ".join(some)) for some in _rows(said)]
    return [*labels, f"{arrow.calls:,}"] if arrow.calls else labels


def _rows(labels: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Put labels on lines: short ones together."""
    if sum(map(len, labels)) <= 18:
        return [labels] if labels else []
    return [(label,) for label in labels]
