"""The report as one HTML file: everything in it, nothing from elsewhere, so it can be sent and printed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from ivr.adapters.voc.charts import steps, trend
from ivr.centre.voc.figures import Cell, Unverifiable, VocReport, read_report, report_json
from ivr.model.taxonomy import TaxonomyDocument

LANGUAGES = ("zh", "en")
_OPENS = '<script type="application/json" id="report">'
_CLOSES = "</script>"


def page(report: VocReport, taxonomy: TaxonomyDocument, language: str) -> str:
    """Return the page. The same report gives the same bytes."""
    words = _words(language)
    names = _Names(taxonomy, language, words)
    rows = {figure.name: figure.rows for figure in report.figures}
    return (
        _environment()
        .get_template("report.html")
        .render(
            t=words,
            language=language,
            report=report,
            rows=rows,
            total=rows["totals"][0],
            theme=names.theme,
            branch=names.branch,
            trend=trend(rows["trend"], words),
            year=trend(rows["year"], words, "month"),
            steps=steps(rows["steps"], words),
            json=report_json(report).decode().replace("<", "\\u003c"),
        )
    )


def read_page(text: str) -> tuple[VocReport, str]:
    """Return the report in a page, and the page's language. Raises Unverifiable."""
    _, opens, rest = text.partition(_OPENS)
    body, closes, _ = rest.partition(_CLOSES)
    language = next((one for one in LANGUAGES if f'<html lang="{one}">' in text), "")
    if not (opens and closes and language):
        raise Unverifiable("no page of `ivr report voc`: there are no figures in it")
    return read_report(body.encode()), language


class _Names:
    """What themes and branches are called."""

    def __init__(self, taxonomy: TaxonomyDocument, language: str, words: Mapping[str, str]) -> None:
        self._language = language
        self._words = words
        self._themes = {name: one.name for name, one in taxonomy.taxonomy.items()}
        self._themes |= {name: one.name for name, one in taxonomy.themes().items()}
        self._branches = {number: one.name for number, one in taxonomy.branches.items()}

    def theme(self, name: str) -> str:
        """Return a theme's or a group's name."""
        found = self._themes.get(name)
        if found is None:
            return name or self._words["no_theme"]
        return found.get(self._language, name)

    def branch(self, number: str) -> str:
        """Return a branch's name, with its number."""
        found = self._branches.get(number)
        if found is None:
            return number or self._words["head_office"]
        return f"{found.get(self._language, number)} ({number})"


@cache
def _words(language: str) -> Mapping[str, str]:
    text = (files(__package__) / "words" / f"{language}.yaml").read_text("utf-8")
    found: dict[str, str] = yaml.safe_load(text)
    return found


@cache
def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader(__package__ or ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters.update(whole=_whole, rate=_rate, span=_span, share=_share, level=_level)
    return found


def _whole(value: Cell) -> str:
    return f"{value:,}" if isinstance(value, int) else "–"


def _rate(value: Any) -> str:
    """Write a rate: two decimals, three where it is small."""
    if value is None:
        return "–"
    return f"{value:.3f}" if 0 < value < 0.1 else f"{value:.2f}"


def _span(row: Mapping[str, Any]) -> str:
    """Write an interval."""
    if row["low"] is None:
        return "–"
    return f"{_rate(row['low'])} – {_rate(row['high']) if row['high'] is not None else '∞'}"


def _share(value: Any) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _level(value: Any) -> str:
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}"
