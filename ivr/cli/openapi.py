"""`ivr openapi`: the document that a bank implements."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ivr.cli.acting import stop


def openapi(
    out: Annotated[Path | None, typer.Option(help="Write it to this file.")] = None,
) -> None:
    """Print the OpenAPI document of the ports that a bank may connect its own systems to.

    Example: ivr openapi --out docs/api/openapi.json

    Exit status: 0 printed or written, 2 the file cannot be written.
    """
    # It takes a while to load, and no other command needs it.
    from ivr.app.openapi import published

    if out is None:
        typer.echo(published(), nl=False)
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(published(), "utf-8")
    except OSError as error:
        raise stop("openapi", f"{out}: cannot be written: {error.strerror}") from None
    typer.echo(f"written to {out}")
