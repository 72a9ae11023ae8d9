"""`ivr draw`: a picture of flows, with or without what callers do in them."""

from __future__ import annotations

import asyncio
import enum
import sys
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from ivr.adapters.clock import SystemClock
from ivr.app.config import Config, load_config
from ivr.app.drawing import FORMATS, drawing
from ivr.app.simulation import Chosen, choose
from ivr.app.traffic import traffic_since
from ivr.cli import period
from ivr.cli.serve import ConfigFile
from ivr.engine.picture import Picture
from ivr.model.errors import FlowError, OneCallError


class Format(enum.StrEnum):
    """What a picture is drawn as."""

    SVG = "svg"
    MERMAID = "mermaid"
    DOT = "dot"


def draw(
    target: Annotated[
        str | None,
        typer.Argument(help="A flow's name or file, or a folder. Default: the configured flows."),
    ] = None,
    form: Annotated[
        Format | None,
        typer.Option("--format", "-f", help="Default: by the name of --out, else svg."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The file to write. Default: the output.")
    ] = None,
    heat: Annotated[
        bool, typer.Option("--heat", help="Show what callers did: busy ways wide and dark.")
    ] = False,
    since: Annotated[
        str, typer.Option(help="With --heat: how far back: 7d, 12h, 30m, or a date.")
    ] = "7d",
    flow: Annotated[
        str | None, typer.Option(help="Of a folder: only this flow and those it leads to.")
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", "-l", help="Whose texts. Default: each flow's own.")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Draw flows: one box a step, with the first words heard in it, one frame a flow.

    With --heat, from the store: how often each way was taken, and of each step the visits, the share
    of callers who hung up there, and the average time. Examples:

    ivr draw main --out main.svg ; ivr draw --heat --since 30d -o heat.svg ; ivr draw -f mermaid

    Exit status: 0 drawn, 2 it cannot be.
    """
    try:
        settings = load_config(config)
        chosen = _chosen(target, flow, settings)
        picture = _picture(chosen, settings, language, since if heat else None)
        _write(FORMATS[form or _by_name(out)](picture), out, form)
    except OneCallError as error:
        typer.echo(f"ivr draw: {error}", err=True)
        raise typer.Exit(2) from None


def _chosen(target: str | None, flow: str | None, config: Config) -> Chosen:
    """Return what is to be drawn. Raises FlowError."""
    chosen = choose(target or str(config.flows), config)
    if flow is None:
        return chosen
    if flow not in chosen.flows.flows:
        known = ", ".join(sorted(chosen.flows.flows))
        raise FlowError(f"there is no flow `{flow}`; there are {known}")
    return replace(chosen, flow=flow)


def _picture(chosen: Chosen, config: Config, language: str | None, since: str | None) -> Picture:
    if since is None:
        return drawing(chosen, config, language)
    now = SystemClock(config.zone).now()
    begin = period.since(since, now, config.zone)
    with period.progress(begin, now) as reached:
        (traffic,) = asyncio.run(traffic_since(config, begin, reached=reached))
    return drawing(chosen, config, language, traffic, begin)


_ENDINGS = {"": "svg", ".svg": "svg", ".mmd": "mermaid", ".gv": "dot", ".dot": "dot"}


def _by_name(out: Path | None) -> str:
    """Return the format that a file's name says. Raises FlowError for one that there is not."""
    ending = out.suffix.lower() if out is not None else ""
    if ending not in _ENDINGS:
        raise FlowError(
            f"{out}: no picture is written as {ending}; name it .svg, .mmd, .gv or .dot, or say --format"
        )
    return _ENDINGS[ending]


def _write(drawn: str, out: Path | None, form: Format | None) -> None:
    """Raises FlowError for a file that cannot be written."""
    if out is None:
        if form is None and sys.stdout.isatty():
            raise FlowError("SVG is for a browser: write --out flows.svg, or --format mermaid")
        typer.echo(drawn, nl=False)
        return
    try:
        out.write_text(drawn, "utf-8")
    except OSError as error:
        raise FlowError(f"{out}: cannot be written: {error.strerror}") from error
    typer.echo(
        f"{out} is drawn: open it in a browser" if out.suffix == ".svg" else f"{out} is drawn"
    )
