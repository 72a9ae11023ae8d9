"""`ivr why`: the story of a call."""

from __future__ import annotations

import asyncio
import enum
import json
from collections.abc import Mapping
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ivr.app.config import load_config
from ivr.app.why import Kind, Story, why
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError

_STYLES: Mapping[Kind, str] = {
    Kind.STEP: "bold cyan",
    Kind.EVENT: "",
    Kind.BECAUSE: "yellow",
    Kind.PORT: "dim",
    Kind.NOTE: "dim",
}
_INDENTS: Mapping[Kind, int] = {
    Kind.STEP: 0,
    Kind.NOTE: 0,
    Kind.EVENT: 2,
    Kind.PORT: 2,
    Kind.BECAUSE: 4,
}


class Language(enum.StrEnum):
    """What stories are told in."""

    ZH = "zh"
    EN = "en"


def tell(
    call: Annotated[str, typer.Argument(help="The call's id, or `last`.")] = "last",
    ani: Annotated[
        str, typer.Option(help="With `last`: the newest call of this caller's number.")
    ] = "",
    language: Annotated[
        Language, typer.Option("--language", "-l", help="What the story is told in.")
    ] = Language.EN,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    config: ConfigFile = None,
) -> None:
    """Tell what happened in a call: what was heard, keyed and decided, and because of what.

    Example: ivr why last --ani 13800001111 --language zh

    Keys of a secret are never told: they are kept nowhere. Exit status: 0 it is told, 2 there is no such
    call, or nothing could be read.
    """
    try:
        settings = load_config(config)
        story = asyncio.run(why(settings, call, ani, language))
    except OneCallError as error:
        typer.echo(f"ivr why: {error}", err=True)
        raise typer.Exit(2) from None
    if as_json:
        typer.echo(json.dumps(msgspec.to_builtins(story), ensure_ascii=False, indent=2))
        return
    _print(story, ZoneInfo(settings.zone))


def _print(story: Story, zone: ZoneInfo) -> None:
    table = Table.grid(padding=(0, 2))
    shown = ""
    for line in story.lines:
        clock = f"{line.at.astimezone(zone):%H:%M:%S}"
        text = Padding(
            Text(line.text, _STYLES[line.kind], overflow="fold"), (0, 0, 0, _INDENTS[line.kind])
        )
        table.add_row(Text(clock if clock != shown else "", "dim"), text)
        shown = clock
    console = Console(highlight=False)
    console.print(Text(f"{story.call.call_id}, {story.call.started.astimezone(zone):%Y-%m-%d}"))
    console.print(table)
