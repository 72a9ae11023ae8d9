"""`ivr cases`: what a person must see to, from its opening to its end."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from ivr.app.cases.book import Book
from ivr.app.cases.opening import case_book
from ivr.app.config import load_config
from ivr.app.ledger import who
from ivr.cli.acting import AsJson, Mistake, reason, stop
from ivr.cli.cases_view import history, listed, of_orders, said, shown
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError
from ivr.ports.cases import Acted, CaseFilter, Link, LinkKind, NewCase

app = typer.Typer()

COMMAND = "cases"
Number = Annotated[str, typer.Argument(help="The case, by its number of 8 digits.")]
By = Annotated[
    str | None,
    typer.Option(
        "--by",
        help="Who acts: an agent's number or your name; left out, it is this machine's user.",
    ),
]
Why = Annotated[str, typer.Option("--message", "-m", help="What to write into the case.")]
Owner = Annotated[str, typer.Option(help="Only this owner's: a desk, or an agent's number.")]
Past = Annotated[bool, typer.Option("--all", "-a", help="Those that are closed as well.")]
LINKS = {
    "call": LinkKind.CALL,
    "order": LinkKind.ORDER,
    "recording": LinkKind.RECORDING,
    "callback": LinkKind.CALLBACK,
    "case": LinkKind.CASE,
}


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
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Open a case.

    Example: ivr cases open complaint -m "was kept waiting for two hours" --customer C1001 --agent 1003

    Exit status: 0 open, 2 the book cannot be written, or there is no such kind.
    """

    async def opening(book: Book) -> Acted:
        known = [one.name for one in await book.kinds()]
        if kind not in known:
            raise Mistake(f"there is no kind of cases {kind!r}; there are {', '.join(known)}")
        return Acted(
            await book.open(
                NewCase(
                    key=key or f"cli:{secrets.token_hex(8)}",
                    kind=kind,
                    by=_who(by),
                    summary=reason(message),
                    customer=customer,
                    ani=ani,
                    language=language,
                    accused=tuple(agent or ()),
                )
            )
        )

    _act(config, opening, as_json)


@app.command("note")
def note_command(
    number: Number, message: Why, by: By = None, as_json: AsJson = False, config: ConfigFile = None
) -> None:
    """Write something into a case.

    Example: ivr cases note 12345679 -m "the branch rings back at noon"

    Exit status: 0 done, 1 it may not be, 2 the book cannot be written.
    """
    _act(config, lambda book: book.note(number, _who(by), message), as_json)


@app.command("assign")
def assign_command(
    number: Number,
    to: Annotated[str, typer.Argument(help="The new owner: a desk, or an agent's number.")],
    message: Why = "",
    by: By = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Give a case to another owner: the case travels, the customer is not sent away.

    Example: ivr cases assign 12345679 branch-101 -m "the counter's own matter"

    Exit status: 0 done, 1 it may not be, 2 the book cannot be written.
    """
    _act(config, lambda book: book.assign(number, _who(by), to, message), as_json)


@app.command("escalate")
def escalate_command(
    number: Number, message: Why, by: By = None, as_json: AsJson = False, config: ConfigFile = None
) -> None:
    """Give a case to the next owner of its kind's ladder.

    Example: ivr cases escalate 12345679 -m "the customer has written to the press"

    Exit status: 0 done, 1 it may not be, 2 the book cannot be written.
    """
    _act(config, lambda book: book.escalate(number, _who(by), message), as_json)


@app.command("extend")
def extend_command(
    number: Number,
    message: Why,
    approved_by: Annotated[
        str, typer.Option(help="Who approved it; left out, the case is made a complex one.")
    ] = "",
    by: By = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Give a case more time: once as a complex one, once more with somebody's approval.

    Example: ivr cases extend 12345679 -m "the other bank is slow" --approved-by zhou.min

    Exit status: 0 done, 1 it may not be, 2 the book cannot be written.
    """

    def extend(book: Book) -> Awaitable[Acted]:
        if approved_by:
            return book.extend(number, _who(by), message, approved_by)
        return book.make_complex(number, _who(by), message)

    _act(config, extend, as_json)


@app.command("accuse")
def accuse_command(
    number: Number,
    agent: Annotated[str, typer.Argument(help="The agent whom it is about, by their number.")],
    by: By = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Note whom a case is about: they have nothing to do with it from then on.

    Example: ivr cases accuse 12345679 1003

    Exit status: 0 done, 1 it may not be, 2 the book cannot be written.
    """
    _act(config, lambda book: book.accuse(number, _who(by), agent), as_json)


@app.command("answer")
def answer_command(
    number: Number, message: Why, by: By = None, as_json: AsJson = False, config: ConfigFile = None
) -> None:
    """Note what the customer was told was decided: it ends the clock.

    Example: ivr cases answer 12345679 -m "told by telephone that the fee is paid back"

    Exit status: 0 done, 1 it may not be, 2 the book cannot be written.
    """
    _act(config, lambda book: book.answer(number, _who(by), message), as_json)


@app.command("solve")
def solve_command(
    number: Number, message: Why, by: By = None, as_json: AsJson = False, config: ConfigFile = None
) -> None:
    """Note how a case was solved.

    Example: ivr cases solve 12345679 -m "the fee was paid back"

    Exit status: 0 done, 1 it may not be, 2 the book cannot be written.
    """
    _act(config, lambda book: book.solve(number, _who(by), message), as_json)


@app.command("close")
def close_command(
    number: Number, by: By = None, as_json: AsJson = False, config: ConfigFile = None
) -> None:
    """Close a case that is solved and answered; the customer is asked whether it is solved.

    Example: ivr cases close 12345679

    Exit status: 0 done, 1 it may not be, 2 the book cannot be written.
    """
    _act(config, lambda book: book.finish(number, _who(by)), as_json)


@app.command("reopen")
def reopen_command(
    number: Number, message: Why, by: By = None, as_json: AsJson = False, config: ConfigFile = None
) -> None:
    """Open a case again, with its clock anew.

    Example: ivr cases reopen 12345679 -m "the fee was taken once more"

    Exit status: 0 done, 1 it may not be, 2 the book cannot be written.
    """
    _act(config, lambda book: book.reopen(number, _who(by), message), as_json)


@app.command("link")
def link_command(
    number: Number,
    kind: Annotated[str, typer.Argument(help=f"What it is: {', '.join(LINKS)}.")],
    id_: Annotated[str, typer.Argument(metavar="ID", help="Its id.")],
    by: By = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Link something to a case: a call, an order, a recording, a callback, another case.

    Example: ivr cases link 12345679 call 1764000000.12

    Exit status: 0 done, 1 it may not be, 2 the book cannot be written, or it is no such thing.
    """
    if kind not in LINKS:
        raise stop(COMMAND, f"{kind!r} is nothing that can be linked; there are {', '.join(LINKS)}")
    link = Link(LINKS[kind], id_)
    _act(config, lambda book: book.link(number, _who(by), link), as_json)


def _act(config: Path | None, act: Callable[[Book], Awaitable[Acted]], as_json: bool) -> None:
    """Act on the book and say what came of it; end with a line about what is wrong."""

    async def acting() -> Acted:
        settings = load_config(config)
        async with case_book(settings) as book:
            await of_orders(settings, book)
            return await act(book)

    try:
        acted = asyncio.run(acting())
    except OneCallError as error:
        raise stop(COMMAND, error) from None
    if acted.refused is not None:
        raise stop(COMMAND, said(acted.refused), status=1)
    shown(acted, as_json)


def _who(name: str | None) -> str:
    """Return who acts. An agent's number stands alone: the law asks by it who was complained about."""
    return name or who()
