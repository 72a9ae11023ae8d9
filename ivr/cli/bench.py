"""`ivr bench`: the figures of this machine, beside peers in the same run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

import ivr
from ivr.cli.acting import AsJson, Mistake, stop

CHECKOUT = Path(ivr.__file__).parents[1]


def bench(
    what: Annotated[
        str, typer.Argument(help="What to measure, such as synthetic or orders; `all` for all.")
    ] = "all",
    quick: Annotated[
        bool, typer.Option("--quick", help="A tiny run that shows that it works; no figures.")
    ] = False,
    rounds: Annotated[int | None, typer.Option(min=1, max=20, help="How many rounds.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure OneCall on this machine beside its peers (docs/benchmarks.md). It takes minutes, and wants a
    machine that does nothing else.

    Peers and synthetic callers are in a checkout of OneCall, and not in what is installed.

    Example: ivr bench synthetic --quick

    Exit status: 0 measured, 1 something that it needs did not start, 2 there is nothing to measure with.
    """
    if not (CHECKOUT / "bench" / "__main__.py").exists():
        raise stop(
            "bench", Mistake("no checkout of OneCall: clone it, `make venv`, and run it there")
        )
    command = [sys.executable, "-m", "bench", what]
    command += ["--quick"] if quick else []
    command += ["--rounds", str(rounds)] if rounds is not None else []
    command += ["--json"] if as_json else []
    # It brings Asterisks and engines up: a process of its own, which ends them at Ctrl-C.
    raise typer.Exit(subprocess.run(command, cwd=CHECKOUT, check=False).returncode)  # noqa: S603
