"""`ivr report survey`: coverage, what callers say, and whether agents choose who is asked."""

from __future__ import annotations

import asyncio
import csv
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, TextIO
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.table import Table as Shown

from ivr.adapters.clock import SystemClock
from ivr.adapters.surveypage.page import heading
from ivr.adapters.surveypage.sections import Section, Table, sections, words
from ivr.app.config import Config, load_config
from ivr.app.surveyreport import survey_report
from ivr.centre.kpi.intervals import span
from ivr.centre.surveyreport.report import Report, Wanted
from ivr.centre.surveyreport.rows import HEAD, rows
from ivr.cli import period
from ivr.cli.acting import AsJson, Mistake, stop
from ivr.cli.figures import Tongue
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError

_DAYS = 30
_WIDE = 160


def survey(
    first: Annotated[
        str, typer.Option("--from", help="The first day: a date, today or yesterday.")
    ] = "",
    last: Annotated[str, typer.Option("--until", help="The last day, itself included.")] = "today",
    queue: Annotated[str, typer.Option(help="Only calls of this queue.")] = "",
    agent: Annotated[str, typer.Option(help="Only calls with this agent.")] = "",
    language: Annotated[Tongue, typer.Option("--language", "-l", help="Of words.")] = Tongue.EN,
    as_csv: Annotated[
        str, typer.Option("--csv", help="Write every figure into this file; - is standard output.")
    ] = "",
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a page with pictures: report.html.")
    ] = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Report who was asked about the service and what they say; docs/survey-report.md defines every figure.

    Without dates, the last 30 days. Coverage, response, CSAT, NPS and FCR, raw and weighted; whether those
    who say nothing differ; whether agents choose who is asked; what is rewarded. Examples:

    ivr report survey --from 2026-10-01 --until 2026-10-31 --html october.html

    ivr report survey --queue loans --csv -

    Exit status: 0 reported, 1 no call ended in this time, 2 it could not be.
    """
    try:
        settings = load_config(config)
        now = SystemClock(settings.zone).now()
        wanted = _wanted(first, last, queue, agent, now)
        _check_folders(html, Path(as_csv))
        report = _report(settings, wanted, now)
        if not report.whole.calls:
            raise stop("report survey", f"{heading(wanted, words('en'))}: no call ended", 1)
        _say(report, language.value, as_csv, html, as_json)
    except OneCallError as error:
        raise stop("report survey", error) from None


def _wanted(first: str, last: str, queue: str, agent: str, now: datetime) -> Wanted:
    until = period.day(last, now.date())
    begins = period.day(first, now.date()) if first else until - timedelta(days=_DAYS - 1)
    if begins > until:
        raise Mistake(f"--from {begins} is after --until {until}; turn them round")
    if begins > now.date():
        raise Mistake(f"--from {begins} is still to come; today is {now.date()}")
    return Wanted(begins, until, queue, agent)


def _check_folders(*files: Path | None) -> None:
    """Refuse a file in no folder, before anything takes long."""
    for file in files:
        if file is not None and not file.parent.is_dir():
            raise Mistake(f"{file}: there is no folder {file.parent}; make it first")


def _report(settings: Config, wanted: Wanted, now: datetime) -> Report:
    zone = ZoneInfo(settings.zone)
    begins, ends = span(wanted.first, zone)[0], span(wanted.last, zone)[1]
    with _no_search(), period.progress(begins, min(now, ends)) as reached:
        return asyncio.run(survey_report(settings, wanted, now, reached))


@contextmanager
def _no_search() -> Iterator[None]:
    """Search for no garbage: a million calls pass by and leave no circles behind, and each search goes through
    all that is loaded."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _say(report: Report, language: str, as_csv: str, html: Path | None, as_json: bool) -> None:
    if html is not None:
        from ivr.app.surveypage import survey_page

        _write(html, survey_page(report, language))
    if as_csv == "-":
        _csv(sys.stdout, report)
    elif as_csv:
        with _opened(Path(as_csv)) as file:
            _csv(file, report)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(report)).decode())
    elif not as_csv and html is None:
        _print(report, language)


def _write(path: Path, text: str) -> None:
    with _opened(path) as file:
        file.write(text)
    typer.echo(f"written: {path}", err=True)


def _opened(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise Mistake(f"{path}: cannot be written: {error.strerror}") from None


def _csv(file: TextIO, report: Report) -> None:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(HEAD)
    out.writerows(rows(report))


def _print(report: Report, language: str) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDE
    t = words(language)
    console.print(f"[bold]{t['title']}[/]  {heading(report.wanted, t)}")
    for section in sections(report, language):
        _section(console, section)


def _section(console: Console, section: Section) -> None:
    console.print(f"\n[bold cyan]{section.title}[/]")
    for note in section.notes:
        console.print(f"[yellow]{note}[/]", soft_wrap=True)
    if not section.tables and not section.notes:
        console.print(section.text, soft_wrap=True)
    for table in section.tables:
        console.print(_table(table, table.title != section.title))


def _table(table: Table, titled: bool) -> Shown:
    shown = Shown(
        title=table.title if titled else None,
        title_justify="left",
        title_style="bold",
        box=None,
        padding=(0, 2, 0, 0),
    )
    for place, name in enumerate(table.head):
        text = place == 0 or place in table.texts
        shown.add_column(name, justify="left" if text else "right", no_wrap=not text)
    for place, row in enumerate(table.rows):
        shown.add_row(*row, style="bold red" if place in table.strong else None)
    return shown
