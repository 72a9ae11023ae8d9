"""`ivr reference`: write docs/steps/ from the step types."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ivr.engine.reference import pages
from ivr.steps import discover


def reference(
    folder: Annotated[Path, typer.Argument(help="Where the pages go.")] = Path("docs/steps"),
) -> None:
    """Write the reference documentation of all step types, one Markdown page each."""
    folder.mkdir(parents=True, exist_ok=True)
    written = pages(discover())
    for name, text in written.items():
        (folder / name).write_text(text, "utf-8")
    for stale in folder.glob("*.md"):
        if stale.name not in written:
            stale.unlink()
    typer.echo(f"{len(written)} pages in {folder}")
