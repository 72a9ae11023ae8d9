"""`ivr reference`: write docs/steps/ from the step types and the models of what stands beside flows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from ivr.engine import order_reference, queue_reference, sheet_reference
from ivr.engine.reference import MARK, pages
from ivr.model.errors import OneCallError
from ivr.steps import discover


def reference(
    folder: Annotated[Path, typer.Argument(help="Where the pages go.")] = Path("docs/steps"),
) -> None:
    """Write the reference documentation: a page of Markdown for each step type, one for order types,
    one for queues and agents, one for each kind of further files.

    Example: ivr reference docs/steps

    Exit status: 0 written, 1 the folder cannot be written.
    """
    try:
        written = {
            **pages(discover()),
            order_reference.PAGE: order_reference.page(),
            queue_reference.PAGE: queue_reference.page(),
            **sheet_reference.pages(),
        }
        _write(folder, written)
    except (OneCallError, OSError) as error:
        typer.echo(f"ivr reference: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{len(written)} pages in {folder}")


def _write(folder: Path, written: Mapping[str, str]) -> None:
    """Write the pages, and delete those of step types that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in written.items():
        (folder / name).write_text(text, "utf-8")
    for old in folder.glob("*.md"):
        if old.name not in written and MARK in old.read_text("utf-8"):
            old.unlink()
