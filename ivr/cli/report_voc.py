"""`ivr report voc` and `ivr report verify`: what customers said in a month, and whether that is so."""

from __future__ import annotations

import asyncio
import csv
import enum
import hashlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import Progress

from ivr.adapters.clock import SystemClock
from ivr.adapters.voc.page import page
from ivr.app.config import Config, load_config
from ivr.app.voc.book import voc_book
from ivr.app.voc.making import Made, Wanted, make_report
from ivr.app.voc.taxonomies import Taxonomy, in_force
from ivr.app.voc.verifying import Verdict
from ivr.app.voc.verifying import verify as verify_file
from ivr.centre.voc.figures import VocReport, report_json
from ivr.centre.voc.values import Month
from ivr.cli.acting import AsJson, Mistake, stop
from ivr.cli.report_voc_view import show
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError
from ivr.ports.voc import KeptReport


class Language(enum.StrEnum):
    """What the page is written in."""

    ZH = "zh"
    EN = "en"


InMonth = Annotated[str, typer.Option("--month", help="The month: 2026-10; last month by itself.")]
OfBranch = Annotated[str, typer.Option("--branch", help="Only this branch, by its number.")]


def voc(
    month: InMonth = "",
    branch: OfBranch = "",
    language: Annotated[Language, typer.Option(help="The language of names.")] = Language.ZH,
    html: Annotated[
        Path | None, typer.Option(help="Write a page: one file, to be sent and printed.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Every figure as CSV.")] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Report what customers said in a month: volumes, themes, days out of control, hot topics, the menu
    steps that complaints come from, and what branches answered. docs/voc.md defines every figure.

    The report is kept in the state folder; `ivr report verify` computes it again. Examples:

    ivr report voc --month 2026-10 --language en --html october.html

    ivr report voc --month 2026-10 --branch 102 --json > dongcheng.json

    Exit status: 0 reported, 2 it could not be.
    """
    try:
        settings = load_config(config)
        taxonomy = asyncio.run(in_force(settings))
        made = make(settings, taxonomy, month, branch)
        report = made.report
        book = voc_book(settings)
        body = report_json(report)
        sha256 = hashlib.sha256(body).hexdigest()
        book.keep(KeptReport(report.month, sha256, body, taxonomy.sha256, taxonomy.text))
        if html is not None:
            _write(html, page(report, taxonomy.document, language))
    except OneCallError as error:
        raise stop("report voc", error) from None
    if as_json:
        typer.echo(body.decode(), nl=False)
    elif as_csv:
        _csv(report)
    elif html is None:
        show(report, taxonomy.document, language, Console(highlight=False))
    else:
        typer.echo(f"{report.month}: written to {html}; its figures are kept as {sha256[:12]}")


def verify(
    file: Annotated[Path, typer.Argument(help="A page or JSON of `ivr report voc`.")],
    config: ConfigFile = None,
) -> None:
    """Compute a report again from stored events, and compare every byte of the file.

    Example: ivr report verify october.html

    Exit status: 0 it is what is computed again, 1 it is not (the first figure that differs is told),
    2 it cannot be computed again here.
    """
    try:
        settings = load_config(config)
        verdict = _verdict(settings, _read(file))
    except OneCallError as error:
        raise stop("report verify", error) from None
    if verdict.wrong:
        raise stop("report verify", f"{file}: {verdict.wrong}", 1)
    report = verdict.report
    rows = sum(one.rows for one in report.sources.values())
    typer.echo(
        f"{file}: {len(report.figures)} figures of {report.month} computed again from {rows:,} rows, each byte the same"
    )


def make(config: Config, taxonomy: Taxonomy, month: str, branch: str) -> Made:
    """Make a report for a command. Raises Mistake for no month or branch, PortError, ConfigError."""
    if branch and branch not in taxonomy.document.branches:
        known = ", ".join(taxonomy.document.branches) or "none"
        raise Mistake(f"there is no branch `{branch}` in taxonomy.yaml; there are {known}")
    wanted = Wanted(month_of(month, SystemClock(config.zone).now()), branch)
    with _progress(wanted.month, ZoneInfo(config.zone)) as reached:
        return asyncio.run(make_report(config, taxonomy, voc_book(config), wanted, reached))


def month_of(text: str, now: datetime) -> Month:
    """Return the month that a text is; of none, the last. Raises Mistake."""
    if not text:
        return Month(now.year, now.month).before
    try:
        return Month.of(text)
    except ValueError:
        raise Mistake(f"`{text}` is no month; write one like 2026-10") from None


def _verdict(config: Config, body: bytes) -> Verdict:
    with _progress(None, ZoneInfo(config.zone)) as reached:
        return asyncio.run(verify_file(config, voc_book(config), body, reached))


@contextmanager
def _progress(month: Month | None, zone: ZoneInfo) -> Iterator[Callable[[str, int], None]]:
    """Show on the terminal, as long as it lasts, which month is read and up to when."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(str(month or ""), total=100)

        def reached(name: str, at_ms: int) -> None:
            of = Month.of(name)
            begins, ends = of.begins(zone).timestamp(), of.ends(zone).timestamp()
            done = 100 * (at_ms / 1000 - begins) / (ends - begins)
            bar.update(task, completed=done, description=name)

        yield reached


def _csv(report: VocReport) -> None:
    """Write every cell of every figure as a line."""
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(("figure", "row", "field", "value"))
    for figure in report.figures:
        for number, row in enumerate(figure.rows, 1):
            for field, value in row.items():
                out.writerow((figure.name, number, field, "" if value is None else value))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Mistake(f"{file}: cannot be read: {error.strerror}") from None


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise Mistake(f"{file}: cannot be written: {error.strerror}") from None
