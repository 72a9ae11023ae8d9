"""What is drawn, and what a picture may be named: known without matplotlib, which takes long to load."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from ivr.model.errors import OneCallError

SUFFIXES = (".png", ".svg")


class CannotPlot(OneCallError):
    """A picture cannot be drawn or written: why, and what to do."""


class Curve(msgspec.Struct, frozen=True):
    """The figures of one interval: None where there are none."""

    begins: datetime
    offered: float
    asa_s: float | None
    abandonment: float | None
    service_level: float | None


class Need(msgspec.Struct, frozen=True):
    """What one interval needs: agents by Erlang A and by Erlang C, and how many are to be scheduled."""

    begins: datetime
    ends: datetime
    load: float
    erlang_a: int
    erlang_c: int
    scheduled: int


def check_name(file: Path) -> None:
    """Refuse a file of another format, before anything takes long. Raises CannotPlot."""
    if file.suffix.lower() not in SUFFIXES:
        raise CannotPlot(f"{file}: a picture is named {' or '.join('*' + one for one in SUFFIXES)}")
