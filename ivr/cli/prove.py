"""`ivr prove`: go every way that a call can go, and show the shortest where something is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec.structs import asdict
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from ivr.adapters.sim.callers import dump_caller
from ivr.app.config import Config, folder, load_config
from ivr.app.flows import known
from ivr.app.proving import Finding, Proof, prove_flows
from ivr.app.simulation import Chosen, choose
from ivr.cli.serve import ConfigFile
from ivr.engine.check import check
from ivr.model.duration import milliseconds
from ivr.model.errors import FlowError, OneCallError
from ivr.model.problem import BadValue, Severity

FOLDER = Path("counter-examples")


def prove(
    flow: Annotated[
        str, typer.Argument(help="A folder of flows, a flow's file, or a flow's name in ./flows.")
    ] = "flows",
    failures: Annotated[
        int | None,
        typer.Option(
            min=0, max=20, help="Help must be within so many failures (as configured: 3)."
        ),
    ] = None,
    within: Annotated[
        str | None, typer.Option(help="Help must be within this time (as configured: 120s).")
    ] = None,
    save: Annotated[
        Path, typer.Option(help="Where counter-examples are saved, as scripted callers.")
    ] = FOLDER,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    config: ConfigFile = None,
) -> None:
    """Prove flows: run the interpreter with every answer that callers, ports and calendars can give.

    Every way ends; a person or a promised call back is near from everywhere; no money below its
    level; no secret is told; every hang-up and every error is taken; nothing goes round by itself; no
    step is dead; 0, 9, * and # are the same to every caller. What does not hold is shown by the fewest
    keys, and saved for `ivr simulate --script`. For example: ivr prove flows --failures 2 --within 60s

    Exit status: 0 proved, 1 something does not hold, 2 the flows cannot be used.
    """
    try:
        settings = load_config(config)
        chosen = choose(flow, settings)
        _refuse_mistakes(chosen, settings)
        within_ms = _within(within) if within is not None else None
        proof = _prove(chosen, settings, failures, within_ms, quiet=as_json)
        saved = [_save(one, save) for one in proof.findings]
    except OneCallError as error:
        typer.echo(f"ivr prove: {error}", err=True)
        raise typer.Exit(2) from None
    if as_json:
        typer.echo(json.dumps(_as_json(proof, saved), ensure_ascii=False, indent=2))
    else:
        _print(proof, saved, flow)
    raise typer.Exit(0 if proof.ok else 1)


def _refuse_mistakes(chosen: Chosen, settings: Config) -> None:
    """Raise FlowError for flows that `ivr check` would not pass."""
    wrong = [
        one for one in check(chosen.flows, known(settings, None)) if one.severity is Severity.ERROR
    ]
    if wrong:
        lines = "\n".join(map(str, wrong))
        raise FlowError(f"mend first what `ivr check` finds:\n{lines}")


def _within(text: str) -> int:
    """Return a duration in milliseconds. Raises FlowError for what is none."""
    try:
        return milliseconds(text)
    except BadValue as error:
        raise FlowError(f"--within: {error.problem}; {error.hint}") from None


def _prove(
    chosen: Chosen, settings: Config, failures: int | None, within_ms: int | None, *, quiet: bool
) -> Proof:
    columns = (TextColumn("states"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    hidden = quiet or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as progress:
        task = progress.add_task("states", total=None)
        return prove_flows(
            chosen.flows,
            settings,
            flow=chosen.flow,
            failures=failures,
            within_ms=within_ms,
            progress=lambda done, of: progress.update(task, completed=done, total=of),
        )


def _save(finding: Finding, where: Path) -> Path | None:
    """Write a counter-example; return its file. Raises ConfigError or FlowError where it cannot be."""
    if finding.caller is None:
        return None
    place = finding.problem.place
    name = f"{finding.problem.code}-{Path(place.file).stem}-{place.line}.yaml".lower()
    file = folder(where) / name
    try:
        file.write_text(dump_caller(finding.caller), "utf-8")
    except OSError as error:
        raise FlowError(f"{file}: cannot be written: {error.strerror}") from error
    return file


def _print(proof: Proof, saved: list[Path | None], flow: str) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for finding, file in zip(proof.findings, saved, strict=True):
        problem = finding.problem
        line = Text(f"{problem.place}: ", "bold")
        line.append(f"{problem.code} ", "red")
        line.append(problem.message, "default")
        console.print(line)
        console.print(Text(f"    {problem.hint}", "dim"))
        if finding.keys:
            console.print(Text(f"    keys: {finding.keys}"))
        if file is not None and finding.shown:
            console.print(Text(f"    see it: ivr simulate {flow} --script {file}"))
        elif finding.keys:
            console.print(Text("    the simulator's own bank does not answer so", "dim"))
    told = proof.statistics
    verdict = "proved" if proof.ok else f"{len(proof.findings)} do not hold"
    console.print(
        f"{verdict}: {told.steps} steps, {told.states} states, {told.transitions} transitions, "
        f"{told.seconds:.1f} s, {told.peak_mib:.0f} MiB; "
        f"help within {proof.failures} failures and {proof.within_ms / 1000:g} s"
    )


def _as_json(proof: Proof, saved: list[Path | None]) -> dict[str, Any]:
    return {
        "proved": proof.ok,
        "failures": proof.failures,
        "within_ms": proof.within_ms,
        **asdict(proof.statistics),
        "findings": [
            {
                "code": finding.problem.code,
                "file": finding.problem.place.file,
                "line": finding.problem.place.line,
                "column": finding.problem.place.column,
                "message": finding.problem.message,
                "hint": finding.problem.hint,
                "keys": finding.keys,
                "shown": finding.shown,
                "caller": str(file) if file is not None else None,
            }
            for finding, file in zip(proof.findings, saved, strict=True)
        ],
    }
