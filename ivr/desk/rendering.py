"""Rendering pages: templates, static files, and the languages."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ivr.centre.ledger.masking import masked
from ivr.desk.wording import words

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"


def render(template: str, language: str, **values: Any) -> str:
    """Return a page, or a part of one, in a language."""
    context = {"t": words(language), "language": language, **values}
    return _environment().get_template(template).render(context)


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.globals["static"] = _address
    found.filters.update(time=_time, day=_day, lasts=lasts, left=left, share=_share, masked=masked)
    return found


@cache
def _address(name: str) -> str:
    """Return where a static file is; another content is elsewhere, so browsers may keep it."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
    return f"/static/{name}?{digest[:12]}"


def _time(at: datetime) -> str:
    return f"{at:%H:%M:%S}"


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def lasts(seconds: float) -> str:
    """Return a span as people read it: 0:07, 12:40, 1:02:03."""
    minutes, left = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


def left(seconds: float, language: str) -> str:
    """Return a time of hours and days roughly, as people say it: 3 d 4 h, 5 h 20 min, 12 min."""
    said = words(language)
    minutes = int(abs(seconds)) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    units = ((days, "days"), (hours, "hours")) if days else ((hours, "hours"), (minutes, "minutes"))
    shown = [f"{count} {said[f'unit-{unit}']}" for count, unit in units if count]
    return " ".join(shown) or f"0 {said['unit-minutes']}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def differing(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """Return the parts of a page that are not as they were."""
    return {name: text for name, text in now.items() if before.get(name) != text}
