"""`ivr schema`: the JSON Schema of flow files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ivr.engine.schema import flow_schema
from ivr.model.errors import OneCallError
from ivr.steps import discover


def schema(
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write it to this file; else it is printed.")
    ] = None,
) -> None:
    """Write the JSON Schema of flow files, for completion and checks in an editor.

    For example: ivr schema --out flow.schema.json

    In VS Code with the YAML extension, begin a flow file with:
    # yaml-language-server: $schema=../flow.schema.json
    See docs/editors.md for other editors. Exit status: 0 it is written, 2 it cannot be.
    """
    try:
        text = json.dumps(flow_schema(discover()), ensure_ascii=False, indent=2) + "\n"
        if out is not None:
            out.write_text(text, encoding="utf-8")
    except OneCallError as error:
        raise _stop(str(error)) from None
    except OSError as error:
        raise _stop(f"{out}: cannot be written: {error.strerror}") from None
    typer.echo(text if out is None else f"written to {out}", nl=out is not None)


def _stop(problem: str) -> typer.Exit:
    typer.echo(f"ivr schema: {problem}", err=True)
    return typer.Exit(2)
