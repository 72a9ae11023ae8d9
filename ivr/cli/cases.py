"""`ivr cases`: what a person must see to, from its opening to its end."""

from __future__ import annotations

import secrets
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress

from ivr.app.cases.book import Book
from ivr.app.cases.opening import case_reader
from ivr.app.cases.verifying import Genuine, verify
from ivr.app.config import Config
from ivr.cli import cases_acts
from ivr.cli.acting import AsJson, Mistake, reason
from ivr.cli.cases_acts import COMMAND, Number, Why, act, ran
from ivr.cli.cases_view import history, listed
from ivr.cli.cases_who import By, ByFile
from ivr.cli.serve import ConfigFile
from ivr.ports.cases import Acted, CaseFilter, NewCase

app = typer.Typer()

Owner = Annotated[str, typer.Option(help="Only this owner's: a desk, or an agent's number.")]
Past = Annotated[bool, typer.Option("--all", "-a", help="Those that are closed as well.")]


@app.callback(invoke_without_command=True)
def cases(
    context: typer.Context, owner: Owner = "", as_json: AsJson = False, config: ConfigFile = None
) -> None:
    """What a person must see to. Without a command: the cases that are not closed, those to be answered
    first before others.

    Example: ivr cases --owner travel-desk

    Exit status: 0 they are listed, 2 the book cannot be read.
    """
    if context.invoked_subcommand is None:
        listed(config, CaseFilter(owner=owner), as_json)


@app.command("list")
def list_command(
    owner: Owner = "",
    kind: Annotated[str, typer.Option(help="Only this kind's.")] = "",
    customer: Annotated[str, typer.Option(help="Only this customer's.")] = "",
    past: Past = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """List cases with their clocks: red is late, yellow is to be answered within three days.

    Example: ivr cases list --kind complaint --all

    Exit status: 0 they are listed, 2 the book cannot be read.
    """
    wanted = CaseFilter(owner=owner, kind=kind, customer=customer, past=past)
    listed(config, wanted, as_json)


@app.command("show")
def show_command(number: Number, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Show a case and all that has happened to it.

    Example: ivr cases show 12345679

    Exit status: 0 shown, 1 there is no such case, 2 the book cannot be read.
    """
    history(config, number, as_json)


@app.command("open")
def open_command(
    kind: Annotated[str, typer.Argument(help="What it is: a kind of flows/cases.yaml.")],
    message: Why,
    customer: Annotated[str, typer.Option(help="The customer's number.")] = "",
    ani: Annotated[str, typer.Option("--number", help="The telephone they are reached at.")] = "",
    agent: Annotated[
        list[str] | None, typer.Option(help="An agent complained about; may be repeated.")
    ] = None,
    key: Annotated[
        str, typer.Option(help="Opens one case, however often it is run; left out, always one.")
    ] = "",
    language: Annotated[str, typer.Option(help="The language to speak.")] = "zh",
    by: By = None,
    by_file: ByFile = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Open a case.

    Example: ivr cases open complaint -m "was kept waiting for two hours" --customer C1001 --agent 1003

    Exit status: 0 open, 2 the book cannot be written, or there is no such kind.
    """

    async def opening(book: Book, who: str) -> Acted:
        known = [one.name for one in await book.kinds()]
        if kind not in known:
            raise Mistake(f"there is no kind of cases {kind!r}; there are {', '.join(known)}")
        return Acted(
            await book.open(
                NewCase(
                    key=key or f"cli:{secrets.token_hex(8)}",
                    kind=kind,
                    by=who,
                    summary=reason(message),
                    customer=customer,
                    ani=ani,
                    language=language,
                    accused=tuple(agent or ()),
                )
            )
        )

    act(config, opening, by, by_file, as_json)


@app.command("verify")
def verify_command(
    head: Annotated[
        str, typer.Option(help="A head that was printed before, N:SEAL: is it still in there?")
    ] = "",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Read the book of cases whole: every entry follows the one before it by its hash and by the law, every
    case is what its entries come to, and none was taken out.

    Example: ivr cases verify --head 4711:9f86d081…

    Exit status: 0 all is genuine, 1 something was tampered with: what is told, 2 the book cannot be read.
    """
    console = Console(stderr=True)

    async def reading(settings: Config) -> Genuine:
        hidden = as_json or not console.is_terminal
        with Progress(console=console, transient=True, disable=hidden) as bar:
            task = bar.add_task("cases")
            async with case_reader(settings) as book:
                return await verify(
                    book.store, lambda done, of: bar.update(task, completed=done, total=of), head
                )

    found = ran(config, reading)
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
    else:
        for fault in found.faults:
            typer.echo(f"ivr {COMMAND}: {fault}", err=True)
        said = f"faults: {len(found.faults)}" if found.faults else "all are genuine"
        typer.echo(f"{found.entries} entries of {found.cases} cases: {said}")
        if not found.faults:
            typer.echo(f"the head is {found.head}; kept elsewhere, --head finds it again")
    if found.faults:
        raise typer.Exit(1)


cases_acts.register(app)
