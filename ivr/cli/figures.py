"""How the figures of queues are written: for people, and for programs."""

from __future__ import annotations

import enum
from typing import Annotated, Any

import msgspec
import typer

from ivr.centre.kpi import Counts


class Tongue(enum.StrEnum):
    """Languages that pictures are labelled in."""

    EN = "en"
    ZH = "zh"


OfPicture = Annotated[Tongue, typer.Option("--language", "-l", help="Of the picture.")]

FIGURES = (
    "service_level",
    "service_level_b",
    "abandonment",
    "abandonment_net",
    "asa_s",
    "time_to_abandon_s",
    "aht_s",
    "talk_s",
    "hold_s",
    "acw_s",
    "transfer_rate",
    "misroute",
    "missed_rate",
)
"""The formulas of `Counts`."""


def of_counts(counts: Counts) -> dict[str, Any]:
    """Return the counts and all that comes of them; null where something is divided by nothing."""
    figures = {name: getattr(counts, name) for name in FIGURES}
    return {**msgspec.structs.asdict(counts), **figures}


def share(value: float | None) -> str:
    """Write a share of calls."""
    return "–" if value is None else f"{100 * value:.1f} %"


def time(value: float | None) -> str:
    """Write an average time."""
    return "–" if value is None else f"{value:.1f} s"


def tenths(value: float | None) -> str:
    """Write an average time where the heading says its unit."""
    return "–" if value is None else f"{value:.1f}"
