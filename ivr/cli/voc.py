"""`ivr voc`: what customers said, one by one; corrections; and what branches do about it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.clock import SystemClock
from ivr.adapters.voc.classifier import CharacterLearning
from ivr.app.config import load_config
from ivr.app.ledger import who
from ivr.app.voc.book import voc_book
from ivr.app.voc.items import text_of_item
from ivr.app.voc.taxonomies import in_force
from ivr.centre.voc import feedback
from ivr.centre.voc.classifying import corrections, lessons
from ivr.centre.voc.feedback import Tracked, tracked
from ivr.centre.voc.values import Classified
from ivr.cli.acting import As, AsJson, Mistake, Why, reason, stop
from ivr.cli.report_voc import InMonth, OfBranch, make
from ivr.cli.serve import ConfigFile
from ivr.cli.told import told
from ivr.model.errors import OneCallError
from ivr.ports.voc import Corrected

app = typer.Typer(
    no_args_is_help=True,
    help="What customers said: see and correct it, send it to branches, track their replies.",
)
_WIDE = 200
Feedback = Annotated[str, typer.Argument(help="Its name: 2026-10/102/cards.fees.")]


@app.command()
def items(
    month: InMonth = "",
    branch: OfBranch = "",
    theme: Annotated[str, typer.Option(help="Only this theme: cards.fees.")] = "",
    unclassified: Annotated[
        bool, typer.Option("--unclassified", "-u", help="Only what has no theme.")
    ] = False,
    last: Annotated[int, typer.Option(min=0, help="How many at most, the newest; 0 for all.")] = 40,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """List what customers said in a month, the newest last.

    Example: ivr voc items --month 2026-10 --unclassified

    The words are customers' own: whoever reads them needs to. Exit status: 0 listed, 2 they cannot be
    read.
    """
    try:
        settings = load_config(config)
        material = make(settings, asyncio.run(in_force(settings)), month, branch).material
    except OneCallError as error:
        raise stop("voc items", error) from None
    said = sorted(material.said(material.now), key=lambda one: one.voice.at_ms)
    chosen = [one for one in said if _wanted(one, theme, unclassified)][-last:]
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(chosen)).decode())
    elif chosen:
        _console().print(_items(chosen, ZoneInfo(settings.zone)))
    else:
        typer.echo("nothing of that kind was said")


@app.command()
@told
def correct(
    item: Annotated[str, typer.Argument(help="Which: case:12345678, as `ivr voc items` names it.")],
    theme: Annotated[str, typer.Argument(help="Its theme: cards.fees.")],
    text: Annotated[
        str, typer.Option(help="What was said, where it was spoken: the classifier learns from it.")
    ] = "",
    as_: As = None,
    config: ConfigFile = None,
) -> None:
    """Say which theme something is of. It holds from now on, and the classifier learns from it.

    Example: ivr voc correct case:10000042 cards.fees

    Of a case, what is written in it is learnt. Exit status: 0 kept, 2 it cannot be.
    """
    try:
        settings = load_config(config)
        taxonomy = asyncio.run(in_force(settings)).document
        if theme not in taxonomy.themes():
            raise Mistake(f"there is no theme `{theme}`; there are {', '.join(taxonomy.themes())}")
        written = asyncio.run(text_of_item(settings, item))
        (entry,) = voc_book(settings).append(who(as_), Corrected(item, theme, text or written))
    except OneCallError as error:
        raise stop("voc correct", error) from None
    learnt = (
        "; the classifier learns from it" if text or written else "; it has no words to learn from"
    )
    typer.echo(f"{item} is of {theme} (entry {entry.number}){learnt}")


@app.command()
def accuracy(as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Say how good the classifier is: each correction is guessed by one that has learnt the others.

    Example: ivr voc accuracy

    Exit status: 0 measured, 1 there are too few corrections, 2 it cannot be measured.
    """
    try:
        settings = load_config(config)
        taxonomy = asyncio.run(in_force(settings)).document
        known = lessons(corrections(voc_book(settings).entries()), taxonomy)
        found = CharacterLearning().accuracy(known)
    except OneCallError as error:
        raise stop("voc accuracy", error) from None
    if found is None:
        raise stop(
            "voc accuracy",
            f"{len(known)} corrections with words: two themes with two each at least",
            1,
        )
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
        return
    table = _table("theme", "lessons", "F1")
    for name, (f1, count) in sorted(found.themes.items()):
        table.add_row(name, str(count), f"{f1:.3f}")
    table.add_row("all (accuracy)", str(found.lessons), f"{found.accuracy:.3f}")
    table.add_row("all (macro-F1)", str(found.lessons), f"{found.macro_f1:.3f}")
    _console().print(table)
    if found.lessons < taxonomy.classifier.least:
        typer.echo(f"reports ask it from {taxonomy.classifier.least} corrections on")


@app.command()
@told
def send(
    month: InMonth = "",
    branch: OfBranch = "",
    as_: As = None,
    config: ConfigFile = None,
) -> None:
    """Send a month's themes to the branches they are about: each is tracked until it is closed.

    Example: ivr voc send --month 2026-10

    What was sent is not sent again. Exit status: 0 sent (or nothing to send), 2 it cannot be.
    """
    try:
        settings = load_config(config)
        taxonomy = asyncio.run(in_force(settings))
        material = make(settings, taxonomy, month, branch).material
        book = voc_book(settings)
        known = tracked(book.entries())
        now, days = SystemClock(settings.zone).now(), taxonomy.document.feedback.days
        sent = feedback.to_send(material.month, material.now.matters, known, now, days, branch)
        if sent:
            book.append(who(as_), *sent)
    except OneCallError as error:
        raise stop("voc send", error) from None
    for one in sent:
        typer.echo(
            f"{one.feedback}: {one.matters} matters, {one.complaints} complaints, by {one.due:%Y-%m-%d}"
        )
    if not sent:
        typer.echo(f"nothing new of {material.month} for any branch")


@app.command()
def replies(
    month: Annotated[str, typer.Option(help="Only feedback on this month: 2026-10.")] = "",
    branch: OfBranch = "",
    open_: Annotated[bool, typer.Option("--open", help="Only what is not closed.")] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Show what was sent to branches, and what they have replied.

    Example: ivr voc replies --open

    Exit status: 0 shown, 2 they cannot be read.
    """
    try:
        settings = load_config(config)
        found = tracked(voc_book(settings).entries()).values()
    except OneCallError as error:
        raise stop("voc replies", error) from None
    chosen = [
        one
        for one in found
        if month in ("", one.sent.month)
        and branch in ("", one.sent.branch)
        and not (open_ and one.closed_at)
    ]
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(chosen)).decode())
    elif chosen:
        _console().print(_replies(chosen, SystemClock(settings.zone).now()))
    else:
        typer.echo("no feedback of that kind")


@app.command()
@told
def reply(name: Feedback, why: Why = "", as_: As = None, config: ConfigFile = None) -> None:
    """Reply for a branch: what was done, or why nothing was.

    Example: ivr voc reply 2026-10/102/cards.fees -m "fees of July paid back; the tariff is on the wall"

    Exit status: 0 kept, 2 it cannot be.
    """
    try:
        book = voc_book(load_config(config))
        book.append(who(as_), feedback.reply(tracked(book.entries()), name, reason(why)))
    except OneCallError as error:
        raise stop("voc reply", error) from None
    typer.echo(f"{name}: replied")


@app.command()
@told
def close(name: Feedback, why: Why = "", as_: As = None, config: ConfigFile = None) -> None:
    """Take a reply for good: that ends the feedback.

    Example: ivr voc close 2026-10/102/cards.fees -m "paid back to all 14"

    Exit status: 0 closed, 2 it cannot be.
    """
    try:
        book = voc_book(load_config(config))
        book.append(who(as_), feedback.close(tracked(book.entries()), name, reason(why)))
    except OneCallError as error:
        raise stop("voc close", error) from None
    typer.echo(f"{name}: closed")


def _console() -> Console:
    """Return the terminal; elsewhere lines are long enough to be searched."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDE
    return console


def _wanted(one: Classified, theme: str, unclassified: bool) -> bool:
    return theme in ("", one.theme) and not (unclassified and one.theme)


def _table(*headings: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for place, heading in enumerate(headings):
        table.add_column(heading, overflow="fold", no_wrap=place == 0)
    return table


def _items(said: list[Classified], zone: ZoneInfo) -> Table:
    table = _table("item", "when", "branch", "theme", "by", "", "words")
    for one in said:
        voice = one.voice
        at = datetime.fromtimestamp(voice.at_ms / 1000, UTC).astimezone(zone)
        words = voice.text or voice.answer or voice.disposition or voice.callback or voice.step
        cells: list[Any] = [voice.id, f"{at:%m-%d %H:%M}", voice.branch, one.theme, one.how.value]
        table.add_row(*cells, "complaint" if one.complaint else "", words.replace("\n", " / "))
    return table


def _replies(found: list[Tracked], now: datetime) -> Table:
    table = _table("feedback", "matters", "complaints", "due", "state", "reply", "how it ended")
    for one in found:
        sent = one.sent
        counts = (str(sent.matters), str(sent.complaints), f"{sent.due:%Y-%m-%d}")
        table.add_row(sent.feedback, *counts, one.standing(now).value, one.reply, one.how)
    return table
