"""`ivr orders`: what callers have ordered, what became of it, and whether the ledger is intact."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ivr.adapters.clock import SystemClock
from ivr.app.config import Config, load_config
from ivr.app.evidence import evidence
from ivr.app.orders import order_ledger
from ivr.centre.ledger.verification import verify
from ivr.cli.acting import AsJson, stop
from ivr.cli.evidence_view import in_json, picture
from ivr.cli.period import day
from ivr.cli.serve import ConfigFile
from ivr.cli.told import told
from ivr.cli.why import Language
from ivr.model.errors import OneCallError
from ivr.ports.ledger import OrderLedger, OrderRecord, Wanted
from ivr.ports.orders import OrderState

T = TypeVar("T")

STYLES = {
    OrderState.POSTED: "green",
    OrderState.REJECTED: "red",
    OrderState.UNKNOWN: "bold yellow",
    OrderState.AUTHORISED: "yellow",
    OrderState.POSTING: "yellow",
}

app = typer.Typer()


class Line(msgspec.Struct, frozen=True):
    """An order as it is listed."""

    reference: str
    id: str
    kind: str
    state: OrderState
    customer: str
    at: datetime
    amount: str
    fee: str
    reason: str
    case: str
    call: str


@app.callback(invoke_without_command=True)
def orders(
    context: typer.Context,
    state: Annotated[
        list[OrderState] | None, typer.Option(help="Only orders in this state; may stand twice.")
    ] = None,
    customer: Annotated[str, typer.Option(help="Only this customer's, by number.")] = "",
    kind: Annotated[str, typer.Option(help="Only of this type, such as transfer.")] = "",
    on: Annotated[
        str, typer.Option("--day", help="Only begun on this day: today, yesterday, 2026-11-23.")
    ] = "",
    last: Annotated[int, typer.Option("--last", "-n", min=0, help="The latest; 0: all.")] = 20,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """List orders, the latest first.

    Example: ivr orders --state unknown --day today

    Exit status: 0 they are listed, 2 the ledger cannot be read.
    """
    if context.invoked_subcommand is not None:
        return
    settings = _loaded(config)
    wanted = Wanted(tuple(state or ()), customer, kind, most=last or None)
    if on:
        wanted = _on(wanted, on, settings)
    found = _asked("orders", settings, lambda ledger: ledger.select(wanted))
    zone = ZoneInfo(settings.zone)
    if as_json:
        listed = [_line(one, zone) for one in found]
        typer.echo(msgspec.json.format(msgspec.json.encode(listed), indent=2).decode())
    elif found:
        Console(highlight=False).print(_table(found, zone))
    else:
        typer.echo("no such orders")


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="An order's reference, or its id.")],
    language: Annotated[
        Language, typer.Option("--language", "-l", help="What it is told in.")
    ] = Language.EN,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Show the evidence of an order: what was read back, who authorised it, and every entry since.

    Example: ivr orders show 40316182 --language zh

    People see the last four digits of account numbers; --json has every entry's very bytes.
    Exit status: 0 it is shown, 2 there is none, or an entry was changed.
    """
    settings = _loaded(config)
    found = _asked("orders show", settings, lambda ledger: evidence(ledger, name))
    try:
        if as_json:
            typer.echo(in_json(found))
        else:
            Console(highlight=False).print(picture(found, language.value, settings))
    except OneCallError as error:
        raise stop("orders show", f"{error}; see `ivr orders verify`") from None


@app.command("verify")
@told
def verify_command(
    head: Annotated[
        str, typer.Option(help="A head that was printed before, N:SEAL: is it still in there?")
    ] = "",
    config: ConfigFile = None,
) -> None:
    """Compute every hash, every seal and every order again, and say what is not as it was written.

    Example: ivr orders verify --head 4711:9f86d081…

    Exit status: 0 all is as it was written, 1 something was changed, removed, moved or cut off,
    2 the ledger cannot be read.
    """
    settings = _loaded(config)
    found = _asked("orders verify", settings, lambda ledger: verify(ledger.contents(), head))
    for fault in found.faults:
        typer.echo(str(fault), err=True)
    if found.faults:
        typer.echo(
            "restore the ledger from a backup; `ivr reconcile` compares days with the bank",
            err=True,
        )
        raise typer.Exit(1)
    typer.echo(f"{found.n} entries of {found.orders} orders, each as it was written; the head is")
    typer.echo(f"{found.n}:{found.seal}")
    typer.echo("keep it elsewhere: with --head it shows later that nothing before it was cut off")


def _loaded(config: Any) -> Config:
    try:
        return load_config(config)
    except OneCallError as error:
        raise stop("orders", error) from None


def _asked(command: str, config: Config, ask: Callable[[OrderLedger], Awaitable[T]]) -> T:
    async def asking() -> T:
        async with order_ledger(config) as ledger:
            return await ask(ledger)

    try:
        return asyncio.run(asking())
    except OneCallError as error:
        raise stop(command, error) from None


def _on(wanted: Wanted, text: str, config: Config) -> Wanted:
    zone = ZoneInfo(config.zone)
    try:
        found = day(text, SystemClock(config.zone).now().date())
    except OneCallError as error:
        raise stop("orders", error) from None
    begin = datetime.combine(found, time(), zone)
    end = datetime.combine(found + timedelta(days=1), time(), zone)
    return msgspec.structs.replace(wanted, since=begin, until=end)


def _line(record: OrderRecord, zone: ZoneInfo) -> Line:
    order, draft = record.order, record.draft
    return Line(
        order.reference,
        order.id,
        order.kind,
        order.state,
        order.customer,
        order.at.astimezone(zone),
        str(order.amount),
        str(order.fee),
        order.reason,
        order.case,
        draft.call_id,
    )


def _table(found: tuple[OrderRecord, ...], zone: ZoneInfo) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("reference", "when", "kind", "customer", "amount", "state"):
        fixed = heading in ("reference", "when", "amount")
        table.add_column(heading, no_wrap=fixed, justify="right" if heading == "amount" else "left")
    for record in found:
        line = _line(record, zone)
        cells = (line.reference or line.id[:8], f"{line.at:%Y-%m-%d %H:%M}", line.kind)
        told = "\n".join(filter(None, (line.state, line.reason, line.case and f"case {line.case}")))
        state = Text(told, STYLES.get(line.state, "dim"))
        table.add_row(*cells, line.customer, line.amount, state)
    return table
