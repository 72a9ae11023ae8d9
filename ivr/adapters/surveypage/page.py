"""The report as one HTML file that needs nothing else: it may be mailed, printed, or put on a wall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ivr.adapters.surveypage.sections import Section, words
from ivr.centre.surveyreport.report import Wanted


class Picture(msgspec.Struct, frozen=True):
    """An SVG, what it is called, and what it shows in words."""

    title: str
    alt: str
    svg: str


def page(
    wanted: Wanted,
    sections: Sequence[Section],
    pictures: Mapping[str, Sequence[Picture]],
    language: str,
) -> str:
    """Return the page; pictures stand in the section of their key, before its tables."""
    template = _environment().get_template("report.html")
    t = words(language)
    return template.render(
        t=t,
        language="zh-CN" if language == "zh" else language,
        heading=heading(wanted, t),
        sections=sections,
        pictures=pictures,
    )


def heading(wanted: Wanted, t: Mapping[str, str]) -> str:
    """Say which calls are reported."""
    said = [t["period"].format(first=wanted.first, last=wanted.last)]
    for only, name in (("only-queue", wanted.queue), ("only-agent", wanted.agent)):
        if name:
            said.append(t[only].format(name=name))
    return " · ".join(said)


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["drawn"] = Markup
    return found
