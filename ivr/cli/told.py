"""`--json` for commands that do something, and for those that write a text: what was done, as one object.

Commands that show things have a `--json` of their own, with what they show. All others are declared `@told`, and
print

    {"command": "agents pause", "given": {"agent": "1001", "reason": "lunch"}, "said": ["..."], "status": 0}

`given` is what was asked for, with the defaults that apply; `said` the lines that people see; `status` the exit
status. Nothing is printed where nothing came of it: why is on the error output, as ever.
"""

from __future__ import annotations

import functools
import inspect
import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any, get_type_hints

import typer

from ivr.cli.acting import AsJson


def told(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command a `--json`, which prints what it has done."""

    @functools.wraps(command)
    def telling(*, context: typer.Context, as_json: bool, **given: Any) -> None:
        if as_json:
            _tell(context.command_path.partition(" ")[2], command, given)
        else:
            command(**given)

    signature, own = (inspect.signature(one, eval_str=True) for one in (command, _own))
    telling.__annotations__ = {
        **command.__annotations__,
        **get_type_hints(_own, include_extras=True),
    }
    telling.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*signature.parameters.values(), *own.parameters.values()]
    )
    return telling


def _own(*, context: typer.Context, as_json: AsJson = False) -> None:
    """Stand for what a command is given beside its own parameters."""


def _tell(name: str, command: Callable[..., None], given: dict[str, Any]) -> None:
    said, status = io.StringIO(), 0
    try:
        with redirect_stdout(said):
            command(**given)
    except typer.Exit as ended:
        status = ended.exit_code
    lines = said.getvalue().splitlines()
    if lines or not status:
        found = {
            "command": name,
            "given": {name: _plain(value) for name, value in given.items() if value is not None},
            "said": lines,
            "status": status,
        }
        typer.echo(json.dumps(found, ensure_ascii=False))
    raise typer.Exit(status)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: a text, where it has none."""
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, bool | int | float) else str(value)
