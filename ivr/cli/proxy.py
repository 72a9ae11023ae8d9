"""`ivr proxy`: the configuration of the SIP proxy in front of several Asterisks, made of OneCall's."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from ivr.adapters.asterisk.writing import write
from ivr.app.asterisk import flows_of, proxy_files
from ivr.app.config import folder, load_config
from ivr.cli.acting import stop
from ivr.cli.serve import ConfigFile
from ivr.cli.told import told
from ivr.model.errors import OneCallError

app = typer.Typer(
    no_args_is_help=True, help="The SIP proxy's side, where there are several Asterisks."
)


@app.callback()
def proxy() -> None:
    """The SIP proxy's side, where there are several Asterisks."""


@app.command("render")
@told
def render_command(
    to: Annotated[Path, typer.Argument(help="Where the files go; made if it is not there.")],
    config: ConfigFile = None,
) -> None:
    """Write Kamailio's configuration into a folder: the Asterisks of `ami`, the carrier, and agents of the
    flows in force with their passwords. docs/nodes.md says where each file goes.

    Example: ivr proxy render build/kamailio

    Exit status: 0 written, 2 it could not be: what to do is said.
    """
    try:
        settings = load_config(config)
        texts = proxy_files(settings, asyncio.run(flows_of(settings)))
        for name, text in texts.items():
            path = Path(name)
            write(folder(to / path.parent), {path.name: text})
    except OneCallError as error:
        raise stop("proxy render", error) from None
    typer.echo(f"{len(texts)} files in {to}; there are passwords in them")
