"""How cases are shown: tables with their clocks, histories, and why something may not be."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ivr.adapters.clock import SystemClock
from ivr.app.callbacks.outgoing import NoCalls
from ivr.app.cases.book import Book
from ivr.app.cases.opening import case_reader
from ivr.app.cases.taking import ORDERS, Taking
from ivr.app.config import Config, load_config
from ivr.app.orders import LEDGER, order_ledger, orders_server
from ivr.cli.acting import stop
from ivr.model.errors import OneCallError
from ivr.ports.cases import (
    Acted,
    Case,
    CaseEntry,
    CaseFilter,
    CaseRecord,
    CaseRefusal,
    CaseState,
)

COMMAND = "cases"
NEAR = timedelta(days=3)
"""So long before its customer must be answered a case is yellow."""
_REFUSED: Mapping[CaseRefusal, str] = {
    CaseRefusal.NO_CASE: "there is no such case; `ivr cases list --all` has them",
    CaseRefusal.ACCUSED: "an agent complained about has nothing to do with the case; name another",
    CaseRefusal.CLOSED: "the case is closed; `ivr cases reopen` opens it again",
    CaseRefusal.NOT_CLOSED: "the case is open already",
    CaseRefusal.NOT_OPEN: "the case is solved already; `ivr cases close` closes it",
    CaseRefusal.NO_SOLUTION: "there is no solution yet; write it with `ivr cases solve`",
    CaseRefusal.NOT_ANSWERED: "the customer was not told yet; write what they were told with "
    "`ivr cases answer`",
    CaseRefusal.NO_OWNER: "there is no such desk in flows/cases.yaml, and no such agent",
    CaseRefusal.SAME_OWNER: "they own it already",
    CaseRefusal.NO_STEP: "its kind has no further step of escalation; assign it",
    CaseRefusal.NO_CLOCK: "its kind has no such time, see flows/cases.yaml",
    CaseRefusal.TWICE: "that was done already",
    CaseRefusal.NOT_COMPLEX: "only a complex case is extended; make it one first, without "
    "--approved-by",
    CaseRefusal.NO_APPROVAL: "somebody else than its owner and you must have approved it",
    CaseRefusal.EMPTY: "there is nothing written; write it: -m '…'",
}


def said(refusal: CaseRefusal) -> str:
    """Return why something may not be, and what to do."""
    return _REFUSED[refusal]


def listed(config: Path | None, wanted: CaseFilter, as_json: bool) -> None:
    """List cases, those of orders that no engine has taken in yet among them."""
    try:
        settings = load_config(config)
        found = asyncio.run(_found(settings, wanted))
    except OneCallError as error:
        raise stop(COMMAND, error) from None
    if as_json:
        typer.echo(_json(found))
    elif found:
        Console(highlight=False).print(_table(found, SystemClock(settings.zone).now()))
    else:
        typer.echo("no open cases")


def history(config: Path | None, number: str, as_json: bool) -> None:
    """Show a case and what has happened to it."""

    async def read(settings: Config) -> tuple[CaseRecord | None, tuple[CaseEntry, ...]]:
        async with case_reader(settings) as book:
            return await book.get(number), await book.history(number)

    try:
        settings = load_config(config)
        case, entries = asyncio.run(read(settings))
    except OneCallError as error:
        raise stop(COMMAND, error) from None
    if case is None:
        raise stop(COMMAND, said(CaseRefusal.NO_CASE), status=1)
    if as_json:
        typer.echo(_json({"case": case, "history": entries}))
        return
    now = SystemClock(settings.zone).now()
    console = Console(highlight=False)
    console.print(_table([case], now))
    for label, text in _parts(case):
        console.print(f"{label}: {escape(text)}")
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("when", "who", "what", ""):
        table.add_column(heading, overflow="fold")
    for one in entries:
        details = ", ".join(f"{name} {value}" for name, value in one.said.items())
        at = one.at.astimezone(now.tzinfo)
        table.add_row(f"{at:%Y-%m-%d %H:%M}", escape(one.by), one.act, escape(details))
    console.print(table)


def shown(acted: Acted, as_json: bool) -> None:
    """Say what came of an act."""
    case = acted.case
    if case is None:
        return
    if as_json:
        typer.echo(_json(case))
        return
    due = f", to be answered by {case.due:%Y-%m-%d}" if case.due and not case.answered_at else ""
    typer.echo(f"case {case.number} is {case.state}, {case.owner} has it{due}")


async def of_orders(settings: Config, book: Book) -> None:
    """Take in the cases of orders, so that they can be acted on without an engine."""
    if _has_orders(settings):
        async with order_ledger(settings) as ledger:
            await Taking(book, ledger, NoCalls()).orders()


def _has_orders(settings: Config) -> bool:
    return orders_server(settings) is not None or (settings.state / LEDGER).exists()


async def _found(settings: Config, wanted: CaseFilter) -> list[CaseRecord]:
    async with case_reader(settings) as book:
        found = list(await book.find(wanted))
        if _has_orders(settings):
            async with order_ledger(settings) as ledger:
                for case in await ledger.list_open():
                    untaken = _untaken(case)
                    if await book.store.of_key(untaken.key) is None and _fits(untaken, wanted):
                        found.append(untaken)
    return found


def _untaken(case: Case) -> CaseRecord:
    """Return a case as the ledger of orders has it."""
    return CaseRecord(
        number=case.number,
        key=f"order:{case.number}",
        kind=case.kind,
        state=CaseState.OPEN,
        owner=case.owner,
        opened_at=case.opened_at,
        opened_by=ORDERS,
        customer=case.customer,
        facts=case.facts,
    )


def _fits(case: CaseRecord, wanted: CaseFilter) -> bool:
    names = ("owner", "kind", "customer")
    return all(getattr(wanted, name) in ("", getattr(case, name)) for name in names)


def _table(found: list[CaseRecord], now: datetime) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("case", "opened", "kind", "state", "owner", "answer by", "customer", "about"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("case", "opened"))
    for one in found:
        opened = one.opened_at.astimezone(now.tzinfo)
        about = one.summary or ", ".join(f"{name} {value}" for name, value in one.facts.items())
        row = (f"{opened:%Y-%m-%d %H:%M}", one.kind, one.state, one.owner, _clock(one, now))
        table.add_row(one.number, *row, one.customer, escape(about))
    return table


def _clock(case: CaseRecord, now: datetime) -> str:
    """Return by when the customer is answered: red when late, yellow when near."""
    if case.answered_at is not None:
        return "[green]answered[/green]"
    if case.due is None:
        return ""
    day = f"{case.due.astimezone(now.tzinfo):%Y-%m-%d}"
    if case.late(now):
        return f"[red]{day} late[/red]"
    return f"[yellow]{day}[/yellow]" if case.due - now < NEAR else day


def _parts(case: CaseRecord) -> list[tuple[str, str]]:
    """Return what else there is to a case."""
    links = ", ".join(f"{link.kind} {link.id}" for link in case.links)
    told = [
        ("complained about", ", ".join(case.accused)),
        ("belongs to it", links),
        ("the customer was told", case.answer),
        ("solution", case.solution),
        ("survey", case.survey),
    ]
    return [(label, text) for label, text in told if text]


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
