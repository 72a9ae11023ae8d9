"""`ivr cases note|assign|…`: what is done to a case, each by one who is known."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer

from ivr.app.cases.book import Book
from ivr.app.cases.opening import case_book
from ivr.app.config import Config, load_config
from ivr.cli.acting import AsJson, stop
from ivr.cli.cases_view import of_orders, said, shown
from ivr.cli.cases_who import By, ByFile, acts, approves
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError
from ivr.ports.cases import Acted, Link, LinkKind

T = TypeVar("T")
Acting = Callable[[Book, str], Awaitable[Acted]]
"""Does something by somebody."""

COMMAND = "cases"
STATUSES = (
    "Exit status: 0 done, 1 it may not be, 2 the book cannot be written, or who acts is not proven."
)
Number = Annotated[str, typer.Argument(help="The case, by its number of 8 digits.")]
Why = Annotated[str, typer.Option("--message", "-m", help="What to write into the case.")]
LINKS = {one.value: one for one in LinkKind}


class Written(msgspec.Struct, frozen=True):
    """An act that says something in words: its help, an example's words, and what does it."""

    help: str
    example: str
    does: Callable[[Book, str, str, str], Awaitable[Acted]]


WRITTEN: Mapping[str, Written] = {
    "note": Written("Write something into a case.", "the branch rings back at noon", Book.note),
    "escalate": Written(
        "Give a case to the next owner of its kind's ladder.",
        "the customer has written to the press",
        Book.escalate,
    ),
    "answer": Written(
        "Note what the customer was told was decided: it ends the clock.",
        "told by telephone that the fee is paid back",
        Book.answer,
    ),
    "solve": Written("Note how a case was solved.", "the fee was paid back", Book.solve),
    "reopen": Written(
        "Open a case again, with its clock anew.", "the fee was taken once more", Book.reopen
    ),
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for name, one in WRITTEN.items():
        app.command(name, help=_help(one.help, f'{name} 12345679 -m "{one.example}"'))(
            _writing(one)
        )
    app.command("assign")(assign_command)
    app.command("extend")(extend_command)
    app.command("accuse")(accuse_command)
    app.command("close")(close_command)
    app.command("link")(link_command)


def _help(does: str, example: str) -> str:
    return f"{does}\n\nExample: ivr cases {example}\n\n{STATUSES}"


def _writing(one: Written) -> Callable[..., None]:
    def command(
        number: Number,
        message: Why,
        by: By = None,
        by_file: ByFile = None,
        as_json: AsJson = False,
        config: ConfigFile = None,
    ) -> None:
        act(config, lambda book, who: one.does(book, number, who, message), by, by_file, as_json)

    return command


def assign_command(
    number: Number,
    to: Annotated[str, typer.Argument(help="The new owner: a desk, or an agent's number.")],
    message: Why = "",
    by: By = None,
    by_file: ByFile = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Give a case to another owner: the case travels, the customer is not sent away.

    Example: ivr cases assign 12345679 branch-101 -m "the counter's own matter"

    Exit status: 0 done, 1 it may not be, 2 the book cannot be written, or who acts is not proven.
    """
    act(config, lambda book, who: book.assign(number, who, to, message), by, by_file, as_json)


def extend_command(
    number: Number,
    message: Why,
    approved_by: Annotated[
        str,
        typer.Option(
            help="The supervisor who approves, by login name: their password is asked for. Left out, the"
            " case is made a complex one."
        ),
    ] = "",
    approval_file: Annotated[
        Path | None, typer.Option(help="A file of mode 0600 with that password.")
    ] = None,
    by: By = None,
    by_file: ByFile = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Give a case more time: once as a complex one, once more with a supervisor's approval.

    Example: ivr cases extend 12345679 -m "the other bank is slow" --approved-by grace.liu

    Exit status: 0 done, 1 it may not be, 2 the book cannot be written, or who acts or approves is not
    proven.
    """

    async def extend(book: Book, who: str) -> Acted:
        if not approved_by:
            return await book.make_complex(number, who, message)
        approver = await approves(load_config(config), approved_by, approval_file)
        return await book.extend(number, who, message, approver)

    act(config, extend, by, by_file, as_json)


def accuse_command(
    number: Number,
    agent: Annotated[str, typer.Argument(help="The agent whom it is about, by their number.")],
    by: By = None,
    by_file: ByFile = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Note whom a case is about: they have nothing to do with it from then on.

    Example: ivr cases accuse 12345679 1003

    Exit status: 0 done, 1 it may not be, 2 the book cannot be written, or who acts is not proven.
    """
    act(config, lambda book, who: book.accuse(number, who, agent), by, by_file, as_json)


def close_command(
    number: Number,
    by: By = None,
    by_file: ByFile = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Close a case that is solved and answered; the customer is asked whether it is solved.

    Example: ivr cases close 12345679

    Exit status: 0 done, 1 it may not be, 2 the book cannot be written, or who acts is not proven.
    """
    act(config, lambda book, who: book.finish(number, who), by, by_file, as_json)


def link_command(
    number: Number,
    kind: Annotated[str, typer.Argument(help=f"What it is: {', '.join(LINKS)}.")],
    id_: Annotated[str, typer.Argument(metavar="ID", help="Its id.")],
    by: By = None,
    by_file: ByFile = None,
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
    act(config, lambda book, who: book.link(number, who, link), by, by_file, as_json)


def act(
    config: Path | None, acting: Acting, by: str | None, by_file: Path | None, as_json: bool
) -> None:
    """Act on the book and say what came of it; end with a line about what is wrong."""

    async def done(settings: Config) -> Acted:
        who = await acts(settings, by, by_file)
        async with case_book(settings) as book:
            await of_orders(settings, book)
            return await acting(book, who)

    acted = ran(config, done)
    if acted.refused is not None:
        raise stop(COMMAND, said(acted.refused), status=1)
    shown(acted, as_json)


def ran(config: Path | None, work: Callable[[Config], Awaitable[T]]) -> T:
    """Do something with a configuration; end with a line about what is wrong."""

    async def working() -> T:
        return await work(load_config(config))

    try:
        return asyncio.run(working())
    except OneCallError as error:
        raise stop(COMMAND, error) from None
